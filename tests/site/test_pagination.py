from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db import connections

from django_trove.client import Query, QueryError, Unavailable
from django_trove.pagination import TrovePaginator
from django_trove.services import Trove

from .fake_trove_server import DOWN, photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def trove(account, fake_server):
    fake_server.photos = [photo(n) for n in range(5)]
    return Trove(account.user)


def ids(page):
    return [each.id for each in page]


class TestPaginatorInterface:
    """
    The results equal those of Django's paginator on the same photos.
    """

    @pytest.mark.parametrize("per_page", [1, 2, 3, 5, 6])
    def test_pages(self, trove, fake_server, per_page):
        paginator, django_paginator = (
            TrovePaginator(trove, per_page),
            Paginator(fake_server.photos, per_page),
        )
        assert (paginator.count, paginator.num_pages) == (
            django_paginator.count,
            django_paginator.num_pages,
        )
        assert paginator.page_range == django_paginator.page_range
        for number in django_paginator.page_range:
            page, django_page = paginator.page(number), django_paginator.page(number)
            assert ids(page) == [each["id"] for each in django_page]
            for ask in ("has_next", "has_previous", "has_other_pages", "start_index", "end_index"):
                assert getattr(page, ask)() == getattr(django_page, ask)(), ask
            assert repr(page) == repr(django_page)
            for ask in ("next_page_number", "previous_page_number"):
                assert call(getattr(page, ask)) == call(getattr(django_page, ask)), ask

    @pytest.mark.parametrize(
        "number", [None, "", "x", 0, -1, 1, "2", 2.0, 2.5, 3, 4, 10**9, float("inf"), "9" * 30]
    )
    def test_numbers(self, trove, fake_server, number):
        paginator, django_paginator = TrovePaginator(trove, 2), Paginator(fake_server.photos, 2)
        if number != float("inf"):  # Django raises OverflowError
            assert call(lambda: paginator.page(number).number) == call(
                lambda: django_paginator.page(number).number
            )
            assert paginator.get_page(number).number == django_paginator.get_page(number).number
        else:
            assert paginator.get_page(number).number == 1

    @pytest.mark.parametrize("number", [1, 7, 20, 40])
    def test_elided_ranges(self, trove, fake_server, number):
        fake_server.photos = [photo(n) for n in range(40)]
        paginator, django_paginator = TrovePaginator(trove, 1), Paginator(fake_server.photos, 1)
        assert list(paginator.get_elided_page_range(number)) == list(
            django_paginator.get_elided_page_range(number)
        )

    @pytest.mark.parametrize("allowed", [True, False])
    def test_empty_result(self, trove, fake_server, allowed):
        fake_server.photos = []
        paginator = TrovePaginator(trove, 2, allow_empty_first_page=allowed)
        django_paginator = Paginator([], 2, allow_empty_first_page=allowed)
        assert (paginator.count, paginator.num_pages) == (
            django_paginator.count,
            django_paginator.num_pages,
        )
        assert call(lambda: paginator.page(1).number) == call(
            lambda: django_paginator.page(1).number
        )
        assert call(lambda: paginator.page(2).number) == call(
            lambda: django_paginator.page(2).number
        )


def call(ask):
    try:
        return ask()
    except (EmptyPage, PageNotAnInteger) as error:
        return type(error), str(error)


class TestCalls:
    def test_page_and_total_cost_one_call(self, trove, fake_server):
        paginator = TrovePaginator(trove, 2)
        assert fake_server.photo_calls == 0
        assert (ids(paginator.page(2)), paginator.count) == (["2", "3"], 5)
        assert fake_server.photo_calls == 1

    def test_pages_in_order(self, trove, fake_server):
        assert [ids(page) for page in TrovePaginator(trove, 2)] == [["0", "1"], ["2", "3"], ["4"]]
        assert fake_server.photo_calls == 3

    def test_filters_or_query(self, trove, fake_server):
        fake_server.photos.append(photo(7, tags=["ice"]))
        assert TrovePaginator(trove, 2, tags="ice").count == 1
        assert TrovePaginator(trove, 2, query=Query(tags_required=["ice"], page=9)).count == 1
        with pytest.raises(QueryError, match="count"):
            TrovePaginator(trove, 501)

    def test_error_is_raised_if_trove_is_down(self, trove, fake_server):
        fake_server.error_response = DOWN
        with pytest.raises(Unavailable):
            TrovePaginator(trove, 2).page(1)
        with pytest.raises(Unavailable):
            TrovePaginator(trove, 2).get_page(1)

    def test_stale_page(self, trove, fake_server, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        assert not TrovePaginator(trove, 2).page(1).stale
        fake_server.error_response = DOWN
        page = TrovePaginator(trove, 2).page(1)
        assert (page.stale, type(page.error), ids(page)) == (True, Unavailable, ["0", "1"])


class TestWithoutTotal:
    @pytest.fixture
    def paginator(self, trove, fake_server):
        whole = fake_server.oauth_photos

        def respond_without_total(request, token):
            status, headers, body = whole(request, token)
            more = b"true" if b'"page": 3' not in body else b"false"
            total = b'"total_number_of_results": 5'
            return status, headers, body.replace(total, b'"more": ' + more)

        fake_server.oauth_photos = respond_without_total
        return TrovePaginator(trove, 2, query=Query(total=False))

    def test_total_is_not_requested(self, paginator, fake_server):
        assert (paginator.count, paginator.num_pages) == (None, None)
        assert fake_server.photo_calls == 0
        page = paginator.page(1)
        assert '"total":false' in fake_server.server.requests[-1].form["query"]
        assert (page.has_next(), page.next_page_number(), paginator.count) == (True, 2, None)

    def test_known_pages_end_after_visited_page(self, paginator):
        assert list(paginator.page_range) == [1]
        paginator.page(2)
        assert list(paginator.get_elided_page_range(2)) == [1, 2, 3]
        assert [ids(page) for page in paginator] == [["0", "1"], ["2", "3"], ["4"]]
        assert list(paginator.page_range) == [1, 2, 3]

    def test_page_after_the_end_does_not_exist(self, paginator):
        with pytest.raises(EmptyPage):
            paginator.page(4)
        assert paginator.get_page(4).number == 1
        assert not paginator.page(3).has_next()
        assert repr(paginator.page(3)) == "<Page 3 of None>"


@pytest.mark.django_db(transaction=True)
def test_async_pages(trove):
    async def main():
        paginator = TrovePaginator(trove, 2)
        pages = [ids(await paginator.apage(3)), ids(await paginator.aget_page("x"))]
        await sync_to_async(connections.close_all)()
        return pages

    assert asyncio.run(main()) == [["4"], ["0", "1"]]
