from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from jinja2 import TemplateRuntimeError

from django_trove.models import TroveAccount

from .fake_trove_server import DOWN, photo

pytestmark = pytest.mark.django_db

EACH = "{% for p in photos %}[{{ p.title }}]{% else %}none {{ photos.error.detail }}{% endfor %}"


@pytest.fixture(
    params=[
        {"environment": "django_trove.jinja2.environment"},
        {"extensions": ["django_trove.jinja2.TroveExtension"]},
    ],
    ids=["environment", "extension"],
)
def backend(request: Any, settings: Any) -> None:
    jinja2 = {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": request.param,
    }
    settings.TEMPLATES = [jinja2, *settings.TEMPLATES]


@pytest.fixture
def render(backend: None) -> Any:
    """
    Render with Django's Jinja2 backend.
    """

    def do(template: str, user: Any, viewer: Any = None, **context: Any) -> str:
        request = RequestFactory().get("/here/?page=2")
        request.user = viewer or user
        found = engines["jinja2"].from_string(template)
        return str(found.render({"user": user} | context, request))

    return do


class TestPhotos:
    def test_photos_can_be_iterated(self, account, render, fake_server):
        fake_server.photos.append(photo(7, tags=["ice"]))
        template = "{% set photos = trove_photos(user, tags=tags) %}" + EACH
        assert render(template, account.user, tags="ice") == "[Snow 7]"

    def test_page_renders_if_trove_is_down(self, account, render, fake_server):
        fake_server.error_response = DOWN
        html = render("{% set photos = trove_photos(user) %}" + EACH, account.user)
        assert "/v1/oauth/photos/ is unavailable (503)" in html

    def test_page_renders_with_invalid_user_input(self, account, render):
        template = "{% set photos = trove_photos(user, since=since) %}" + EACH
        html = render(template, account.user, since="<yesterday>")
        assert html.startswith("none since must be a date such as 2007-03-04")
        assert "<yesterday>" not in html

    def test_photo_fields_are_escaped(self, account, render, fake_server):
        fake_server.photos = [photo(1, title="<script>")]
        template = "{% set photos = trove_photos(user) %}" + EACH
        assert render(template, account.user) == "[&lt;script&gt;]"

    def test_page_has_one_notice(self, account, render, fake_server):
        fake_server.error_response = DOWN
        html = render(
            "{{ trove_gallery(user) }}{{ trove_gallery(user, tags='ice') }}", account.user
        )
        assert html.count('class="trove-note') == 1

    @pytest.mark.parametrize("name", ["trove_photos", "trove_gallery"])
    def test_misspelled_filter_is_named(self, account, render, name):
        with pytest.raises(
            TemplateRuntimeError, match=f'{name}: unknown filter "tag". Did you mean'
        ):
            render("{{ " + name + '(user, tag="snow") }}', account.user)


class TestGallery:
    def test_equals_template_tag(self, account, render):
        ours = render("{{ trove_gallery(user, count=2) }}", account.user)
        request = RequestFactory().get("/here/?page=2")
        request.user = account.user
        tag = engines["django"].from_string("{% load trove %}{% trove_gallery user count=2 %}")
        assert ours == tag.render({"user": account.user}, request)
        assert ours.count("<figure") == 2

    def test_only_owner_is_offered_reconnection(self, account, render, fake_server, make_user):
        fake_server.revoke()
        template = "{{ trove_gallery(user) }}"
        own, other = (
            render(template, account.user, viewer) for viewer in (account.user, make_user("bob"))
        )
        assert "Reconnect your Trove" in own
        assert "<form" not in other


class TestConnect:
    def test_button_returns_to_current_page(self, user, render, fake_server):
        page = render("{{ trove_connect() }}", user)
        assert 'method="post" action="/trove/connect/"' in page
        assert 'name="csrfmiddlewaretoken"' in page
        assert 'name="next" value="/here/?page=2"' in page

    def test_button_returns_to_given_page(self, user, render, fake_server):
        assert 'value="/there/"' in render("{{ trove_connect(next='/there/') }}", user)

    def test_links_for_anonymous_and_connected_users(self, account, render):
        template = "{{ trove_connect() }}"
        assert "Sign in to connect" in render(template, AnonymousUser())
        assert 'href="/trove/"' in render(template, account.user)

    def test_button_says_reconnect(self, make_account, render, fake_server):
        account = make_account(state=TroveAccount.State.NEEDS_RECONNECT)
        assert "Reconnect your Trove" in render("{{ trove_connect() }}", account.user)


def test_works_without_request(account, backend):
    template = engines["jinja2"].from_string("{{ trove_gallery(user) }}{{ trove_connect() }}")
    page = template.render({"user": account.user})
    assert page.count("<figure") == 3
    assert 'href="/trove/"' in page
