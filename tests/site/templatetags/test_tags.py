from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.template.context import make_context
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from django_trove.client import NotConnected, Photo, QueryError, Unavailable
from django_trove.models import TroveAccount
from django_trove.photos.context import connect_context
from django_trove.photos.display import ASPECT_RATIOS
from django_trove.services import Trove

from ..fake_trove_server import DOWN, photo

pytestmark = pytest.mark.django_db

PHOTOS = "{% load trove %}{% trove_photos user tags=tags as photos %}"
EACH = "{% for p in photos %}[{{ p.title }}]{% empty %}none {{ photos.error }}{% endfor %}"


def render(template, user, viewer=None, path="/here/?page=2", **context):
    request = RequestFactory().get(path)
    request.user = viewer or user
    return Template(template).render(make_context({"user": user} | context, request))


def gallery(user, arguments="", **context):
    return render("{% load trove %}{% trove_gallery user " + arguments + " %}", user, **context)


class TestPhotos:
    def test_photos_can_be_iterated(self, account):
        assert render(PHOTOS + EACH, account.user) == "[Snow 0][Snow 1][Snow 2]"

    def test_filters(self, account, fake_server):
        fake_server.photos.append(photo(7, tags=["ice"]))
        assert render(PHOTOS + EACH, account.user, tags="ice") == "[Snow 7]"

    def test_cached_response_costs_no_call_and_one_query(
        self, account, fake_server, django_assert_num_queries
    ):
        render(PHOTOS + EACH, account.user)
        with django_assert_num_queries(1):
            render(PHOTOS + EACH, account.user)
        with django_assert_num_queries(1):
            gallery(account.user)
        assert fake_server.photo_calls == 1

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ('tag="snow"', 'unknown filter "tag". Did you mean tags?'),
            ("tag=anything", "unknown filter"),
            ('since="2007-13-01"', "since must be a date such as 2007-03-04"),
            ("count=1000", "count must be an integer from 1 to 500"),
            ('since="2008-01-01" until="2007-01-01"', "since must not be after until"),
        ],
    )
    @pytest.mark.parametrize("tag", ["trove_photos", "trove_gallery"])
    def test_invalid_argument_raises_template_syntax_error(self, tag, arguments, message):
        with pytest.raises(TemplateSyntaxError, match=message.replace("?", r"\?")):
            Template("{% load trove %}{% " + f"{tag} user {arguments}" + " %}")

    def test_page_renders_with_invalid_user_input(self, account):
        template = "{% load trove %}{% trove_photos user since=since as photos %}"
        html = render(template + EACH, account.user, since="<yesterday>")
        assert html.startswith("none since must be a date such as 2007-03-04")
        assert "<yesterday>" not in html

    def test_page_renders_if_trove_is_down(self, account, fake_server):
        fake_server.error_response = DOWN
        assert "/v1/oauth/photos/ is unavailable (503)" in render(PHOTOS + EACH, account.user)

    @pytest.mark.parametrize("nobody", [None, "", AnonymousUser()])
    def test_no_user_has_no_photos(self, nobody):
        template = "{% load trove %}{% trove_photos somebody as photos %}" + EACH
        assert Template(template).render(Context({"somebody": nobody})).startswith("none")

    @pytest.mark.parametrize(
        ("error", "kind"), [(None, NotConnected), (DOWN, Unavailable), ("since", QueryError)]
    )
    def test_result_has_error(self, user, make_account, fake_server, error, kind):
        if error:
            make_account(*fake_server.grant())
        fake_server.error_response = DOWN if error == DOWN else None
        template = Template("{% load trove %}{% trove_photos user since=since as photos %}")
        context = Context({"user": user, "since": "soon" if error == "since" else None})
        template.render(context)
        assert isinstance(context["photos"].error, kind)


class TestGallery:
    def test_shows_each_photo(self, account):
        page = gallery(account.user, "count=2")
        assert page.count("<figure") == 2
        assert (
            '<a href="https://flickr.example/ann/0" rel="noopener">'
            '<img src="https://photos.example/0_t.jpg"'
            ' srcset="https://photos.example/0_t.jpg, https://photos.example/0.jpg 2x"'
            ' alt="Snow 0" fetchpriority="high" decoding="async" width="800" height="600">\n</a>'
        ) in page
        assert 'rel="noopener">Flickr</a>' in page
        assert '<time datetime="2007-03-04T21:08:12">' in page

    def test_image_candidates_have_widths(self, account, fake_server):
        urls = {"thumbnail": "https://photos.example/t", "large": "https://photos.example/l"}
        sizes = {"thumbnail": [320, 240], "large": [1600, 1200]}
        fake_server.photos = [photo(1, urls=urls, sizes=sizes)]
        assert (
            ' srcset="https://photos.example/t 320w, https://photos.example/l 1600w"'
            ' sizes="auto, min(100vw, 1.86 * clamp(6.5rem, 22vw, 15rem))"'
        ) in gallery(account.user)

    @pytest.mark.parametrize(("offset", "day"), [(-480, "Dec. 31, 2023"), (None, "Jan. 1, 2024")])
    def test_shows_the_local_day(self, account, fake_server, offset, day):
        """
        A photo of New Year's Eve keeps its day in every time zone of its viewers.
        """
        fields = {} if offset is None else {"utc_offset": offset}
        fake_server.photos = [photo(1, date="2024-01-01 T 07:30:00", **fields)]
        for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
            with timezone.override(zone):
                assert f">{day}</time>" in gallery(account.user)

    def test_first_four_images_load_eagerly(self, account, fake_server):
        fake_server.photos = [photo(number) for number in range(6)]
        page = gallery(account.user)
        assert (page.count('loading="lazy"'), page.count('fetchpriority="high"')) == (2, 1)

    @pytest.mark.parametrize(
        ("width", "height", "shape"),
        [(800, 600, 133), (600, 800, 75), (1080, 1920, 56), (999, 1000, 100), (9000, 100, 300),
         (10, 900, 40), (0, 0, 133)],
    )  # fmt: skip
    def test_each_photo_has_its_aspect_ratio(self, account, fake_server, width, height, shape):
        fake_server.photos = [photo(1, width=width, height=height)]
        assert f'<li data-shape="{shape}">' in gallery(account.user)

    def test_style_sheet_has_all_aspect_ratios(self):
        sheet = Path(finders.find("django_trove/trove.css")).read_text()
        rules = re.findall(r'\[data-shape="(\d+)"\] \{ --trove-shape: ([\d.]+); \}', sheet)
        assert [(int(name), float(ratio)) for name, ratio in rules] == [
            (shape, shape / 100) for shape in ASPECT_RATIOS
        ]

    def test_photo_without_metadata(self, account, fake_server):
        fake_server.photos = [{"trove_id": "7"}, photo(1, title="", date="", original_web_url="")]
        page = gallery(account.user)
        assert page.count("<figure") == 2
        assert 'src=""' not in page
        assert 'alt="Untitled photo"' in page
        assert "<time" not in page

    def test_date_is_not_converted_to_current_time_zone(self, account, settings):
        settings.TIME_ZONE = "Asia/Tokyo"
        assert ">March 4, 2007</time>" in gallery(account.user)

    def test_no_photos(self, account, fake_server):
        assert "No photos found." in gallery(account.user, 'tags="ice"')

    def test_stale_response_shows_note(self, account, fake_server, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        gallery(account.user)
        fake_server.error_response = DOWN
        page = gallery(account.user)
        assert page.count("<figure") == 3
        assert "These are the most recent results." in page

    def test_error_shows_note(self, account, fake_server):
        fake_server.error_response = DOWN
        page = gallery(account.user)
        assert "are unavailable" in page
        assert "No photos" not in page

    def test_invalid_user_input_shows_note(self, account):
        assert "page must be an integer" in gallery(account.user, "page=number", number="-1")

    def test_only_owner_is_offered_reconnection(self, account, fake_server, make_user):
        fake_server.revoke()
        own_page, other_page = (
            gallery(account.user, viewer=v) for v in (account.user, make_user("bob"))
        )
        assert "Reconnect your Trove" in own_page
        assert "Reconnect to see your photos." in own_page
        assert "are unavailable" in other_page
        assert "<form" not in other_page

    def test_only_owner_is_offered_connection(self, user, make_user, fake_server):
        assert "Connect your Trove" in gallery(user)
        assert "No photos found." in gallery(user, viewer=make_user("bob"))

    def test_anonymous_user_is_asked_to_sign_in(self, fake_server):
        assert "Sign in to connect your Trove" in gallery(AnonymousUser())
        assert "Sign in to connect your Trove" in gallery(None, viewer=AnonymousUser())

    def test_works_without_request(self, account):
        template = Template("{% load trove %}{% trove_gallery user %}")
        assert "<figure" in template.render(Context({"user": account.user}))

    def test_html_works_under_strict_content_security_policy(self, account):
        page = gallery(account.user)
        assert not any(bad in page for bad in ("style=", "<script", "<style", " on"))


class TestConnect:
    TAG = "{% load trove %}{% trove_connect %}"

    def test_button_returns_to_current_page(self, user, fake_server):
        page = render(self.TAG, user)
        assert 'method="post" action="/trove/connect/"' in page
        assert 'name="csrfmiddlewaretoken"' in page
        assert 'name="next" value="/here/?page=2"' in page
        assert "Connect your Trove" in page

    def test_button_returns_to_given_page(self, user, fake_server):
        page = render("{% load trove %}{% trove_connect next='/there/' %}", user)
        assert 'name="next" value="/there/"' in page

    @pytest.mark.parametrize(
        ("next", "expected"),
        [("?page=3", "/here/?page=3"), ("#top", "/here/?page=2#top"), ("there/", "/here/there/")],
    )
    def test_relative_next_refers_to_the_page(self, user, next, expected):
        request = RequestFactory().get("/here/?page=2")
        context = connect_context(request, Trove(user), next)
        assert context["next"] == expected

    @pytest.mark.parametrize("next", ["http://[", "https://[::1/"])
    def test_invalid_next_is_the_page(self, user, next):
        assert (
            connect_context(RequestFactory().get("/here/"), Trove(user), next)["next"] == "/here/"
        )

    def test_button_says_reconnect(self, make_account, fake_server):
        account = make_account(state=TroveAccount.State.NEEDS_RECONNECT)
        assert "Reconnect your Trove" in render(self.TAG, account.user)

    def test_connected_user_gets_link(self, account):
        page = render(self.TAG, account.user)
        assert 'href="/trove/"' in page
        assert "<form" not in page

    def test_anonymous_user_gets_login_link(self):
        page = render(self.TAG, AnonymousUser())
        assert 'href="/identity/login?next=/here/%3Fpage%3D2"' in page

    def test_user_is_that_of_the_request(self, account, make_user, fake_server):
        """
        The user of the context is used without a request.
        """
        assert 'href="/trove/"' in render(self.TAG, make_user("bob"), viewer=account.user)
        assert "Connect your Trove" in render(self.TAG, account.user, viewer=make_user("grace"))
        assert 'href="/trove/"' in Template(self.TAG).render(Context({"user": account.user}))


def test_very_long_url(rf):
    request = rf.get("/?q=" + "x" * 17_000)
    request.user = AnonymousUser()
    page = Template("{% load trove %}{% trove_connect %}").render(RequestContext(request))
    assert "Sign in" in page


class SecondPage(list):
    """
    Photos of a second page, with or without a total.
    """

    page = 2
    has_next = False


@pytest.mark.parametrize(("total", "is_shown"), [(None, False), (30, True)])
def test_count_is_shown_only_with_total(total, is_shown):
    photos = SecondPage([Photo(id="1")])
    photos.total_number_of_results = total

    page = render_to_string("django_trove/gallery.html", {"photos": photos, "state": "connected"})

    assert ("of 30 photos" in page, "None" in page) == (is_shown, False)
