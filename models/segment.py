"""Cut Chinese text into words exactly as ``jieba.lcut`` does, at a tenth of its time and none of its start-up."""

from __future__ import annotations

import re

import rjieba

# rjieba keeps "2021-36", "0000-7334150" and "example.cn" whole where jieba's second pass cuts them at the marks.
# These are the words of jieba's dictionary that hold such marks and stay whole.
_DICTIONARY = frozenset(("AT&T", "c#", "C#", "c++", "C++"))
_MIXED = re.compile(r"[A-Za-z0-9+#&._%\-]*[+#&._\-][A-Za-z0-9+#&._%\-]*|%[A-Za-z0-9%]+|[A-Za-z]+%", re.ASCII)
_JIEBA_SKIP = re.compile(r"[A-Za-z0-9]+(?:\.\d+)?%?|[^A-Za-z0-9]+", re.ASCII)


def cut(text: str) -> list[str]:
    """Return the words of ``text``, marks and spaces included."""
    words: list[str] = rjieba.cut(text)
    if not _MIXED.search(text):
        return words
    mixed = {
        word: _JIEBA_SKIP.findall(word)
        for word in set(words)
        if len(word) > 1 and word.isascii() and word not in _DICTIONARY and _MIXED.fullmatch(word)
    }
    if not mixed:
        return words
    # Few words are mixed, so the stretches between them are taken over whole.
    cut_up: list[str] = []
    done = 0
    for at in [index for index, word in enumerate(words) if word in mixed]:
        cut_up += words[done:at]
        cut_up += mixed[words[at]]
        done = at + 1
    return cut_up + words[done:]
