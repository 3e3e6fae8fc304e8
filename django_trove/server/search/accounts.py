"""
Conditions of querysets for the accounts of a query.
"""

from __future__ import annotations

from django.db.models import Q

from django_trove.client.query import Query

from ..index.values import parse_ids


def filter_accounts(query: Query) -> Q:
    condition = Q()
    if query.identities_by_id:
        condition &= Q(identity__in=parse_ids(query.identities_by_id))
    if query.services:
        condition &= Q(identity__service__in=query.services)
    return condition
