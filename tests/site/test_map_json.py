"""
The photos of a map as JSON.
"""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Template
from django.template.context import make_context
from django.test import RequestFactory
from django.urls import include, path

from django_trove.client import Place
from django_trove.forms import TroveFilterForm

pytestmark = pytest.mark.django_db

urlpatterns = [
    path("trove/", include("django_trove.urls")),
    path("photos/", include("django_trove.photo_urls")),
]
NEAR = (40.7, -73.95)


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def trove(fake_trove, user, client):
    client.force_login(user)
    fake_trove.connect(user)
    for number in range(3):
        place = Place(name="Williamsburg")
        fake_trove.add_photo(
            user, title=f"Near {number}", location=NEAR, place=place, tags=["snow"]
        )
    fake_trove.add_photo(user, title="Kyoto", location=(35.0, 135.77), public=False)
    return fake_trove


def get(client, **parameters):
    response = client.get("/photos/map.json", parameters)
    return response.status_code, response.json()


def test_clusters(client, trove):
    status, data = get(client, zoom=3, box="-80,-180,80,180")
    assert (status, data["more"]) == (200, False)
    found = sorted((each["count"], round(each["latitude"], 1)) for each in data["clusters"])
    assert found == [(1, 35.0), (3, 40.7)]
    assert {each["title"] for each in data["clusters"]} == {"Kyoto", "Near 2"}
    south, west, north, east = max(data["clusters"], key=lambda each: each["count"])["box"]
    assert (south <= NEAR[0] <= north, west <= NEAR[1] <= east) == (True, True)


def test_clusters_of_filters(client, trove):
    _, data = get(client, zoom=3, tags="snow")
    assert [each["count"] for each in data["clusters"]] == [3]


def test_photos_of_a_box(client, trove):
    status, data = get(client, box="40,-74,41,-73")
    assert status == 200
    assert len(data["photos"]) == 3
    assert "<li" in data["photos"][0]
    assert "Near 2" in data["photos"][0]
    assert "Williamsburg" in data["photos"][0]
    assert 'href="/photos/photo/' in data["photos"][0]


@pytest.mark.parametrize(
    ("parameters", "field"), [({"zoom": 25}, "zoom"), ({"zoom": "x"}, "zoom"), ({"box": 1}, "box")]
)
def test_invalid_parameters(client, trove, parameters, field):
    status, data = get(client, **parameters)
    assert (status, data["field"]) == (400, field)


def test_anonymous(client, db):
    assert get(client, zoom=3)[0] == 401


def render_map(user, query="", viewer=None):
    form = TroveFilterForm(RequestFactory().get("/?" + query).GET)
    request = RequestFactory().get("/")
    request.user = viewer or user
    template = Template("{% load trove %}{% trove_map user form=form public='any' %}")
    html = template.render(make_context({"user": user, "form": form}, request))
    [url] = re.findall('data-clusters="(.*?)"', html)
    return url.replace("&amp;", "&")


def test_the_map_has_the_url_with_its_filters(client, trove, user):
    query = "tags=snow,%20sea&since=2001-02-03&place=New+York&box=1,2,3,4&text=a%26b"
    url = urlsplit(render_map(user, query))
    assert url.path == "/photos/map.json"
    assert parse_qs(url.query) == {
        "public": ["any"],
        "tags": ["snow,sea"],
        "since": ["2001-02-03"],
        "place": ["New York"],
        "text": ["a&b"],
    }
    assert get(client, zoom=1, **parse_qs(url.query))[0] == 200


def test_the_map_of_another_user_has_no_url(trove, user):
    assert render_map(user, viewer=AnonymousUser()) == ""


def test_a_site_without_the_page_has_no_url(trove, user, settings):
    settings.ROOT_URLCONF = "tests.site.urls"
    assert render_map(user) == ""


def test_a_response_is_not_sent_again(client, trove):
    first = client.get("/photos/map.json", {"zoom": 3})
    etag = {"if-none-match": first["ETag"]}
    assert client.get("/photos/map.json", {"zoom": 3}, headers=etag).status_code == 304
    assert json.loads(first.content)["clusters"]
