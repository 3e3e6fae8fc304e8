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

from django_trove.client import NotConnected, Photo, QueryError, Unavailable
from django_trove.models import TroveAccount
from django_trove.photos.context import ASPECT_RATIOS

from ..fake_cache_and_clock import DOWN, photo

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
    def test_it_gives_photos_to_go_through(self, account):
        assert render(PHOTOS + EACH, account.user) == "[Snow 0][Snow 1][Snow 2]"

    def test_filters_choose(self, account, pretend):
        pretend.photos.append(photo(7, tags=["ice"]))
        assert render(PHOTOS + EACH, account.user, tags="ice") == "[Snow 7]"

    def test_a_kept_answer_costs_no_call_and_one_query(
        self, account, pretend, django_assert_num_queries
    ):
        render(PHOTOS + EACH, account.user)
        with django_assert_num_queries(1):
            render(PHOTOS + EACH, account.user)
        with django_assert_num_queries(1):
            gallery(account.user)
        assert pretend.photo_calls == 1

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
    def test_a_mistake_in_the_template_is_said_when_it_is_compiled(self, tag, arguments, message):
        with pytest.raises(TemplateSyntaxError, match=message.replace("?", r"\?")):
            Template("{% load trove %}{% " + f"{tag} user {arguments}" + " %}")

    def test_a_visitor_s_mistake_breaks_no_page(self, account):
        template = "{% load trove %}{% trove_photos user since=since as photos %}"
        came = render(template + EACH, account.user, since="<yesterday>")
        assert came.startswith("none since must be a date such as 2007-03-04")
        assert "<yesterday>" not in came

    def test_a_trove_that_is_down_breaks_no_page(self, account, pretend):
        pretend.fault = DOWN
        assert "/v1/oauth/photos/ is unavailable (503)" in render(PHOTOS + EACH, account.user)

    @pytest.mark.parametrize("nobody", [None, "", AnonymousUser()])
    def test_nobody_has_no_photos(self, nobody):
        template = "{% load trove %}{% trove_photos somebody as photos %}" + EACH
        assert Template(template).render(Context({"somebody": nobody})).startswith("none")

    @pytest.mark.parametrize(
        ("fault", "kind"), [(None, NotConnected), (DOWN, Unavailable), ("since", QueryError)]
    )
    def test_the_result_says_what_is_wrong(self, user, make_account, pretend, fault, kind):
        if fault:
            make_account(*pretend.grant())
        pretend.fault = DOWN if fault == DOWN else None
        template = Template("{% load trove %}{% trove_photos user since=since as photos %}")
        context = Context({"user": user, "since": "soon" if fault == "since" else None})
        template.render(context)
        assert isinstance(context["photos"].error, kind)


class TestGallery:
    def test_it_shows_each_photo(self, account):
        page = gallery(account.user, "count=2")
        assert page.count("<figure") == 2
        assert (
            '<a href="https://flickr.example/ann/0" rel="noopener">'
            '<img src="https://photos.example/0_t.jpg"'
            ' srcset="https://photos.example/0_t.jpg, https://photos.example/0.jpg 2x"'
            ' alt="Snow 0" fetchpriority="high" decoding="async" width="800" height="600">\n</a>'
        ) in page
        assert 'rel="noopener">Flickr</a>' in page
        assert '<time datetime="2007-03-04T21:08:12+00:00">' in page

    def test_the_first_four_pictures_load_at_once(self, account, pretend):
        pretend.photos = [photo(number) for number in range(6)]
        page = gallery(account.user)
        assert (page.count('loading="lazy"'), page.count('fetchpriority="high"')) == (2, 1)

    @pytest.mark.parametrize(
        ("width", "height", "shape"),
        [(800, 600, 133), (600, 800, 75), (1080, 1920, 56), (999, 1000, 100), (9000, 100, 300),
         (10, 900, 40), (0, 0, 133)],
    )  # fmt: skip
    def test_each_has_the_width_of_its_shape(self, account, pretend, width, height, shape):
        pretend.photos = [photo(1, width=width, height=height)]
        assert f'<li data-shape="{shape}">' in gallery(account.user)

    def test_the_style_sheet_has_every_shape(self):
        sheet = Path(finders.find("django_trove/trove.css")).read_text()
        rules = re.findall(r'\[data-shape="(\d+)"\] \{ --trove-shape: ([\d.]+); \}', sheet)
        assert [(int(name), float(ratio)) for name, ratio in rules] == [
            (shape, shape / 100) for shape in ASPECT_RATIOS
        ]

    def test_a_photo_without_facts_is_shown_too(self, account, pretend):
        pretend.photos = [{"trove_id": "7"}, photo(1, title="", date="", original_web_url="")]
        page = gallery(account.user)
        assert page.count("<figure") == 2
        assert 'src=""' not in page
        assert 'alt="Untitled photo"' in page
        assert "<time" not in page

    def test_the_date_is_the_camera_s_wherever_the_visitor_is(self, account, settings):
        settings.TIME_ZONE = "Asia/Tokyo"
        assert ">March 4, 2007</time>" in gallery(account.user)

    def test_none_found(self, account, pretend):
        assert "No photos found." in gallery(account.user, 'tags="ice"')

    def test_an_old_answer_says_so(self, account, pretend, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        gallery(account.user)
        pretend.fault = DOWN
        page = gallery(account.user)
        assert page.count("<figure") == 3
        assert "These are the most recent results." in page

    def test_no_answer_says_so(self, account, pretend):
        pretend.fault = DOWN
        page = gallery(account.user)
        assert "are unavailable" in page
        assert "No photos" not in page

    def test_a_visitor_s_mistake_says_so(self, account):
        assert "page must be an integer" in gallery(account.user, "page=number", number="-1")

    def test_only_its_owner_is_asked_to_reconnect(self, account, pretend, make_user):
        pretend.revoke()
        mine, theirs = (gallery(account.user, viewer=v) for v in (account.user, make_user("bob")))
        assert "Reconnect your Trove" in mine
        assert "Reconnect to see your photos." in mine
        assert "are unavailable" in theirs
        assert "<form" not in theirs

    def test_only_its_owner_is_asked_to_connect(self, user, make_user, pretend):
        assert "Connect your Trove" in gallery(user)
        assert "No photos found." in gallery(user, viewer=make_user("bob"))

    def test_a_stranger_is_asked_to_sign_in(self, pretend):
        assert "Sign in to connect your Trove" in gallery(AnonymousUser())

    def test_it_works_without_a_request(self, account):
        template = Template("{% load trove %}{% trove_gallery user %}")
        assert "<figure" in template.render(Context({"user": account.user}))

    def test_nothing_in_it_needs_an_exception_from_a_strict_policy(self, account):
        page = gallery(account.user)
        assert not any(bad in page for bad in ("style=", "<script", "<style", " on"))


class TestConnect:
    TAG = "{% load trove %}{% trove_connect %}"

    def test_a_button_comes_back_to_this_page(self, user, pretend):
        page = render(self.TAG, user)
        assert 'method="post" action="/trove/connect/"' in page
        assert 'name="csrfmiddlewaretoken"' in page
        assert 'name="next" value="/here/?page=2"' in page
        assert "Connect your Trove" in page

    def test_or_to_another_one(self, user, pretend):
        page = render("{% load trove %}{% trove_connect next='/there/' %}", user)
        assert 'name="next" value="/there/"' in page

    def test_it_says_reconnect_where_that_is_needed(self, make_account, pretend):
        account = make_account(state=TroveAccount.State.NEEDS_RECONNECT)
        assert "Reconnect your Trove" in render(self.TAG, account.user)

    def test_who_is_connected_gets_a_link(self, account):
        page = render(self.TAG, account.user)
        assert 'href="/trove/"' in page
        assert "<form" not in page

    def test_a_stranger_signs_in_first(self):
        page = render(self.TAG, AnonymousUser())
        assert 'href="/identity/login?next=/here/%3Fpage%3D2"' in page


def test_an_endless_address_breaks_no_page(rf):
    request = rf.get("/?q=" + "x" * 17_000)
    request.user = AnonymousUser()
    page = Template("{% load trove %}{% trove_connect %}").render(RequestContext(request))
    assert "Sign in" in page


class Counted(list):
    """Photos of a second page, with or without a total."""

    page = 2
    has_next = False


@pytest.mark.parametrize(("total", "shown"), [(None, False), (30, True)])
def test_a_gallery_counts_its_photos_only_where_the_trove_gave_a_total(total, shown):
    photos = Counted([Photo(id="1")])
    photos.total_number_of_results = total

    page = render_to_string("django_trove/gallery.html", {"photos": photos, "state": "connected"})

    assert ("of 30 photos" in page, "None" in page) == (shown, False)
