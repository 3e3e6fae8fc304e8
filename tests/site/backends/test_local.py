"""
A site with a Trove in the same project.
"""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.urls import reverse

from django_trove.checks.settings import check_settings
from django_trove.client import CallError, NotConnected, NotFound, Photo, QueryError
from django_trove.models import TroveAccount
from django_trove.server.connectors.base import FoundItem
from django_trove.server.index.items import build_item
from django_trove.server.index.write import write_items
from django_trove.server.models import AddLink, Identity
from django_trove.services import Trove

pytestmark = pytest.mark.django_db

BACKEND = "django_trove.server.local.LocalTrove"


@pytest.fixture(autouse=True)
def one_project(settings, tmp_path):
    settings.TROVE = {"BACKEND": BACKEND}
    settings.TROVE_SERVER = {"FOLDER_ROOT": tmp_path}


@pytest.fixture
def add_photos():
    def add(user, *titles):
        identity, _ = Identity.objects.add(user, "flickr", "1", name="ann")
        photos = [
            Photo(id=title, title=title, tags=(title[0].lower(),), original_web_url="")
            for title in titles
        ]
        write_items(
            identity, [build_item(identity, FoundItem(content=p, etag="1"), {}, "") for p in photos]
        )

    return add


@pytest.fixture
def trove(user, add_photos):
    """
    The Trove of a user with photos.
    """
    add_photos(user, "Snow", "Sea", "Ice")
    return Trove(user)


class TestTrove:
    def test_photos_need_no_account(self, trove):
        assert (trove.connected, trove.account) == (True, None)
        assert {p.title for p in trove.photos(tags="S")} == {"Snow", "Sea"}
        assert len(list(trove.iter_photos(count=2))) == 3
        [ice] = trove.photos(tags="i")
        assert trove.photo(ice.trove_id) == ice
        assert [i.service for i in trove.user_info().identities] == ["flickr"]
        assert not TroveAccount.objects.exists()

    def test_changes_are_visible_at_once(self, trove, user, add_photos):
        assert len(trove.photos()) == 3
        add_photos(user, "Mist")
        assert len(trove.photos()) == 4

    def test_cache_is_not_used(self, trove, settings, caplog):
        settings.TROVE = {"BACKEND": BACKEND, "CACHE": "one that is not there"}
        assert len(trove.photos()) == 3
        assert caplog.messages == []  # errors in templates are logged

    def test_errors_equal_those_of_remote_trove(self, trove, make_user, add_photos):
        with pytest.raises(QueryError):
            trove.photos(order_by="colour")
        other = make_user("eve")
        add_photos(other, "Theirs")
        [other] = Trove(other).photos()
        with pytest.raises(NotFound):
            trove.photo(other.trove_id)

    @pytest.mark.parametrize("call", ["photos", "user_info", "disconnect"])
    def test_user_without_services_is_not_connected(self, user, call):
        with pytest.raises(NotConnected):
            getattr(Trove(user), call)()
        assert Trove(user).services()

    def test_anonymous_and_inactive_users_have_no_photos(self, trove, user):
        user.is_active = False
        for somebody in (user, AnonymousUser(), None):
            assert not Trove(somebody).connected
            for call in ("photos", "services"):
                with pytest.raises(NotConnected):
                    getattr(Trove(somebody), call)()

    def test_existing_account_is_unchanged(self, user, make_account):
        make_account()
        assert (Trove(user).account, Trove(user).connected) == (None, False)

    @pytest.mark.django_db(transaction=True)
    def test_async_methods(self, trove):
        async def main():
            results = (
                await trove.aconnected(),
                len(await trove.aphotos()),
                len([p async for p in trove.aiter_photos(count=2)]),
            )
            await sync_to_async(connections.close_all)()
            return results

        assert asyncio.run(main()) == (True, 3, 3)


class TestTags:
    @pytest.fixture
    def rendered(self, user):
        def render(tag):
            request = RequestFactory().get("/here/")
            request.user = user
            context = RequestContext(request, {"user": user})
            return Template("{% load trove %}" + tag).render(context)

        return render

    def test_gallery_shows_photos(self, trove, rendered):
        page = rendered('{% trove_gallery user tags="s" %}')
        assert all(title in page for title in ("Snow", "Sea"))
        assert "Ice" not in page

    def test_gallery_offers_connection_without_services(self, rendered):
        assert reverse("django_trove:connect") in rendered("{% trove_gallery user %}")

    def test_connected_user_gets_link(self, rendered, user, add_photos):
        assert reverse("django_trove:connect") in rendered("{% trove_connect %}")
        add_photos(user, "Snow")
        assert reverse("django_trove:connect") not in rendered("{% trove_connect %}")


class TestPages:
    def test_connect_redirects_to_add_service(self, browser, user):
        response = browser.post(reverse("django_trove:connect"), {"next": "/gallery/"})
        assert response.url.startswith("/add/")
        link = AddLink.objects.get()
        assert (link.user, link.redirect_url, link.application) == (user, "/gallery/", None)
        assert browser.get(response.url).status_code == 200

    def test_external_next_is_ignored(self, browser, settings):
        settings.TROVE = {"BACKEND": BACKEND, "ALLOWED_NEXT_HOSTS": ["app.example"]}
        there = {"next": "https://app.example/"}
        assert browser.post(reverse("django_trove:connect"), there).url.startswith("/add/")
        assert AddLink.objects.get().redirect_url == ""

    def test_connect_redirects_home_without_available_services(self, browser, settings):
        settings.TROVE_SERVER = {}
        assert browser.post(reverse("django_trove:connect")).url == reverse("trove_server:home")

    def test_account_page_without_and_with_service(self, browser, user, add_photos):
        page = browser.get(reverse("django_trove:account")).content.decode()
        assert reverse("django_trove:connect") in page
        add_photos(user, "Snow")
        page = browser.get(reverse("django_trove:account")).content.decode()
        assert reverse("django_trove:connect") not in page
        assert f'href="{reverse("trove_server:home")}"' in page
        assert reverse("django_trove:disconnect") not in page

    def test_service_can_be_added_from_account_page(self, browser, trove):
        url = browser.post(reverse("django_trove:add_service"), {"service": "folder"}).url
        assert url.startswith("/add/")
        assert AddLink.objects.get().redirect_url.endswith(reverse("django_trove:account"))

    def test_disconnect_is_not_available(self, browser, trove):
        answer = browser.post(reverse("django_trove:disconnect"))
        assert answer.url == reverse("django_trove:account")
        assert trove.connected


class TestSettings:
    def test_keys_and_url_are_not_required(self):
        assert check_settings() == []

    @pytest.mark.parametrize("path", ["nowhere.Trove", "django_trove.server.local.Nothing", "x"])
    def test_unimportable_backend_is_reported(self, settings, path, user):
        settings.TROVE = {"BACKEND": path}
        assert [message.id for message in check_settings()] == ["django_trove.E012"]
        with pytest.raises(CallError):
            Trove(user).photos()
