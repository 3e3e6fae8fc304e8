"""
Tags that somebody may mean: the protocol has no call for them, so they are read off their photos.
"""

from __future__ import annotations

from collections import Counter

from ..client import Query, TroveError
from ..services import Trove

SAMPLE_SIZE = 200  # photos that are looked at: one question, whose answer is kept as any other
MAX_SUGGESTIONS = 100
MAX_TAG_LENGTH = 60  # characters: what is longer is a sentence


def suggest_tags(trove: Trove) -> list[str]:
    """
    Return the tags of the newest photos, the most frequent first, each as it is written most often.

    :returns: none where the Trove can't be asked: the page has other things to say then.
    """
    try:
        newest = trove.photos(Query(count=SAMPLE_SIZE, total=False))
    except TroveError:
        return []
    written = Counter(tag for photo in newest for tag in photo.tags if _is_typable(tag))
    counted: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for tag, times in written.most_common():
        spelling.setdefault(tag.casefold(), tag)
        counted[tag.casefold()] += times
    return [spelling[tag] for tag, _ in counted.most_common(MAX_SUGGESTIONS)]


def _is_typable(tag: str) -> bool:
    return 0 < len(tag) <= MAX_TAG_LENGTH and "," not in tag and tag.isprintable()
