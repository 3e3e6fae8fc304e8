"""
Tags that somebody may mean: the protocol has no call for them, so they are read off their photos.
"""

from __future__ import annotations

from collections import Counter

from .client import Query, TroveError
from .services import Trove

__all__ = ["suggested_tags"]

NEWEST = 200  # photos that are looked at: one question, whose answer is kept as any other
MOST = 100
LONGEST = 60  # characters: what is longer is a sentence


def suggested_tags(trove: Trove) -> list[str]:
    """
    Return the tags of the newest photos, the most frequent first, each as it is written most often.

    :returns: none where the Trove can't be asked: the page has other things to say then.
    """
    try:
        newest = trove.photos(Query(count=NEWEST, total=False))
    except TroveError:
        return []
    written = Counter(tag for photo in newest for tag in photo.tags if _can_be_typed(tag))
    counted: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for tag, times in written.most_common():
        spelling.setdefault(tag.casefold(), tag)
        counted[tag.casefold()] += times
    return [spelling[tag] for tag, _ in counted.most_common(MOST)]


def _can_be_typed(tag: str) -> bool:
    return 0 < len(tag) <= LONGEST and "," not in tag and tag.isprintable()
