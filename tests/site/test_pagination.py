from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db import connections

from django_trove.client import Query, QueryError, Unavailable
from django_trove.pagination import TrovePaginator
from django_trove.services import Trove

from .fake_cache_and_clock import DOWN, photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def trove(account, pretend):
    pretend.photos = [photo(n) for n in range(5)]
    return Trove(account.user)


def ids(page):
    return [each.id for each in page]


class TestPaginatorInterface:
    """
    Whatever is asked of it, Django's own paginator over the same photos says the same.
    """

    @pytest.mark.parametrize("per_page", [1, 2, 3, 5, 6])
    def test_pages(self, trove, pretend, per_page):
        ours, theirs = TrovePaginator(trove, per_page), Paginator(pretend.photos, per_page)
        assert (ours.count, ours.num_pages) == (theirs.count, theirs.num_pages)
        assert ours.page_range == theirs.page_range
        for number in theirs.page_range:
            mine, other = ours.page(number), theirs.page(number)
            assert ids(mine) == [each["id"] for each in other]
            for ask in ("has_next", "has_previous", "has_other_pages", "start_index", "end_index"):
                assert getattr(mine, ask)() == getattr(other, ask)(), ask
            assert repr(mine) == repr(other)
            for ask in ("next_page_number", "previous_page_number"):
                assert outcome(getattr(mine, ask)) == outcome(getattr(other, ask)), ask

    @pytest.mark.parametrize(
        "number", [None, "", "x", 0, -1, 1, "2", 2.0, 2.5, 3, 4, 10**9, float("inf"), "9" * 30]
    )
    def test_numbers(self, trove, pretend, number):
        ours, theirs = TrovePaginator(trove, 2), Paginator(pretend.photos, 2)
        if number != float("inf"):  # theirs breaks
            assert outcome(lambda: ours.page(number).number) == outcome(
                lambda: theirs.page(number).number
            )
            assert ours.get_page(number).number == theirs.get_page(number).number
        else:
            assert ours.get_page(number).number == 1

    @pytest.mark.parametrize("number", [1, 7, 20, 40])
    def test_elided_ranges(self, trove, pretend, number):
        pretend.photos = [photo(n) for n in range(40)]
        ours, theirs = TrovePaginator(trove, 1), Paginator(pretend.photos, 1)
        assert list(ours.get_elided_page_range(number)) == list(
            theirs.get_elided_page_range(number)
        )

    @pytest.mark.parametrize("allowed", [True, False])
    def test_empty_result(self, trove, pretend, allowed):
        pretend.photos = []
        ours = TrovePaginator(trove, 2, allow_empty_first_page=allowed)
        theirs = Paginator([], 2, allow_empty_first_page=allowed)
        assert (ours.count, ours.num_pages) == (theirs.count, theirs.num_pages)
        assert outcome(lambda: ours.page(1).number) == outcome(lambda: theirs.page(1).number)
        assert outcome(lambda: ours.page(2).number) == outcome(lambda: theirs.page(2).number)


def outcome(ask):
    try:
        return ask()
    except (EmptyPage, PageNotAnInteger) as error:
        return type(error), str(error)


class TestCalls:
    def test_page_and_total_cost_one_call(self, trove, pretend):
        paginator = TrovePaginator(trove, 2)
        assert pretend.photo_calls == 0
        assert (ids(paginator.page(2)), paginator.count) == (["2", "3"], 5)
        assert pretend.photo_calls == 1

    def test_pages_in_order(self, trove, pretend):
        assert [ids(page) for page in TrovePaginator(trove, 2)] == [["0", "1"], ["2", "3"], ["4"]]
        assert pretend.photo_calls == 3

    def test_filters_or_query(self, trove, pretend):
        pretend.photos.append(photo(7, tags=["ice"]))
        assert TrovePaginator(trove, 2, tags="ice").count == 1
        assert TrovePaginator(trove, 2, query=Query(tags_required=["ice"], page=9)).count == 1
        with pytest.raises(QueryError, match="count"):
            TrovePaginator(trove, 501)

    def test_error_is_raised_if_trove_is_down(self, trove, pretend):
        pretend.fault = DOWN
        with pytest.raises(Unavailable):
            TrovePaginator(trove, 2).page(1)
        with pytest.raises(Unavailable):
            TrovePaginator(trove, 2).get_page(1)

    def test_stale_page(self, trove, pretend, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        assert not TrovePaginator(trove, 2).page(1).stale
        pretend.fault = DOWN
        page = TrovePaginator(trove, 2).page(1)
        assert (page.stale, type(page.error), ids(page)) == (True, Unavailable, ["0", "1"])


class TestWithoutTotal:
    @pytest.fixture
    def paginator(self, trove, pretend):
        whole = pretend.oauth_photos

        def uncounted(asked, token):
            status, headers, body = whole(asked, token)
            more = b"true" if b'"page": 3' not in body else b"false"
            total = b'"total_number_of_results": 5'
            return status, headers, body.replace(total, b'"more": ' + more)

        pretend.oauth_photos = uncounted
        return TrovePaginator(trove, 2, query=Query(total=False))

    def test_total_is_not_requested(self, paginator, pretend):
        assert (paginator.count, paginator.num_pages) == (None, None)
        assert pretend.photo_calls == 0
        page = paginator.page(1)
        assert '"total": false' in pretend.server.asked[-1].form["query"]
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
        found = [ids(await paginator.apage(3)), ids(await paginator.aget_page("x"))]
        await sync_to_async(connections.close_all)()
        return found

    assert asyncio.run(main()) == [["4"], ["0", "1"]]
