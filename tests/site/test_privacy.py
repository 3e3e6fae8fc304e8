"""
Private content is shown to its owner only, unless a template or a view specifies otherwise.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.template import Context, RequestContext, Template, engines
from django.test import RequestFactory
from django.urls import path

from django_trove.client import Checkin, Friend, Status, Video
from django_trove.client.codec import content_to_wire
from django_trove.filters import Filters
from django_trove.forms import TroveFilterForm
from django_trove.generic import PhotoDetailView, PhotoListView
from django_trove.photos_json import PhotosJSON
from django_trove.services import Trove

from .fake_trove_server import photo
from .test_content_types import CONTENT_TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

OTHERS = {
    "videos": [
        Video(trove_id="v1", title="Public 8", public=True),
        Video(trove_id="v2", title="Private 9"),
    ],
    "status": [
        Status(trove_id="s1", message="Public 3", public=True),
        Status(trove_id="s2", message="Private 4"),
    ],
    "checkins": [Checkin(trove_id="c1", shout="Private 5")],
    "friends": [Friend(trove_id="f1", name="Private 6")],
}
NAMES = ["photos", "videos", "statuses", "checkins", "friends"]
LISTS = ["gallery", "video_list", "status_list", "checkin_list", "friend_list"]
SHOWS_PUBLIC = {"photos", "videos", "statuses", "gallery", "video_list", "status_list"}


class OfAnn:
    def get_trove(self) -> Trove:
        return Trove(get_user_model()._default_manager.get(username="ann"))


class PhotosOfAnn(OfAnn, PhotoListView):
    filter_form_class = TroveFilterForm


class AllPhotosOfAnn(OfAnn, PhotoListView):
    filters: ClassVar[Filters] = {"public": "any"}


class OpenForm(TroveFilterForm):
    def selected_filters(self) -> dict[str, Any]:
        return super().selected_filters() | {"public": self.data.get("public")}


class SearchOfAnn(PhotosOfAnn):
    filter_form_class = OpenForm


class PhotoOfAnn(OfAnn, PhotoDetailView):
    pass


class JSONOfAnn(OfAnn, PhotosJSON):
    pass


class AllJSONOfAnn(JSONOfAnn):
    filters: ClassVar[Filters] = {"public": "any"}


urlpatterns = [
    path("photos/", PhotosOfAnn.as_view()),
    path("all/", AllPhotosOfAnn.as_view()),
    path("search/", SearchOfAnn.as_view()),
    path("photos.json", JSONOfAnn.as_view()),
    path("all.json", AllJSONOfAnn.as_view()),
    path("photo/<str:trove_id>/", PhotoOfAnn.as_view()),
    path("any/<str:trove_id>/", PhotoOfAnn.as_view(public="any")),
]


@pytest.fixture
def ann(account, fake_server, settings):
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": CONTENT_TYPES}
    located = {"latitude": 40.7, "longitude": -73.9}
    fake_server.photos = [
        photo(1, title="Public 1", **located),
        photo(2, title="Private 2", public=False, tags=["secret"], **located),
    ]
    fake_server.others = {
        name: [content_to_wire(item) for item in items] for name, items in OTHERS.items()
    }
    return account.user


@pytest.fixture(params=["visitor", "anonymous", "no request"])
def viewer(request, make_user):
    if request.param == "no request":
        return None
    return make_user("bob") if request.param == "visitor" else AnonymousUser()


def build_context(viewer, owner, **variables):
    if viewer is None:
        return Context({"owner": owner} | variables)
    request = RequestFactory().get("/?page=1")
    request.user = viewer
    return RequestContext(request, {"owner": owner} | variables)


def render(viewer, owner, tag, **variables):
    context = build_context(viewer, owner, **variables)
    return Template("{% load trove %}{% " + tag + " %}").render(context)


def get_texts(viewer, owner, name, arguments=""):
    context = build_context(viewer, owner)
    tag = f"{{% load trove %}}{{% trove_{name} owner {arguments} as items %}}"
    Template(tag).render(context)
    return " ".join(map(str, context["items"]))


class TestTags:
    @pytest.mark.parametrize("name", NAMES)
    def test_private_items_are_not_returned(self, ann, viewer, name):
        texts = get_texts(viewer, ann, name)
        assert "Private" not in texts
        assert ("Public" in texts) == (name in SHOWS_PUBLIC)
        assert "Private" not in get_texts(viewer, ann, name, "public=True")
        assert "Private" not in get_texts(viewer, ann, name, "public=undefined")
        assert "Private" in get_texts(viewer, ann, name, 'public="any"')
        assert "Private" in get_texts(ann, ann, name)

    @pytest.mark.parametrize("tag", [*LISTS, "map"])
    def test_private_items_are_not_rendered(self, ann, viewer, tag):
        page = render(viewer, ann, f"trove_{tag} owner")
        assert "Private" not in page
        assert ("Public" in page) == (tag in {*SHOWS_PUBLIC, "map"})
        assert "Private" in render(viewer, ann, f'trove_{tag} owner public="any"')
        assert "Private" in render(ann, ann, f"trove_{tag} owner")

    def test_form_does_not_reveal_private_photos(self, ann, viewer):
        for public in ("any", "false", False):
            form = OpenForm({"public": public})
            page = render(viewer, ann, "trove_map owner form=form", form=form)
            assert "Private" not in page

    def test_owner_is_recognized_by_primary_key(self, ann):
        same_user = type(ann)._default_manager.get(pk=ann.pk)
        assert "Private" in get_texts(same_user, ann, "photos")

    def test_page_of_owner_is_not_cached_for_others(self, ann):
        same_user = type(ann)._default_manager.get(pk=ann.pk)
        context = build_context(same_user, ann)
        Template("{% load trove %}{% trove_photos owner as items %}").render(context)
        assert context.request._cache_update_cache is False

    @pytest.mark.parametrize(("name", "tag"), list(zip(NAMES, LISTS, strict=True)))
    def test_jinja2_functions(self, ann, viewer, settings, name, tag):
        options = {"environment": "django_trove.jinja2.environment"}
        backend = "django.template.backends.jinja2.Jinja2"
        settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": options}, *settings.TEMPLATES]
        request = build_context(viewer, ann).request if viewer else None
        for code in (f"{{{{ trove_{name}(owner) | list }}}}", f"{{{{ trove_{tag}(owner) }}}}"):
            page = engines["jinja2"].from_string(code).render({"owner": ann}, request)
            assert "Private" not in page
            assert ("Public" in page) == (name in SHOWS_PUBLIC)


class TestViews:
    @pytest.fixture
    def get(self, ann, client, make_user):
        client.force_login(make_user("bob"))

        def get_page(url, status=200):
            response = client.get(url)
            assert response.status_code == status
            return response.content.decode()

        return get_page

    @pytest.mark.parametrize(
        "url",
        ["/photos/", "/photos/?public=any", "/search/?public=any", "/search/?public=false",
         "/photos.json", "/photos.json?public=any", "/photos.json?public=false"],
    )  # fmt: skip
    def test_private_photos_are_not_shown(self, get, url):
        page = get(url)
        assert "Private" not in page
        assert "secret" not in page
        assert ("Public" in page) == ("false" not in url)

    @pytest.mark.parametrize("url", ["/all/", "/all.json"])
    def test_views_can_show_private_photos(self, get, url):
        assert "Private" in get(url)

    def test_public_of_a_view_cannot_be_changed(self, get):
        assert "cannot be changed" in get("/all.json?public=false", status=400)

    def test_page_of_private_photo_does_not_exist(self, get):
        assert "Public 1" in get("/photo/t1/")
        assert "Private" not in get("/photo/t2/", status=404)
        assert "Private 2" in get("/any/t2/")

    def test_page_of_private_video_does_not_exist(self, get):
        assert "Public 8" in get("/photo/v1/")
        assert "Private" not in get("/photo/v2/", status=404)
        assert "Private 9" in get("/any/v2/")

    def test_owner_sees_everything(self, ann, client):
        client.force_login(ann)
        for url in ("/photos/", "/photos.json", "/photo/t2/", "/photo/v2/"):
            assert b"Private" in client.get(url).content
