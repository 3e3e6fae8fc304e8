"""
A page with several tags has one notice, one connect button and one link to the account page.
"""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from django_trove.models import TroveAccount

from ..fake_trove_server import DOWN

TAGS = (
    "{% trove_gallery user %}",
    "{% trove_gallery user tags='snow' %}",
    "{% trove_map user assets=False %}",
    "{% trove_video_list user %}",
    "{% trove_connect %}",
)
ACCOUNT_LINK = "Your Trove account"


@pytest.fixture
def request_of(user):
    def build():
        request = RequestFactory().get("/")
        request.user = user
        return request

    return build


@pytest.fixture
def render(user, request_of):
    """
    Render tags in one page.
    """

    def render(*tags):
        template = Template("{% load trove %}" + "".join(tags))
        return template.render(Context({"request": request_of(), "user": user}))

    return render


@pytest.fixture(autouse=True)
def _all_types(settings, fake_server):
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos", "videos"]}


def count_notices(html):
    return html.count('class="trove-note')


def test_unavailable(account, render, fake_server):
    fake_server.error_response = DOWN
    assert count_notices(render(*TAGS[:-1])) == 1
    assert count_notices(render(*TAGS)) == 1
    assert count_notices(render(*reversed(TAGS))) == 1


def test_stale(account, render, fake_server, settings):
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
    render(*TAGS[:2])
    fake_server.error_response = DOWN
    html = render(*TAGS[:2])
    assert count_notices(html) == 1
    assert "These are the most recent results" in html
    assert html.count("<figure") == 6


def test_connect(user, render):
    html = render(*TAGS)
    assert html.count("Connect your Trove") == 1
    assert count_notices(html) == 0


def test_reconnect(account, render):
    TroveAccount.objects.update(state=TroveAccount.State.NEEDS_RECONNECT)
    html = render(*TAGS)
    assert html.count("<form") == 1
    assert count_notices(html) == 1


def test_missing_types_have_one_button(account, render, fake_server, settings):
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos", "videos", "friends"]}
    TroveAccount.objects.update(content_types=["photos"])
    html = render("{% trove_video_list user %}{% trove_friend_list user %}")
    assert "You have not shared your videos" in html
    assert "You have not shared your friends" in html
    assert html.count("<form") == 1


def test_invalid_filters_are_notices_of_their_own(account, render):
    html = render("{% trove_gallery user box=user %}{% trove_gallery user near=user %}")
    assert html.count("Invalid filter:") == 2


def test_link_to_the_account_page(account, render):
    assert render(*TAGS[:2]).count(ACCOUNT_LINK) == 1
    assert "/trove/" in render("{% trove_connect %}{% trove_gallery user %}")
    assert ACCOUNT_LINK not in render("{% trove_connect %}{% trove_gallery user %}")


def test_users_find_disconnect(account, render, browser):
    """
    From the gallery of README's step 4.
    """
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    snippet = re.search(r"```django\n( +{% load static trove %}.*?)```", readme, re.DOTALL)[1]
    url = re.search(r'href="([^"]*)">Your Trove account', render(snippet))[1]
    assert reverse("django_trove:disconnect") in browser.get(url).content.decode()


def test_others_have_no_link_to_the_account_page(account, django_user_model):
    request = RequestFactory().get("/")
    request.user = django_user_model.objects.create_user("eve")
    context = Context({"request": request, "owner": account.user})
    assert ACCOUNT_LINK not in Template("{% load trove %}{% trove_gallery owner %}").render(context)


def test_each_request_is_a_page_of_its_own(user, render):
    assert render(TAGS[0]) == render(TAGS[0])


def test_without_a_request_each_tag_has_its_notice(account, fake_server, user):
    fake_server.error_response = DOWN
    template = Template("{% load trove %}{% trove_gallery user %}{% trove_gallery user %}")
    assert count_notices(template.render(Context({"user": user}))) == 2
