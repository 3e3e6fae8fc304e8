"""
The words of a text (protocol, section 4.12).
"""

from __future__ import annotations

from unicodedata import normalize

DIACRITICS = frozenset(map(chr, range(0x300, 0x370)))
KANA_AND_HAN = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def split_words(text: str) -> list[str]:
    """
    Return the words of a text without case and diacritics.
    """
    letters = normalize("NFKD", text).casefold()
    composed = normalize("NFKC", "".join(char for char in letters if char not in DIACRITICS))
    return "".join(map(_space_out, composed)).split()


def _space_out(char: str) -> str:
    """
    Kana and Han are written without spaces, so each character is a word.
    """
    if not char.isalnum():
        return " "
    is_word = any(first <= ord(char) <= last for first, last in KANA_AND_HAN)
    return f" {char} " if is_word else char
