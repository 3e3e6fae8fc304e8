"""
The numbers of items by album, month, place and cell of the map.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..models import Identity, MonthTally, month_of
from .albums import update_albums
from .map import update_map
from .memberships import Membership
from .places import update_places
from .tallies import add_to_tallies


def update_counts(
    identity: Identity,
    before: Sequence[Membership],
    after: Sequence[Membership],
    titles: Mapping[str, str],
) -> None:
    """
    Update the counts after items have changed.

    :param titles: titles of albums by id.
    """
    update_albums(identity, before, after, titles)
    _update_months(identity, before, after)
    update_places(identity, before, after)
    update_map(identity, before, after)


def _update_months(
    identity: Identity, before: Sequence[Membership], after: Sequence[Membership]
) -> None:
    changes = Counter((each.kind, each.public, month_of(each.local_seconds)) for each in after)
    changes.subtract((each.kind, each.public, month_of(each.local_seconds)) for each in before)
    rows = [(*key, items) for key, items in sorted(changes.items()) if items]
    add_to_tallies(MonthTally, identity, ("kind", "public", "month"), ("items",), rows)
