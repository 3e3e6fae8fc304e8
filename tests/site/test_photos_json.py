from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from django_trove.client import Photo, Urls, Video
from django_trove.client.codec import content_to_wire
from django_trove.models import TroveAccount
from django_trove.photos_json import serialize_photo

from .fake_trove_server import DOWN, photo

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.photo_urls")]

URL = "/photos.json"


@pytest.fixture
def ask(browser: Client) -> Any:
    """
    Request JSON and check the status.
    """

    def get(url: str = URL, status: int = 200) -> Any:
        response = browser.get(url)
        assert (response.status_code, response["Content-Type"]) == (status, "application/json")
        return response.json()

    return get


class TestShape:
    """
    Front ends depend on these keys.
    """

    def test_format_of_page(self, account, ask):
        page = ask()
        assert {key: page[key] for key in page if key != "photos"} == {
            "page": 1,
            "total": 3,
            "stale": False,
            "next": "/photos.json?page=2",
        }
        assert page["photos"][0] == {
            "object_type": "photo",
            "trove_id": "t0",
            "service": "flickr",
            "id": "0",
            "title": "Snow 0",
            "description": "",
            "owner": "ann",
            "tags": ["snow"],
            "date": "2007-03-04T21:08:12Z",
            "local_date": "2007-03-04T21:08:12",
            "utc_offset": None,
            "upload_date": None,
            "urls": {
                "thumbnail": "https://photos.example/0_t.jpg",
                "medium": "https://photos.example/0_t.jpg",
                "large": "https://photos.example/0.jpg",
                "original": "https://photos.example/0.jpg",
            },
            "sizes": {},
            "media_type": "",
            "duration": None,
            "width": 800,
            "height": 600,
            "location": None,
            "average_color": "",
            "place": None,
            "album_id": "",
            "album_title": "",
            "camera": {
                "name": "",
                "make": "",
                "model": "",
                "lens": "",
                "exposure_time": 0,
                "aperture": 0,
                "iso": 0,
                "focal_length": 0,
            },
            "license": "",
            "public": True,
            "original_web_url": "https://flickr.example/ann/0",
        }

    def test_photo_without_metadata(self):
        bare = serialize_photo(Photo())
        assert bare["urls"] == dict.fromkeys(("thumbnail", "medium", "large", "original"))
        assert (bare["date"], bare["width"], bare["location"]) == (None, None, None)

    def test_photo_with_location_and_early_date(self):
        early = Photo(
            urls=Urls(), latitude=0.0, longitude=-73.9, date=datetime(44, 3, 15, 12, 0, 0, 5)
        )
        written = serialize_photo(early)
        assert written["location"] == {"latitude": 0.0, "longitude": -73.9}
        assert written["date"] == "0044-03-15T12:00:00Z"


class TestVideos:
    FILE = "https://videos.example/v.mp4"
    VIDEO = Video(
        trove_id="v1", title="Waves", duration=4.5, media_type="video/mp4",
        urls=Urls({"original": FILE, "large": "https://videos.example/v.jpg"}),
    )  # fmt: skip

    def test_only_original_is_the_file_of_a_video(self):
        data = serialize_photo(self.VIDEO)
        assert (data["object_type"], data["duration"]) == ("video", 4.5)
        picture = "https://videos.example/v.jpg"
        others = dict.fromkeys(("thumbnail", "medium", "large"), picture)
        assert data["urls"] == others | {"original": self.FILE}

    def test_list_contains_videos_on_request(self, account, ask, fake_server, settings):
        fake_server.photos = [content_to_wire(self.VIDEO)]
        assert ask(f"{URL}?videos=true", status=400)["field"] == "videos"
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos", "videos"]}
        assert ask(f"{URL}?videos=true")["photos"][0]["object_type"] == "video"
        assert '"videos":true' in fake_server.server.requests[-1].form["query"]

    def test_type_that_is_not_granted(self, account, ask, fake_server):
        fake_server.photos = None
        answer = ask(status=403)
        assert (answer["error"], answer["connect_url"]) == ("not_granted", "/trove/")


class TestFilters:
    def test_new_filters_are_sent(self, account, ask, fake_server):
        ask(f"{URL}?album=7&album=8&text=snow+sea&public=false")
        query = json.loads(fake_server.server.requests[-1].form["query"])
        expected = {"albums": ["7", "8"], "text": "snow sea", "public": False}
        assert {name: query[name] for name in expected} == expected
        assert ask(f"{URL}?public=yes", status=400)["field"] == "public"

    def test_filters_equal_those_of_template_tags(self, account, ask, fake_server):
        fake_server.photos.append(photo(7, tags=["ice", "snow"]))
        for query in ("tags=ice", "tags=ice,snow", "tags=ice&tags=snow"):
            assert [each["id"] for each in ask(f"{URL}?{query}")["photos"]] == ["7"]
        assert ask(f"{URL}?tags=&count=500")["total"] == 4

    def test_next_leads_to_last_page(self, account, ask, fake_server):
        url, ids = f"{URL}?tags=snow&count=1", []
        while url:
            page = ask(url)
            ids += [each["id"] for each in page["photos"]]
            url = page["next"]
        assert ids == ["0", "1", "2"]

    def test_next_uses_cursor_if_available(self, account, ask, fake_server):
        plain = fake_server.oauth_photos

        def respond_with_cursor(request, token):
            status, headers, body = plain(request, token)
            return (
                status,
                headers,
                body.replace(b'"count"', b'"more": true, "after": "a/b", "count"'),
            )

        fake_server.oauth_photos = respond_with_cursor
        assert ask()["next"] == "/photos.json?page=2&after=a%2Fb"
        ask("/photos.json?page=2&after=a%2Fb")
        assert '"after":"a/b"' in fake_server.server.requests[-1].form["query"]

    def test_fixed_filters_cannot_be_changed(self, account, ask, fake_server):
        fake_server.photos.append(photo(7, tags=["ice"]))
        page = ask("/snow.json")
        assert len(page["photos"]) == 3
        assert '"total":false' in fake_server.server.requests[-1].form["query"]
        assert ask("/snow.json?tags=ice", 400)["detail"] == "tags cannot be changed here."

    @pytest.mark.parametrize(
        ("query", "field", "detail"),
        [
            ("tag=snow", "tag", 'unknown filter "tag". Did you mean tags?'),
            ("_=1", "_", 'unknown filter "_". The filters are tags'),
            ("since=soon", "since", "since must be a date such as 2007-03-04, not 'soon'."),
            ("since=2007-01-01&since=2008-01-01", "since", "since must be a date"),
            ("count=1000", "count", "count must be an integer from 1 to 500"),
            ("page=0", "page", "page must be an integer"),
            ("near=here", "near", 'near must be "latitude,longitude'),
            ("box=1,2", "box", "box must be"),
            ("force_update=1", "force_update", "force_update cannot be changed here."),
            ("after=1&after=2", "after", "after must be the cursor of a response."),
            (f"after={'x' * 101}", "after", "after must be the cursor of a response."),
            ("tags=%00", "tags", "tags must be a list of strings"),
            ("tags=" + "a," * 31, "tags", "tags must not have more than 30 items."),
            ("any_tags=" + "a," * 31, "any_tags", "any_tags must not have more than 30 items."),
            ("services=" + "a," * 51, "services", "services must not have more than 50 items."),
        ],
    )
    @pytest.mark.usefixtures("account")
    def test_error_names_field(self, ask, fake_server, query, field, detail):
        data = ask(f"{URL}?{query}", 400)
        assert (data["error"], data["field"]) == ("filter", field)
        assert data["detail"].startswith(detail)
        assert fake_server.photo_calls == 0


class TestFailures:
    @pytest.mark.parametrize("url", [URL, "/cached.json"])
    @pytest.mark.parametrize("guarded", [True, False])
    def test_anonymous_user_gets_401(self, client, settings, url, guarded):
        if guarded:
            settings.MIDDLEWARE = [
                *settings.MIDDLEWARE,
                "django.contrib.auth.middleware.LoginRequiredMiddleware",
            ]
        response = client.get(url)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Cookie"
        data = response.json()
        assert (data["error"], data["login_url"]) == ("login_required", "/identity/login")

    def test_user_without_account_gets_connect_url(self, user, ask, fake_server):
        data = ask(status=403)
        assert (data["error"], data["connect_url"]) == ("not_connected", "/trove/")

    def test_user_who_must_reconnect_gets_connect_url(self, make_account, ask, fake_server):
        make_account(state=TroveAccount.State.NEEDS_RECONNECT)
        data = ask(status=403)
        assert (data["error"], data["connect_url"]) == ("reconnect", "/trove/")

    def test_access_denied(self, account, ask, fake_server):
        fake_server.error_response = (403, {}, b"")
        assert ask(status=403)["error"] == "access_denied"

    @pytest.mark.parametrize(
        ("fault", "wait"),
        [(DOWN, "60"), ((429, {"Retry-After": "7"}, b""), "7"), ((200, {}, b"<html>"), "15")],
    )
    @pytest.mark.usefixtures("no_error_records")
    def test_unavailable_trove_is_503(self, account, browser, fake_server, fault, wait):
        fake_server.error_response = fault
        response = browser.get(URL)
        assert (response.status_code, response["Retry-After"]) == (503, wait)
        assert response.json()["error"] == "unavailable"
        assert fake_server.url not in response.text

    def test_stale_response_is_marked(self, account, ask, fake_server, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        ask()
        fake_server.error_response = DOWN
        assert (ask()["stale"], len(ask()["photos"])) == (True, 2)

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_only_get_and_head_are_allowed(self, account, browser, method):
        response = getattr(browser, method)(URL)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")


class TestHTTPCaching:
    def test_conditional_request(self, account, browser, fake_server):
        first = browser.get(URL)
        tag = {"If-None-Match": first["ETag"]}
        again = browser.get(URL, headers=tag)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        fake_server.photos = [photo(9)]
        TroveAccount.objects.update(connected_at=datetime(2030, 1, 1).astimezone())
        assert browser.get(URL, headers=tag).status_code == 200

    @pytest.mark.parametrize("url", [URL, "/cached.json"])
    def test_response_is_not_cached_for_other_users(self, account, browser, client, make_user, url):
        own = browser.get(url)
        assert own["Cache-Control"] == "private, no-cache"
        assert "Cookie" in own["Vary"]
        client.force_login(make_user("bob"))
        other = client.get(url, headers={"If-None-Match": own["ETag"]})
        assert other.status_code == 403
        assert client.get(url).json()["error"] == "not_connected"

    def test_head_has_no_body(self, account, browser):
        response = browser.head(URL)
        assert (response.status_code, response.content) == (200, b"")
