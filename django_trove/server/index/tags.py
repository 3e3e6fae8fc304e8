"""
Tags of items, and the number of items per tag.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, F

from ..models import Identity, Item, ItemTag, Tag
from .batches import split_into_batches
from .values import MAX_TAG_LENGTH, normalize_tag

TAG_BATCH = 5000

# Fields of an item that its ItemTag rows repeat.
DENORMALIZED_FIELDS = ("taken_at_seconds", "local_seconds", "identity_id", "latitude", "longitude")


def update_tags(owner_id: Any, items: Sequence[Item]) -> None:
    """
    Update the tag rows and counts of saved items.
    """
    names = {item.pk: _tag_names(item.tags) for item in items}
    tags = _get_or_create_tags(
        owner_id, {(item.kind, name) for item in items for name in names[item.pk]}
    )
    expected = {
        (tags[item.kind, name], item.pk, *(getattr(item, field) for field in DENORMALIZED_FIELDS))
        for item in items
        for name in names[item.pk]
    }
    rows = ItemTag.objects.filter(item__in=names).values_list(
        "tag", "item", *DENORMALIZED_FIELDS, "pk"
    )
    present = {row[:-1]: row[-1] for row in rows}
    obsolete = {key: pk for key, pk in present.items() if key not in expected}
    new = expected - present.keys()
    for batch in split_into_batches(list(obsolete.values()), TAG_BATCH):
        ItemTag.objects.filter(pk__in=batch).delete()
    ItemTag.objects.bulk_create(
        ItemTag(tag_id=tag, item_id=item, **dict(zip(DENORMALIZED_FIELDS, values, strict=True)))
        for tag, item, *values in sorted(new, key=lambda row: row[:2])
    )
    changes = Counter(row[0] for row in new)
    changes.subtract(row[0] for row in obsolete)
    _update_counts(changes)


def remove_tags(items: Sequence[int]) -> None:
    """
    Subtract items from the counts of their tags before they are deleted.
    """
    tags = ItemTag.objects.filter(item__in=items).values_list("tag", flat=True)
    changes: Counter[int] = Counter()
    changes.subtract(tags)
    _update_counts(changes)


def remove_identity_tags(identity: Identity) -> None:
    """
    Subtract an account's items from the counts of their tags before it is deleted.
    """
    tags = ItemTag.objects.filter(item__identity=identity).values_list("tag").order_by()
    _update_counts(Counter({tag: -items for tag, items in tags.annotate(items=Count("pk"))}))


def _update_counts(changes: Counter[int]) -> None:
    """
    Add a difference to each tag's count, with one query per distinct difference.
    """
    by_difference: dict[int, list[int]] = defaultdict(list)
    for tag, difference in changes.items():
        by_difference[difference].append(tag)
    by_difference.pop(0, None)
    for difference, tags in by_difference.items():
        for batch in split_into_batches(tags, TAG_BATCH):
            Tag.objects.filter(pk__in=batch).update(items=F("items") + difference)


def _tag_names(tags: Iterable[str]) -> set[str]:
    names = (normalize_tag(tag) for tag in tags)
    return {name for name in names if name and len(name) <= MAX_TAG_LENGTH}


def _get_or_create_tags(owner_id: Any, keys: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """
    Return the ids of a user's tags by kind and name.
    """
    names = list({name for _, name in keys})

    def existing() -> dict[tuple[int, str], int]:
        return {
            (kind, name): pk
            for batch in split_into_batches(names, TAG_BATCH)
            for pk, kind, name in Tag.objects.filter(owner=owner_id, name__in=batch).values_list(
                "pk", "kind", "name"
            )
        }

    missing = sorted(keys - existing().keys())
    Tag.objects.bulk_create(
        [Tag(owner_id=owner_id, kind=kind, name=name) for kind, name in missing],
        ignore_conflicts=True,
    )
    return existing()
