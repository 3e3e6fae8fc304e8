"""
Each kind of query uses its index, on SQLite and PostgreSQL.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_trove.client.content import Photo
from django_trove.client.query import MAX_LENGTHS, Query
from django_trove.server.models import Identity, Tag
from django_trove.server.search.engine import search
from django_trove.server.search.filters import item_conditions
from django_trove.server.search.selection import ITEMS
from django_trove.server.search.sql import select

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor == "mysql",
        reason="query plans of MySQL are NOT tested",
    ),
]

DATE = datetime(2007, 3, 4, tzinfo=UTC)
BOX = {"geo_sw": (10.0, 10.0), "geo_ne": (10.2, 10.2)}


def _photo(number):
    """
    Photos at places all over the world; every other one has a second tag.
    """
    return Photo(
        id=str(number),
        tags=("a", "b")[: 1 + number % 2],
        date=DATE + timedelta(days=number),
        latitude=number / 4 - 80,
        longitude=number / 2 - 150,
        album_id=str(number % 50),
        public=number % 4 == 0,
    )


@pytest.fixture
def page_sql(person, identity, index):
    """
    Return the SQL of the query for a page's ids, or for the page, if it needs no other query.
    """
    other = Identity.objects.create(user=person, service="smugmug", service_id="1")
    for account, first in ((identity, 0), (other, 300)):
        index(*(_photo(number) for number in range(first, first + 300, 3)), into=account)

    def page_sql(**query):
        with CaptureQueriesContext(connection) as queries:
            search(person, Query(count=5, total=False, **query), "")
        page = next(query["sql"] for query in queries.captured_queries if "LIMIT 6" in query["sql"])
        ids = re.search(r"FROM \((SELECT .*)\) p JOIN", page)
        return ids[1] if ids else page

    return page_sql


@pytest.fixture
def plans(page_sql):
    """
    Return the plan of this query.
    """

    def plans(**query):
        page = page_sql(**query)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ANALYZE")
                cursor.execute(
                    "SET LOCAL enable_seqscan = off"
                )  # the planner prefers it for few rows
                for other in ("bitmapscan", "hashjoin", "mergejoin"):
                    cursor.execute(f"SET LOCAL enable_{other} = off")
            explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
            cursor.execute(f"{explain} {page}")
            return "\n".join(str(row) for row in cursor.fetchall())

    return plans


@pytest.mark.parametrize(
    ("query", "index_name"),
    [
        ({}, "trove_item_owner"),
        ({"order_by": ["service_date"]}, "trove_item_owner"),
        ({"page": 3}, "trove_item_owner"),
        ({"date_from": DATE, "date_to": DATE}, "trove_item_owner"),
        ({"day_from": DATE.date(), "day_to": DATE.date()}, "trove_item_owner"),
        ({"services": ["flickr"]}, "trove_item_service"),
        ({"public": True}, "trove_item_public"),
        ({"albums": ["7"]}, "trove_item_album"),
        ({"albums": ["7"], "public": True}, "trove_item_public_album"),
        ({"tags_required": ["a", "b"]}, "trove_item_tag_order"),
        ({"tags_required": ["a"], "date_from": DATE, **BOX}, "trove_item_tag_order"),
        (BOX, "trove_item_location"),
        ({"geo_near_center": (10.1, 10.1)}, "trove_item_location"),
    ],
)
def test_a_page_uses_its_index(plans, query, index_name):
    assert index_name in plans(**query)


def test_a_query_for_one_account_uses_its_index(plans, identity):
    assert "trove_item_identity" in plans(identities_by_id=[str(identity.pk)])


def test_a_query_for_an_album_of_one_account_uses_the_index_of_albums(plans, identity):
    plan = plans(albums=["7"], identities_by_id=[str(identity.pk)])
    assert "trove_item_album" in plan


def test_for_optional_tags_only_the_first_rows_of_each_are_read(plans):
    plan = plans(tags_optional=["a", "b"])
    assert plan.count("trove_item_tag_order") == 2
    assert "Seq Scan" not in plan


def test_a_page_by_date_is_not_sorted(plans):
    for query in ({}, {"tags_required": ["a", "b"]}, {"services": ["flickr"]}):
        plan = plans(**query)
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def test_a_page_after_a_cursor_starts_at_its_position_in_the_index(plans, person):
    for query in ({}, {"tags_required": ["a"]}, {"order_by": ["service_date"]}):
        after = search(person, Query(count=5, **query), "").after
        bound = r"(taken_at_seconds[<>]\?)|(Index Cond: .*taken_at_seconds [<>]= )"
        plan = plans(after=after, **query)
        assert re.search(bound, plan)
        assert not re.search("MULTI-INDEX OR|TEMP B-TREE|Sort", plan)


def test_for_required_tags_the_rows_of_the_rarest_are_scanned(page_sql):
    tags = dict(Tag.objects.values_list("name", "pk"))
    sql = page_sql(tags_required=["a", "b"])
    assert re.findall(r"r\.tag_id IN \(([0-9]+)\)", sql) == [str(tags["b"])]
    assert re.findall(r"t\.tag_id IN \(([0-9]+)\)", sql) == [str(tags["a"])]


def test_planning_does_not_grow_with_the_number_of_values(page_sql, index):
    """
    PostgreSQL needs seconds to plan 50 joins. The statement at the limit has as many joins as one
    with few values; a union has one part for each optional tag.
    """
    names = [f"t{number}" for number in range(60)]
    index(Photo(id="many", tags=tuple(names), date=DATE))
    few, many = (
        page_sql(
            tags_required=names[:tags],
            tags_optional=names[-tags:],
            services=["flickr", *map(str, range(services - 1))],
            identities_by_id=list(map(str, range(1, identities))),
            attributes={"title": "", "owner": "", "license": ""},
            **BOX,
        )
        for tags, services, identities in (
            (5, 2, 2),
            (MAX_LENGTHS["tags-required"], MAX_LENGTHS["services"], 100),
        )
    )
    assert _count_joins(few) == _count_joins(many) == 5
    few, many = (page_sql(tags_optional=names[:tags], **BOX) for tags in (5, 30))
    assert (_count_joins(few), _count_joins(many)) == (0, 0)
    assert (few.count(" UNION "), many.count(" UNION ")) == (4, MAX_LENGTHS["tags-optional"] - 1)


def _count_joins(sql):
    return len(re.findall(r"\bJOIN\b|\bEXISTS\b|\(SELECT COUNT", sql))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="requires PostgreSQL")
def test_words_use_their_index(db):
    (condition,) = item_conditions("r", Query(text="rare"), {}, "default")
    statement = select("r.id", ITEMS, condition)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement.text}", statement.params)
        assert "trove_item_words" in str(cursor.fetchall())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="requires SQLite")
def test_words_are_scanned_in_a_covering_index(plans):
    assert "COVERING INDEX trove_item_words" in plans(text="rare")
