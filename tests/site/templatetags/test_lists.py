"""
Lists of videos, status updates, check-ins and friends.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Template, TemplateSyntaxError
from django.template.context import make_context
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from django_trove.client import Status
from django_trove.services import Trove

pytestmark = pytest.mark.django_db

TYPES = ["photos", "videos", "status", "checkins", "friends"]
LISTS = {
    "video_list": "No videos found.",
    "status_list": "No status updates found.",
    "checkin_list": "No check-ins found.",
    "friend_list": "No friends found.",
}
FILE = "https://media.example/waves.mp4?a=1&b=2"


@pytest.fixture
def trove(fake_trove, user, settings):
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": TYPES}
    fake_trove.connect(user)
    return fake_trove


def render(user, tag, viewer=None, path="/here/"):
    request = RequestFactory().get(path)
    request.user = viewer or user
    template = Template("{% load trove %}{% " + tag + " %}")
    return template.render(make_context({"user": user}, request))


class TestAll:
    @pytest.mark.parametrize(("tag", "text"), LISTS.items())
    def test_empty_list(self, trove, user, tag, text):
        page = render(user, f"trove_{tag} user")
        assert text in page
        assert "<li" not in page

    @pytest.mark.parametrize("tag", LISTS)
    def test_user_without_trove(self, fake_trove, user, tag):
        assert "Connect your Trove" in render(user, f"trove_{tag} user")
        assert "Connect" not in render(user, f"trove_{tag} user", viewer=AnonymousUser())

    @pytest.mark.parametrize("tag", LISTS)
    def test_unavailable_trove(self, trove, user, tag):
        trove.down()
        page = render(user, f"trove_{tag} user")
        assert 'role="status">This content is unavailable.' in page

    @pytest.mark.parametrize("tag", LISTS)
    def test_missing_grant(self, fake_trove, user, settings, tag):
        fake_trove.connect(user)
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": TYPES}
        page = render(user, f"trove_{tag} user")
        assert re.search("You have not shared your (videos|status updates|check-ins|friends)", page)
        assert "Reconnect your Trove" in page
        visitor = render(user, f'trove_{tag} user public="any"', viewer=AnonymousUser())
        assert "This content is unavailable." in visitor
        assert "Reconnect" not in visitor

    @pytest.mark.parametrize("tag", LISTS)
    def test_type_that_is_missing_in_settings(self, fake_trove, user, caplog, tag):
        fake_trove.connect(user)
        assert "This content is unavailable." in render(user, f"trove_{tag} user")
        assert "CONTENT_TYPES" in caplog.text
        assert fake_trove.calls == []

    @pytest.mark.parametrize("debug", [True, False])
    @pytest.mark.parametrize("tag", ["video_list", "gallery"])
    def test_developers_see_an_invalid_call(self, fake_trove, user, settings, tag, debug):
        fake_trove.connect(user)
        settings.DEBUG = debug
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["status"]}
        page = render(user, f"trove_{tag} user")
        assert "unavailable. Try again in a few minutes." in page
        assert ("CONTENT_TYPES" in page) == debug

    @pytest.mark.parametrize("tag", LISTS)
    def test_revoked_access(self, trove, user, tag):
        trove.revoke(user)
        page = render(user, f"trove_{tag} user")
        assert "no longer has access" in page
        assert "Reconnect your Trove" in page

    def test_stale_list(self, trove, user):
        trove.add_status(message="Hello")
        render(user, "trove_status_list user")
        trove.down()
        page = render(user, "trove_status_list user")
        assert "Hello" in page
        assert "most recent results" in page

    def test_pages(self, trove, user):
        for number in range(3):
            trove.add_status(message=f"Post {number}", date=f"2007-03-0{number + 1}")
        page = render(user, "trove_status_list user count=2 page=1")
        assert ("Post 2" in page, "Post 0" in page) == (True, False)
        assert 'rel="next" href="?page=2"' in page

    def test_invalid_filter(self, trove, user):
        with pytest.raises(TemplateSyntaxError, match="trove_status_list user count=12"):
            render(user, 'trove_status_list user colour="red"')
        with pytest.raises(TemplateSyntaxError, match="as statuses"):
            render(user, "trove_statuses user")
        page = render(user, "trove_status_list user since=request.path")
        assert "Invalid filter:" in page


class TestStatuses:
    def test_text_is_escaped_and_linked(self, trove, user):
        trove.add_status(
            message="<script>alert(1)</script>\nSee https://snow.example/?a=1&b=2",
            subfields={"name": "<b>Snow", "caption": None, "description": "https://sea.example"},
            place={"full_name": "<i>Kyoto"},
            original_web_url="https://facebook.example/1",
            date=datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC),
        )
        with timezone.override("America/New_York"):
            page = render(user, "trove_status_list user")
        for unsafe in ("<script>alert", "<b>", "<i>", "None", "style="):
            assert unsafe not in page
        assert '<a href="https://snow.example/?a=1&amp;b=2" rel="nofollow">' in page
        assert '<a href="https://sea.example" rel="nofollow">' in page
        assert '<time datetime="2007-03-04T16:08:12-05:00">' in page
        assert 'href="https://facebook.example/1" rel="noopener"' in page
        assert "&lt;i&gt;Kyoto" in page

    @pytest.mark.parametrize("year", [1, 9999])
    def test_extreme_date_does_not_fail_the_page(self, trove, user, year):
        date = (
            datetime(year, 1, 1, tzinfo=UTC)
            if year == 1
            else datetime(9999, 12, 31, 23, tzinfo=UTC)
        )
        trove.add_status(message="Hello", date=date)
        for zone in ("America/New_York", "Asia/Tokyo"):
            with timezone.override(zone):
                assert "Hello" in render(user, "trove_status_list user")

    def test_naive_times(self, settings):
        settings.USE_TZ = False
        status = Status(service_date=datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC))
        page = render_to_string("django_trove/status.html", {"status": status})
        assert '<time datetime="2007-03-04T21:08:12' in page


def test_checkins(trove, user):
    trove.add_checkin(
        venue="<b>Café", shout="Coffee & cake", description="Again", date="2007-03-04"
    )
    page = render(user, "trove_checkin_list user")
    assert "<strong>&lt;b&gt;Café</strong>" in page
    assert "Coffee &amp; cake" in page
    assert "Again" in page
    assert "<time datetime=" in page


def test_friends(trove, user):
    trove.add_friend(
        name="<b>Bob", url="https://bob.example/", avatar_url="https://b.example/a.jpg"
    )
    trove.add_friend(name="Eve", url="javascript:alert(1)")
    page = render(user, "trove_friend_list user")
    assert (
        '<a class="trove-link" href="https://bob.example/" rel="noopener">&lt;b&gt;Bob</a>' in page
    )
    assert page.count("<img") == 1
    assert "Eve" in page
    assert "javascript" not in page


class TestVideos:
    def add_video(self, trove, **fields):
        urls = {"original": FILE, "large": "https://media.example/large.jpg"}
        defaults = {"title": "Waves", "duration": 62, "urls": urls, "media_type": "video/mp4"}
        return trove.add_video(**defaults | fields)

    @pytest.mark.parametrize("tag", ["trove_video_list user", "trove_gallery user videos=True"])
    def test_video_is_marked(self, trove, user, tag):
        self.add_video(trove)
        page = render(user, tag)
        assert "</span> 1:02</span>" in page
        assert (
            'data-video="https://media.example/waves.mp4?a=1&amp;b=2" data-type="video/mp4"' in page
        )
        assert 'src="https://media.example/large.jpg"' in page

    def test_file_of_a_video_is_no_picture(self, trove, user):
        self.add_video(trove, urls={"original": FILE})
        for tag in ("trove_video_list user", "trove_gallery user videos=True"):
            page = render(user, tag)
            assert "<img" not in page
            assert "Waves" in page

    def test_video_without_file_has_no_player(self, trove, user):
        self.add_video(trove, media_type="")
        page = render(user, "trove_video_list user")
        assert "data-video=" not in page
        assert "trove-video-mark" in page

    def test_gallery_shows_photos_only_by_default(self, trove, user):
        self.add_video(trove)
        trove.add_photo(title="Snow")
        page = render(user, "trove_gallery user")
        assert ("Snow" in page, "Waves" in page) == (True, False)

    def test_counts_photos_and_videos(self, trove, user):
        self.add_video(trove)
        trove.add_photo(title="Snow")
        page = render(user, "trove_gallery user videos=True count=1")
        assert "1 of 2 photos and videos" in page

    def test_videos_in_settings(self, fake_trove, user):
        fake_trove.connect(user)
        page = render(user, "trove_gallery user videos=True")
        assert "videos requires" in page


def test_album_and_words(trove, user):
    trove.add_photo(title="Snow in Kyoto", album_id="7")
    trove.add_photo(title="Snow in Paris", album_id="8")
    assert "Kyoto" in render(user, 'trove_gallery user text="kyoto"')
    page = render(user, 'trove_gallery user album="8,9" text="snow"')
    assert ("Kyoto" in page, "Paris" in page) == (False, True)


def test_service_methods_used_by_tags(trove, user):
    trove.add_friend(name="Bob")
    assert [friend.name for friend in Trove(user).friends()] == ["Bob"]
