"""
Suggestions of tags and places. The protocol has no call for a list of tags, so they are taken from
photos.
"""

from __future__ import annotations

from collections import Counter

from ..client import Query, TroveError
from ..services import Trove

SAMPLE_SIZE = 200
MAX_SUGGESTIONS = 100
MAX_TAG_LENGTH = 60


def suggest_tags(trove: Trove) -> list[str]:
    """
    Return the tags of the newest photos, the most frequent first, in the most frequent spelling.
    Return no tags if the Trove is unavailable.
    """
    try:
        newest = trove.photos(Query(count=SAMPLE_SIZE, total=False))
    except TroveError:
        return []
    spellings = Counter(tag for photo in newest for tag in photo.tags if _is_typable(tag))
    counts: Counter[str] = Counter()
    spelling_of: dict[str, str] = {}
    for tag, times in spellings.most_common():
        spelling_of.setdefault(tag.casefold(), tag)
        counts[tag.casefold()] += times
    return [spelling_of[tag] for tag, _ in counts.most_common(MAX_SUGGESTIONS)]


def suggest_places(trove: Trove) -> list[str]:
    """
    Return the names of the places with the most photos, or none if the Trove is unavailable.
    """
    try:
        places = trove.places(Query(count=MAX_SUGGESTIONS, total=False))
    except TroveError:
        return []
    return [str(each.place) for each in places]


def _is_typable(tag: str) -> bool:
    return 0 < len(tag) <= MAX_TAG_LENGTH and "," not in tag and tag.isprintable()
