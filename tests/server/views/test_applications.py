"""
The applications that I answer for.
"""

import re

import pytest
from django.db import connection
from django.test import Client

from django_trove.server import signals
from django_trove.server.models import Application, RequestToken
from django_trove.server.views.applications import MAX_APPLICATIONS

from ..conftest import CALLBACK
from ..signed_requests import Caller

pytestmark = pytest.mark.django_db

MINE = "/applications/mine/"
REGISTER = "/applications/mine/register/"
FORM = {"name": "Slides", "contact": "ada@site.example", "callbacks": CALLBACK}


@pytest.fixture
def mine(make_application, person):
    return make_application("Slides", owner=person)


@pytest.fixture
def bob(make_person):
    bob = Client()
    bob.force_login(make_person("bob"))
    return bob


def at(application, verb=""):
    return f"{MINE}{application.pk}/{verb}"


def secret_on(page):
    return re.search(r'<code id="secret">(\w{32})</code>', page.content.decode())[1]


def test_an_application_is_registered_and_can_sign_at_once(browser, person):
    page = browser.post(REGISTER, FORM | {"allow_oob": "on"}, secure=True)
    application = Application.objects.get()
    assert (application.owner, application.name, application.contact) == (
        person,
        "Slides",
        "ada@site.example",
    )
    assert (application.callbacks, application.allow_oob) == ([CALLBACK], True)
    assert application.key in page.content.decode()
    assert secret_on(page) == application.secret
    asked = Caller(application).get("/v1/oauth/request_token/?scope=photos", callback_uri=CALLBACK)
    assert asked.status_code == 200


def test_a_secret_is_shown_once_and_kept_nowhere(browser):
    """
    P7: Not by a cache, not by the session, and not on any page afterwards.
    """
    page = browser.post(REGISTER, FORM, secure=True)
    secret, application = secret_on(page), Application.objects.get()
    assert page["Cache-Control"] == "no-store, private"
    assert secret not in str(dict(browser.session))
    for path in (MINE, at(application), "/applications/"):
        assert secret not in browser.get(path, secure=True).content.decode()


def test_callbacks_stand_one_on_each_line_and_once(browser):
    other = "http://127.0.0.1/back"
    lines = f"\r\n {CALLBACK} \r\n\r\n{other}\r\n{CALLBACK}"
    browser.post(REGISTER, FORM | {"callbacks": lines}, secure=True)
    assert Application.objects.get().callbacks == [CALLBACK, other]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": " "}, "required"),
        ({"name": "x" * 101}, "at most 100"),
        (
            {"callbacks": f"{CALLBACK}\nhttp://site.example/"},
            "http://site.example/: Enter an https URL",
        ),
        ({"callbacks": "javascript:alert(1)"}, "Enter an absolute URL"),
        ({"callbacks": ""}, "Write at least one callback"),
        ({"callbacks": f"{CALLBACK}?{'x' * 8000}"}, "at most 8000"),
    ],
)
def test_a_form_that_is_wrong_says_what_and_keeps_the_rest(browser, form, words):
    page = browser.post(REGISTER, FORM | form, secure=True)
    assert page.status_code == 400
    assert words in page.content.decode()
    assert 'value="ada@site.example"' in page.content.decode()
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Slides", "flickr", "照片"])
def test_any_name_can_be_registered_and_is_only_text(browser, mine, name):
    page = browser.post(REGISTER, FORM | {"name": name}, secure=True)
    assert page.status_code == 200
    assert "<script" not in page.content.decode()
    assert "<script" not in browser.get(MINE, secure=True).content.decode()


def test_nobody_has_more_than_twenty(browser, make_application, person):
    for number in range(MAX_APPLICATIONS):
        make_application(f"Slides {number}", owner=person)
    page = browser.post(REGISTER, FORM, secure=True)
    assert (page.status_code, Application.objects.count()) == (400, MAX_APPLICATIONS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time, or none")
def test_two_at_once_are_not_more_than_twenty(person, make_application, race):
    for number in range(MAX_APPLICATIONS - 1):
        make_application(f"Slides {number}", owner=person)

    def post():
        browser = Client()
        browser.force_login(person)
        return browser.post(REGISTER, FORM, secure=True).status_code

    assert sorted(race(post, times=4)) == [200, 400, 400, 400]
    assert Application.objects.count() == MAX_APPLICATIONS


@pytest.mark.parametrize(
    ("registration", "status"),
    [
        (("anyone", False), 200),
        (("staff", False), 403),
        (("staff", True), 200),
        (("nobody", True), 403),
        (("misspelled", True), 403),
    ],
)
def test_a_trove_says_who_may_register(browser, person, settings, registration, status):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "REGISTRATION": registration[0]}
    person.is_staff = registration[1]
    person.save()
    assert (REGISTER.encode() in browser.get(MINE, secure=True).content) is (status == 200)
    assert browser.get(REGISTER, secure=True).status_code == status
    assert browser.post(REGISTER, FORM, secure=True).status_code == status
    assert Application.objects.exists() is (status == 200)


def test_an_application_is_changed_and_stays_what_it_is(browser, mine):
    key, secret, slug = mine.key, mine.secret, mine.slug
    assert CALLBACK in browser.get(at(mine), secure=True).content.decode()
    changed = {"name": "Pictures", "contact": "", "callbacks": "https://new.example/"}
    assert browser.post(at(mine), changed, secure=True).url == MINE
    mine.refresh_from_db()
    assert (mine.name, mine.callbacks) == ("Pictures", ["https://new.example/"])
    assert (mine.key, mine.secret, mine.slug) == (key, secret, slug)


@pytest.mark.parametrize(
    ("change", "verified"),
    [({"callbacks": "https://new.example/"}, True), ({"name": "Your bank"}, False)],
)
def test_a_verified_application_under_another_name_is_not_verified(
    browser, make_application, person, change, verified
):
    mine = make_application("Slides", contact=FORM["contact"], owner=person, verified=True)
    browser.post(at(mine), FORM | change, secure=True)
    mine.refresh_from_db()
    assert mine.verified is verified


def test_its_owner_changes_nothing_that_only_the_admin_may(browser, mine):
    forged = FORM | {"verified": "on", "allow_oauth10": "on", "owner": "", "key": "x"}
    browser.post(at(mine), forged, secure=True)
    Application.objects.filter(pk=mine.pk).update(active=False)
    browser.post(at(mine), forged | {"active": "on"}, secure=True)
    after = Application.objects.get()
    assert (after.verified, after.allow_oauth10, after.active) == (False, False, False)
    assert (after.owner_id, after.key) == (mine.owner_id, mine.key)


def test_another_secret_is_shown_once_and_the_old_one_holds_a_while(browser, mine):
    old = mine.secret
    page = browser.post(at(mine, "rotate/"), secure=True)
    mine.refresh_from_db()
    assert secret_on(page) == mine.secret != old
    assert mine.previous_secret == old
    assert page["Cache-Control"] == "no-store, private"
    assert mine.secret not in browser.get(at(mine), secure=True).content.decode()


def test_two_other_secrets_end_the_one_that_somebody_else_knows(browser, mine):
    """
    As the page says; one alone lets it hold for a day.
    """
    for status in (200, 401):
        browser.post(at(mine, "rotate/"), secure=True)
        asked = Caller(mine).get("/v1/oauth/request_token/?scope=photos", callback_uri=CALLBACK)
        assert asked.status_code == status


def test_everything_is_taken_back_from_an_application_and_from_no_other(
    browser, mine, make_application, make_token, django_capture_on_commit_callbacks
):
    heard = []

    def hear(sender, **said):
        heard.append((said["user"].username, said["application"].name))

    signals.application_revoked.connect(hear)
    token, again = make_token(to=mine), make_token(to=mine)
    other = make_token(to=make_application("Other"))
    Caller(mine).get("/v1/oauth/request_token/?scope=photos", callback_uri=CALLBACK)
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(at(mine, "take-back/"), secure=True).url == MINE
    assert Caller(mine, token).get("/v1/oauth/photos/").status_code == 401
    assert Caller(mine, again).get("/v1/oauth/photos/").status_code == 401
    assert Caller(other.application, other).get("/v1/oauth/photos/").status_code == 200
    assert not RequestToken.objects.exists()
    assert heard == [("ada", "Slides")]


@pytest.mark.parametrize("verb", ["", "rotate/", "take-back/"])
def test_somebody_elses_application_is_not_there(bob, mine, make_token, verb):
    token, before = make_token(to=mine), Application.objects.values().get(pk=mine.pk)
    assert bob.post(at(mine, verb), FORM, secure=True).status_code == 404
    assert bob.get(at(mine), secure=True).status_code == 404
    assert mine.key not in bob.get(MINE, secure=True).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None
    assert Application.objects.values().get(pk=mine.pk) == before


def test_an_application_of_nobodys_is_nobodys(browser, make_application):
    assert browser.get(at(make_application()), secure=True).status_code == 404


@pytest.mark.parametrize("verb", ["register/", "{}/", "{}/rotate/", "{}/take-back/"])
def test_another_site_does_none_of_it(person, mine, make_token, verb):
    token, before = make_token(to=mine), Application.objects.values().get(pk=mine.pk)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    form = FORM | {"name": "Forged"}
    assert strict.post(MINE + verb.format(mine.pk), form, secure=True).status_code == 403
    token.refresh_from_db()
    assert token.revoked_at is None
    assert Application.objects.values().get(owner=person) == before


@pytest.mark.parametrize("verb", ["rotate/", "take-back/"])
def test_a_link_alone_changes_nothing(browser, mine, verb):
    assert browser.get(at(mine, verb), secure=True).status_code == 405


@pytest.mark.parametrize("verb", ["", "register/", "1/"])
def test_somebody_who_has_not_signed_in_signs_in_first(db, verb):
    path = MINE + verb
    assert Client().get(path, secure=True).url == f"/identity/login?next={path}"
