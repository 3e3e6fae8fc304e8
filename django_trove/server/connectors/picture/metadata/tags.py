"""
Keywords and hierarchies of keywords.
"""

from __future__ import annotations

from collections.abc import Iterable

from .fields import unique_tags
from .text import clean_text

INTERNAL = ("_digikam", "darktable")  # hierarchies that programs create for themselves


def build_tags(
    keywords: Iterable[str], bar_paths: Iterable[str] = (), slash_paths: Iterable[str] = ()
) -> tuple[str, ...]:
    """
    Split hierarchies into their parts.

    :param keywords: not necessarily hierarchies: "AC/DC" is one keyword.
    :param bar_paths: hierarchies such as "Places|Italy|Rome".
    :param slash_paths: hierarchies such as "Places/Italy/Rome".
    """
    paths = [_split(path, "|") for path in bar_paths]
    paths += [_split(path, "/") for path in slash_paths]
    slashed = {"/".join(parts) for parts in paths if len(parts) > 1}
    paths = [parts for parts in paths if parts and not parts[0].casefold().startswith(INTERNAL)]
    flat = [tag for keyword in keywords for tag in _split_keyword(keyword, slashed)]
    return unique_tags([*flat, *(part for parts in paths for part in parts)])


def _split_keyword(keyword: str, paths: set[str]) -> list[str]:
    text = clean_text(keyword)
    if "|" in text:
        return _split(text, "|")
    return _split(text, "/") if text in paths or _is_path(text) else [text]


def _is_path(text: str) -> bool:
    """
    Return whether a keyword has at least three parts, each with a letter: not "AC/DC", "1/2/2012"
    or a URL.
    """
    parts = text.split("/")
    return len(parts) > 2 and all(any(map(str.isalpha, part)) for part in parts)


def _split(path: str, separator: str) -> list[str]:
    parts = (part.strip() for part in clean_text(path).split(separator))
    return [part for part in parts if part]
