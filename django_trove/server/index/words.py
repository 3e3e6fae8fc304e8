"""
The words of titles and descriptions, as the index stores and compares them (protocol, section
4.12).
"""

from __future__ import annotations

import re
from itertools import chain
from unicodedata import normalize

MAX_WORDS = 1000
MAX_WORD_LENGTH = 100

DIACRITICS = re.compile("[\u0300-\u036f]")
UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Kana and Han: they are written without spaces, so each character is a word."""

WORD = re.compile(rf"(?=[^\W_])[{UNSPACED}]|[^\W_{UNSPACED}]+")

PIECE = re.compile(r"\S{1,1000}")
"""A part of a text that is normalized at once: the time grows with the square of the number of
successive combining characters."""

WORDS_VECTOR = "array_to_tsvector(string_to_array({}, ' '))"
"""The expression of a column of words that PostgreSQL indexes."""


def split_into_words(text: str) -> list[str]:
    """
    Return the different words without case and diacritics.
    """
    words = chain.from_iterable(map(_find_words, PIECE.findall(text)))
    return list(dict.fromkeys(word[:MAX_WORD_LENGTH] for word in words))


def normalize_name(text: str) -> str:
    """
    Return all words without case and diacritics, separated by spaces.
    """
    return " ".join(chain.from_iterable(map(_find_words, PIECE.findall(text))))


def _find_words(piece: str) -> list[str]:
    decomposed = DIACRITICS.sub("", normalize("NFKD", piece).casefold())
    return WORD.findall(normalize("NFKC", decomposed))


def join_words(*texts: str) -> str:
    """
    Return the first words of texts, separated by spaces.
    """
    return " ".join(split_into_words(" ".join(texts))[:MAX_WORDS])
