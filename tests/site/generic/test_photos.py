from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client

from django_trove.middleware import TroveMiddleware
from django_trove.models import TroveAccount

from ..fake_trove_server import DOWN, photo

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.photo_urls")]


@pytest.fixture(autouse=True)
def _templates(settings: Any) -> None:
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": ["tests/templates"]}]


@pytest.fixture
def page(browser: Client) -> Any:
    """
    Request a page and return its text.
    """

    def get(path: str, status: int = 200) -> str:
        response = browser.get(path)
        assert response.status_code == status
        return response.content.decode()

    return get


class TestList:
    def test_shows_photos_of_user_in_pages(self, account, page, fake_server):
        first, second = page("/photos/"), page("/photos/?page=2")
        assert ("Snow 0" in first, "Snow 1" in first, "Snow 2" in first) == (True, True, False)
        assert ("Snow 1" in second, "Snow 2" in second) == (False, True)
        assert 'rel="next" href="?page=2"' in first
        assert 'rel="prev"' not in first
        assert 'rel="prev" href="?page=1"' in second
        assert '<a aria-current="page" href="?page=2">2</a>' in second
        assert fake_server.photo_calls == 2

    def test_context_has_names_of_list_view(self, account, page, fake_server):
        fake_server.photos = [photo(n) for n in range(5)]
        assert page("/numbers/?page=3").strip() == (
            "5/3 &lt;Page 3 of 3&gt; 5-5 True [Snow 4](Snow 4)"
        )
        assert page("/numbers/?page=last") == page("/numbers/?page=3")

    @pytest.mark.parametrize("number", ["3", "0", "-1", "x", "99999999999999999999", "1.5"])
    def test_invalid_page_returns_404(self, account, page, number):
        page(f"/photos/?page={number}", 404)

    def test_allow_empty(self, account, page, fake_server):
        fake_server.photos = []
        assert "No photos found." in page("/photos/")
        page("/not-empty/", 404)

    def test_filters_of_class(self, account, page, fake_server):
        fake_server.photos.append(photo(7, tags=["ice"]))
        assert "of 3 photos" in page("/snow/")

    def test_total_is_not_requested_if_disabled(self, account, page, fake_server):
        html = page("/uncounted/")
        assert fake_server.server.requests[-1].form["query"].count('"total"') == 1
        assert 'rel="next" href="?page=2"' in html
        assert "page=3" not in html
        page("/uncounted/?page=last", 404)

    def test_misspelled_filter_is_named(self, account, page):
        assert "unknown filter &quot;tag&quot;. Did you mean tags?" in page("/misspelt/")


class TestFilterForm:
    def test_filters_of_user(self, account, page, fake_server):
        fake_server.photos.append(photo(7, tags=["ice"]))
        assert page("/filtered/?tags=ice").strip() == "[Snow 7]<?tags=ice&amp;page=1>"

    def test_invalid_filter_does_not_show_all_photos(self, account, page, fake_server):
        html = page("/filtered/?since=soon")
        assert "Enter a valid date." in html
        assert "[" not in html
        assert fake_server.photo_calls == 0


class TestStates:
    @pytest.mark.parametrize("path", ["/photos/", "/photos/t1/"])
    def test_user_without_account_is_offered_connection(self, user, page, fake_server, path):
        html = page(path)
        assert 'action="/trove/connect/"' in html
        assert f'name="next" value="{path}"' in html

    @pytest.mark.parametrize("path", ["/photos/", "/photos/t1/"])
    def test_user_is_offered_reconnection(self, make_account, page, fake_server, path):
        make_account(state=TroveAccount.State.NEEDS_RECONNECT)
        assert "Reconnect your Trove" in page(path)

    def test_revocation_is_shown_at_once(self, account, page, fake_server):
        fake_server.revoke()
        assert "Reconnect your Trove" in page("/photos/")

    @pytest.mark.parametrize(("path", "status"), [("/photos/", 200), ("/photos/t1/", 503)])
    @pytest.mark.usefixtures("no_error_records")
    def test_error_is_shown_if_trove_is_down(self, account, page, fake_server, path, status):
        fake_server.error_response = DOWN
        assert "are unavailable" in page(path, status)

    def test_total_is_not_requested_again_if_trove_is_down(self, account, page, fake_server):
        fake_server.error_response = DOWN
        assert page("/numbers/").startswith("0/1 &lt;Page 1 of 1&gt; 0-0 False")
        assert page("/numbers/?page=last").startswith("0/1")
        assert fake_server.photo_calls == 1

    def test_stale_response_is_shown_with_note(self, account, page, fake_server, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        page("/photos/"), page("/photos/t1/")
        fake_server.error_response = DOWN
        html = page("/photos/")
        assert "These are the most recent results." in html
        assert "Snow 1" in html
        assert "Snow 1" in page("/photos/t1/")


class TestDetail:
    def test_shows_photo_with_metadata(self, account, page, fake_server):
        fake_server.photos[1] |= {"description": "By the lake", "license": "CC BY"}
        html = page("/photos/t1/")
        for fact in ("<h1>Snow 1</h1>", "By the lake", "CC BY", "March 4, 2007", "flickr.example"):
            assert fact in html
        assert 'src="https://photos.example/1.jpg"' in html

    def test_unknown_photo_returns_404(self, account, page):
        page("/photos/of-somebody-else/", 404)
        page("/photos/%00/", 404)

    def test_photo_without_metadata(self, account, page, fake_server):
        fake_server.photos = [{"trove_id": "t9"}]
        html = page("/photos/t9/")
        assert "Untitled photo" in html
        assert 'src=""' not in html


class TestPermissions:
    @pytest.mark.parametrize("path", ["/photos/", "/photos/t1/"])
    def test_login_is_required(self, client, path):
        assert client.get(path)["Location"] == f"/identity/login?next={path}"

    def test_login_is_required_with_login_required_middleware(
        self, client, browser, account, settings
    ):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert client.get("/photos/")["Location"] == "/identity/login?next=/photos/"
        assert browser.get("/photos/").status_code == 200

    @pytest.mark.parametrize("path", ["/photos/", "/photos/t1/", "/cached/"])
    def test_response_is_not_cached_for_other_users(
        self, account, browser, client, make_user, path
    ):
        response = browser.get(path)
        assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
        client.force_login(make_user("bob"))
        assert "Snow" not in client.get(path).content.decode()

    def test_view_can_show_photos_of_another_user(self, account, browser, client, make_user):
        name = account.user.get_username()
        client.force_login(make_user("bob"))
        assert "Snow 0" in client.get(f"/people/{name}/").content.decode()
        assert "<form" not in browser.get("/people/bob/").content.decode()


def test_pages_work_under_strict_content_security_policy(account, page):
    for path in ("/photos/", "/photos/t1/"):
        assert not any(bad in page(path) for bad in ("style=", "<style", " onclick"))


class TestRequestTrove:
    @pytest.fixture(autouse=True)
    def _middleware(self, settings: Any) -> None:
        ours = "django_trove.middleware.TroveMiddleware"
        settings.MIDDLEWARE = [ours, *settings.MIDDLEWARE]  # before AuthenticationMiddleware

    def test_is_lazy(self, account, browser, django_assert_num_queries):
        with django_assert_num_queries(0):
            response = browser.get("/unused/")
        assert "Cookie" not in response.get("Vary", "")

    def test_follows_login_and_logout(self, user, account, rf):
        def view(request):
            seen.append(request.trove.user)
            logout(request)
            seen.append(request.trove.user)
            login(request, user, "django.contrib.auth.backends.ModelBackend")
            seen.append(request.trove.user)
            return HttpResponse()

        seen: list[object] = []
        request = rf.get("/")
        request.user, request.session = user, SessionStore()
        TroveMiddleware(view)(request)
        assert seen == [user, AnonymousUser(), user]

    def test_costs_one_query_per_request(self, account, browser, page, django_assert_num_queries):
        page("/shared/"), page("/photos/")
        with django_assert_num_queries(3):  # session, user, account
            page("/shared/")
        with django_assert_num_queries(3):
            page("/photos/")

    def test_belongs_to_request_user(self, account, page, client, make_user):
        assert page("/shared/") == "Ann at the Trove"
        client.force_login(make_user("bob"))
        with pytest.raises(Exception, match="no Trove connected"):
            client.get("/shared/")
