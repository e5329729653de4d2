"""TF-IDF features of words and character n-grams, computed with numpy and scipy alone.

The counts, weights and norms are those of scikit-learn's ``TfidfVectorizer`` (sublinear tf, smoothed idf, L2 norm), which
fits the vocabulary; here they are only looked up, for whole batches at a time.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from .segment import cut

_DIGITS = re.compile(r"\d+(?:[.,，]\d+)*")
_MASK = re.compile(r"[*×_]{1,}|某某?")
_END = "\0"

# Unigrams and bigrams share one key space: a bigram is (first + 1) << 21 | second, a unigram has first = -1.
_SHIFT = 21


def fold(texts: Sequence[str]) -> list[str]:
    """Return each text as the features see it: lower case, numbers as 0, masked words as 某, no white space."""
    # Texts are short, so they are folded all in one; the mark between them is no letter, digit, mask or space.
    joined = _END.join(text.replace(_END, "") for text in texts).lower()
    folded = "".join(_MASK.sub("某", _DIGITS.sub("0", joined)).split())
    return folded.split(_END) if len(texts) else []


# What makes a statement a reproach, a demand or a report of something done is a small set of words that combine with any
# object. Each class is one feature of its own, so that 有短板 is known as a reproach although training has seen it but twice.
CUE_WEIGHT = 0.3
_CUE_WORDS: tuple[tuple[str, str], ...] = (
    (
        "§lack",
        r"不(?!断|仅|忘初心|折不扣|得不|懈|少于|低于|超过|定期|同)|没有?|未(?!来|成年)|无(?!偿|障碍|线|烟|菌|害|缝)|缺|欠|难以|少(?!数民族)|差(?:距|错|$)|弱|短板|漏洞|隐患|死角|盲区|空白|滞后|迟缓|缓慢|脱节"
        r"|松(?!手)|散|乱|虚|空转|失[管察控真范]|过场|形式|应付|敷衍|照搬|随意|违规|违反|超标|超范围|拖|挂账|闲置|流失|偏|低(?!保|碳|值)|粗放|单一|老化|浪费|重复|雷同|代[签写打]|借|私自|擅自|截留|挪用|套取",
    ),
    (
        "§lack$",
        r"(?:不[一-鿿]{1,4}|有(?:所)?(?:差距|短板|欠缺|偏差|死角|漏洞|温差|落差|不足|弱项|反弹|抬头)|薄弱(?:环节)?|缺[失位乏]|不足|滞后|迟缓|缓慢|脱节|形式|过场|弱化|虚化|淡化|松[散懈弛]|混乱|随意|发生|存在|明显|缺口|"
        r"空白|隐患|风险|老化|单一|粗放|失[管察控真范]|乏力|偏[低弱软差慢少]|空转|了之)[”’]?$",
    ),
    (
        "§demand",
        r"^(?:要|应|须|必须|坚持|加强|强化|进一步|切实|确保|深入|持续|健全|完善|建立|严格|提高|提升|推进|推动|落实好|压实|扛起|聚焦|突出|把|认真|全面|积极|牢固|主动|着力)|(?:要|须|务必)(?:切实|坚决|认真|深入|进一步|严格|把|以|加)",
    ),
    ("§question", r"是否|有没有|能否|如何|怎么样|[？?]|重点(?:检查|看|了解|监督)|[一二三四五六七八九]看"),
    (
        "§done",
        r"^(?:目前|现|截至)?[，]?已|已(?:经)?(?:完成|整改|建立|制定|修订|印发|清退|追回|补|约谈|组织|安排|召开|对|将|按|责令|全部)|(?:开展|召开|组织|制定|修订|印发|建立|完善|清退|约谈|培训|补齐|下发)了?[^不未\n]{0,12}[0-9]*[^不未\n]{0,6}$|完成整改",
    ),
)
_CUES = tuple((name, re.compile(f"(?:{words}).*", re.MULTILINE)) for name, words in _CUE_WORDS)


def words_of(folded: str) -> list[str]:
    """Return the words of a folded text, punctuation left out."""
    return [word for word in cut(folded) if word.isalnum()]


def cues_of(folded: Sequence[str]) -> sp.csr_matrix:
    """Return (n, C) which classes of cue words each folded text shows."""
    # One search over all texts, a line each: a match takes the rest of its line with it, so that a text counts once.
    lines = "\n".join(folded)
    starts = np.cumsum([0, *(len(text) + 1 for text in folded[:-1])])
    shown = np.zeros((len(folded), len(_CUES)), np.float32)
    for column, (_, cue) in enumerate(_CUES):
        at = np.fromiter((match.start() for match in cue.finditer(lines)), np.int64)
        shown[np.searchsorted(starts, at, "right") - 1, column] = CUE_WEIGHT
    return sp.csr_matrix(shown)


def characters_of(folded: str) -> list[str]:
    """Return the characters and character pairs of a folded text."""
    return [*folded, *map("".join, itertools.pairwise(folded))]


def character_key(gram: str) -> int:
    """Return the key of a character or character pair in ``Vocabulary.grams``."""
    return ord(gram) if len(gram) == 1 else (ord(gram[0]) + 1) << _SHIFT | ord(gram[1])


@dataclass(frozen=True)
class Vocabulary:
    """Words and character n-grams with their idf.

    ``words`` (W,) and ``word_idf`` (W,); ``grams`` (G,) sorted int64 keys and ``gram_idf`` (G,). Columns of a feature
    matrix are the words, the grams, then the C classes of cue words.
    """

    words: tuple[str, ...]
    word_idf: NDArray[np.float32]
    grams: NDArray[np.int64]
    gram_idf: NDArray[np.float32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {word: i for i, word in enumerate((*self.words, _END))})
        object.__setattr__(self, "_table", _KeyTable(self.grams))

    @property
    def size(self) -> int:
        """Number of columns, W + G + C."""
        return len(self.words) + len(self.grams) + len(_CUES)

    def transform(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Return the features of ``texts`` (n, W + G + C); words and grams of a row each have norm 1, or 0 if none is known."""
        return sp.hstack(self.blocks(texts), format="csr", dtype=np.float32)

    def blocks(self, texts: Sequence[str]) -> tuple[sp.csr_matrix, sp.csr_matrix, sp.csr_matrix]:
        """Return the features side by side, unjoined: words (n, W), grams (n, G), cues (n, C)."""
        folded = fold(texts)
        return self._words(folded), self._grams(folded), cues_of(folded)

    def _words(self, folded: Sequence[str]) -> sp.csr_matrix:
        index: dict[str, int] = self._index  # type: ignore[attr-defined]
        # Cutting all texts at once saves a call for each; punctuation is in no vocabulary and drops out with unknown words.
        words = cut(_END.join(folded))
        columns = np.fromiter(map(index.get, words, itertools.repeat(-1)), np.int64, len(words))
        ends = columns == len(self.words)
        rows = np.cumsum(ends)
        known = (columns >= 0) & ~ends
        return _weighted(rows[known], columns[known], len(folded), self.word_idf)

    def _grams(self, folded: Sequence[str]) -> sp.csr_matrix:
        codes = np.frombuffer(_END.join(folded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        rows = np.cumsum(codes == 0)
        # A pair with an end in it is in no vocabulary.
        keys = np.concatenate([codes, (codes[:-1] + 1) << _SHIFT | codes[1:]])
        rows = np.concatenate([rows, rows[1:]])
        table: _KeyTable = self._table  # type: ignore[attr-defined]
        found = table.find(keys)
        known = found >= 0
        return _weighted(rows[known], found[known], len(folded), self.gram_idf)


class _KeyTable:
    """Finds the positions of int64 keys, whole arrays at a time: a hash table with open addressing.

    On a batch of findings it takes an eighth of the time of ``np.searchsorted``.
    """

    def __init__(self, keys: NDArray[np.int64]) -> None:
        self._bits = max(len(keys), 1).bit_length() + 2
        # The last entry stands for "nothing here" and equals no key.
        self._keys = np.append(keys, np.int64(-1))
        self._slots = np.full(1 << self._bits, len(keys), np.int32)
        at = self._hash(keys)
        homeless = np.arange(len(keys), dtype=np.int32)
        while len(homeless):
            arriving = homeless[self._slots[at[homeless]] == len(keys)]
            # Of several that want one slot the last written stays.
            self._slots[at[arriving]] = arriving
            homeless = homeless[self._slots[at[homeless]] != homeless]
            at[homeless] = self._next(at[homeless])

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return (n,) the position of each of ``keys``, -1 where it is none of the table's."""
        nothing = len(self._keys) - 1
        at = self._hash(keys)
        found = self._slots[at]
        unsure = np.flatnonzero(self._keys[found] != keys)
        missing = [unsure[found[unsure] == nothing]]
        unsure = unsure[found[unsure] != nothing]
        while len(unsure):
            at[unsure] = self._next(at[unsure])
            found[unsure] = self._slots[at[unsure]]
            missing.append(unsure[found[unsure] == nothing])
            unsure = unsure[(found[unsure] != nothing) & (self._keys[found[unsure]] != keys[unsure])]
        result = found.astype(np.int64)
        result[np.concatenate(missing)] = -1
        return result

    def _hash(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        # Multiplication by 2^64 over the golden ratio spreads neighbouring keys (Knuth, TAOCP 6.4).
        spread = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return (spread >> np.uint64(64 - self._bits)).astype(np.int64)

    def _next(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        return (at + 1) & ((1 << self._bits) - 1)


def _weighted(rows: NDArray[np.int64], columns: NDArray[np.int64], n: int, idf: NDArray[np.float32]) -> sp.csr_matrix:
    matrix = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, len(idf)))
    matrix.sum_duplicates()
    matrix.data = (1 + np.log(matrix.data)) * idf[matrix.indices]
    squares = (
        np.add.reduceat(np.append(matrix.data**2, 0), matrix.indptr[:-1].clip(max=len(matrix.data)))
        if n
        else np.zeros(0)
    )
    counts = np.diff(matrix.indptr)
    norms = np.sqrt(np.where(counts > 0, squares, 1))
    matrix.data /= np.repeat(norms, counts).astype(np.float32)
    return matrix
