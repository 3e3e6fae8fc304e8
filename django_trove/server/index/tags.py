"""
The tags of items, kept in step with what the items say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F

from ..models import Identity, Item, ItemTag, Tag
from .values import MAX_TAG_LENGTH, normalize_tag

DENORMALIZED_FIELDS = ("taken_at_seconds", "identity_id", "latitude", "longitude")
"""What an item's tags repeat of it."""


def update_tags(owner_id: Any, items: Sequence[Item]) -> None:
    """
    Write the difference between the tags that items have and those that they say.

    :param owner_id: whose items these are.
    :param items: saved ones.
    """
    names = {item.pk: _tag_names(item.tags) for item in items}
    tags = _get_or_create_tags(
        owner_id, {(item.kind, name) for item in items for name in names[item.pk]}
    )
    wanted = {
        (tags[item.kind, name], item.pk, *(getattr(item, field) for field in DENORMALIZED_FIELDS))
        for item in items
        for name in names[item.pk]
    }
    rows = ItemTag.objects.filter(item__in=names).values_list(
        "tag", "item", *DENORMALIZED_FIELDS, "pk"
    )
    present = {row[:-1]: row[-1] for row in rows}
    late = {key: pk for key, pk in present.items() if key not in wanted}
    new = wanted - present.keys()
    if late:
        ItemTag.objects.filter(pk__in=late.values()).delete()
    ItemTag.objects.bulk_create(
        ItemTag(tag_id=tag, item_id=item, **dict(zip(DENORMALIZED_FIELDS, repeated, strict=True)))
        for tag, item, *repeated in sorted(new, key=lambda row: row[:2])
    )
    gained = Counter(row[0] for row in new)
    gained.subtract(row[0] for row in late)
    _update_counts(gained)


def remove_tags(items: Sequence[int]) -> None:
    """
    Take items that are about to go out of the counts of their tags.

    :param items: their ids.
    """
    _update_counts(
        Counter(
            {
                tag: -1 * times
                for tag, times in Counter(
                    ItemTag.objects.filter(item__in=items).values_list("tag", flat=True)
                ).items()
            }
        )
    )


def remove_identity_tags(identity: Identity) -> None:
    """
    Take all items of an account that is about to go out of the counts of their tags.
    """
    tags = ItemTag.objects.filter(item__identity=identity).values_list("tag").order_by()
    _update_counts(Counter({tag: -items for tag, items in tags.annotate(items=Count("pk"))}))


def _update_counts(gained: Counter[int]) -> None:
    """
    Count so many more items, or fewer, for each tag: one query for all tags of one difference.
    """
    by_difference: dict[int, list[int]] = defaultdict(list)
    for tag, difference in gained.items():
        by_difference[difference].append(tag)
    by_difference.pop(0, None)
    for difference, tags in by_difference.items():
        Tag.objects.filter(pk__in=tags).update(items=F("items") + difference)


def _tag_names(tags: Iterable[str]) -> set[str]:
    names = (normalize_tag(tag) for tag in tags)
    return {name for name in names if name and len(name) <= MAX_TAG_LENGTH}


def _get_or_create_tags(owner_id: Any, wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """
    Return the ids of a person's tags by kind and name, making those that are missing.
    """
    names = {name for _, name in wanted}

    def known() -> dict[tuple[int, str], int]:
        rows = Tag.objects.filter(owner=owner_id, name__in=names)
        return {(kind, name): pk for pk, kind, name in rows.values_list("pk", "kind", "name")}

    missing = sorted(wanted - known().keys())
    Tag.objects.bulk_create(
        [Tag(owner_id=owner_id, kind=kind, name=name) for kind, name in missing],
        ignore_conflicts=True,
    )
    return known()
