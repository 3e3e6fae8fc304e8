"""
The tags of items, kept in step with what the items say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .models import Item, ItemTag, Tag
from .tags import LONGEST_TAG, normalised

__all__ = ["retag"]


def retag(owner_id: Any, items: Sequence[Item]) -> None:
    """
    Write the difference between the tags that items have and those that they say.

    :param owner_id: whose items these are.
    :param items: saved ones.
    """
    names = {item.pk: _names(item.tags) for item in items}
    tags = _tags(owner_id, set().union(*names.values()))
    wanted = {(tags[name], item.pk, item.moment) for item in items for name in names[item.pk]}
    present = {
        (tag, item, moment): pk
        for pk, tag, item, moment in ItemTag.objects.filter(item__in=names).values_list(
            "pk", "tag", "item", "moment"
        )
    }
    late = [pk for key, pk in present.items() if key not in wanted]
    if late:
        ItemTag.objects.filter(pk__in=late).delete()
    new = sorted(wanted - present.keys())
    ItemTag.objects.bulk_create(
        [ItemTag(tag_id=tag, item_id=item, moment=moment) for tag, item, moment in new],
        ignore_conflicts=True,
    )


def _names(tags: Iterable[str]) -> set[str]:
    names = (normalised(tag) for tag in tags)
    return {name for name in names if name and len(name) <= LONGEST_TAG}


def _tags(owner_id: Any, names: set[str]) -> dict[str, int]:
    """
    Return the ids of a person's tags by name, making those that are missing.
    """
    mine = Tag.objects.filter(owner=owner_id, name__in=names)
    known = dict(mine.values_list("name", "pk"))
    missing = sorted(names - known.keys())
    if missing:
        Tag.objects.bulk_create(
            [Tag(owner_id=owner_id, name=name) for name in missing], ignore_conflicts=True
        )
        known = dict(mine.values_list("name", "pk"))
    return known
