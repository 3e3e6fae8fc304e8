"""
Links for users without a Trove, in version 1 (protocol, section 3.7).
"""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from django_trove.client import KeysRejected, NotFound, SignUpClosed, TroveAPI
from django_trove.server.models import AccessToken, AddLink, GrantedFolder, Identity, RequestToken

from ..conftest import CALLBACK
from ..images import draw
from ..signed_requests import FORM, Caller, form_of

pytestmark = pytest.mark.django_db

PATH = "/v1/add/newtrove/service/folder"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path, "SIGN_UP": "open"}
    draw(tmp_path / "ada" / "winter" / "snow.jpg")


@pytest.fixture
def request_token(dance):
    return dance.asked()


def request_link(application, token=None, path=PATH, method="post", **form):
    fields = {"app_key": application.key, "app_secret": application.secret}
    if token:
        fields["oauth_token"] = token.key
    fields |= form
    if method == "get":
        return Client().get(path, fields, secure=True)
    return Client().post(path, urlencode(fields), content_type=FORM, secure=True)


@pytest.fixture
def link(application, request_token):
    return request_link(application, request_token).content.decode()


@pytest.fixture
def add_folder(person, browser):
    """
    Add the folder of a link as its user. Return the path of the consent page.
    """
    GrantedFolder.objects.create(user=person, path="ada")

    def add_folder(link):
        response = browser.post(link, {"folder": "winter"}, secure=True)
        assert response.url == link
        return browser.get(link, secure=True).url

    return add_folder


def decide(browser, token, decision="allow"):
    form = {"oauth_token": token.key, "decision": decision, "content_types": ["photos"]}
    return browser.post("/v1/oauth/authorize/", form, secure=True)


@pytest.mark.parametrize("path", [PATH, PATH + "/", "/add/newtrove/service/folder"])
def test_the_response_is_the_path_of_a_link_without_a_user(application, request_token, path):
    response = request_link(application, request_token, path)
    assert response.status_code == 200
    assert response.content.decode().startswith("/add/")
    link = AddLink.objects.get()
    assert (link.user, link.application, link.redirect_url) == (None, application, CALLBACK)


def test_the_user_adds_the_service_and_authorizes_the_application(
    application, request_token, link, browser, add_folder
):
    consent = add_folder(link)
    assert consent == f"/v1/oauth/authorize/?oauth_token={request_token.key}"
    assert b"Example site" in browser.get(consent, secure=True).content
    back = decide(browser, request_token)
    assert back.url.startswith(CALLBACK)
    verifier = dict(parse_qsl(urlsplit(back.url).query))["oauth_verifier"]
    caller = Caller(application, request_token, verifier=verifier)
    token = form_of(caller.get("/v1/oauth/access_token/"))
    assert AccessToken.objects.get(key=token["oauth_token"]).user.username == "ada"


def test_the_request_token_lives_as_long_as_the_link(application, request_token):
    request_link(application, request_token)
    row = RequestToken.objects.get()
    assert row.expires > timezone.now() + timedelta(minutes=59)
    assert row.content_types == ["photos"]


def test_a_scope_replaces_that_of_the_request_token(application, request_token):
    request_link(application, request_token, scope="videos")
    assert RequestToken.objects.get().content_types == ["videos"]


def test_a_scope_that_is_not_offered_is_rejected(application, request_token):
    response = request_link(application, request_token, scope="friends")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")
    assert not AddLink.objects.exists()


def test_the_user_can_continue_without_the_service(browser, link, request_token):
    response = browser.post(link, {"skip": "1"}, secure=True)
    assert response.url == f"/v1/oauth/authorize/?oauth_token={request_token.key}"
    assert not Identity.objects.exists()


def test_a_denial_is_reported_to_the_application(browser, link, request_token, add_folder):
    add_folder(link)
    back = decide(browser, request_token, "deny")
    assert back.url == f"{CALLBACK}?oauth_problem=user_refused&oauth_token={request_token.key}"


def test_a_closed_browser_continues_with_the_consent_page(browser, person, link, add_folder):
    consent = add_folder(link)
    other_browser = Client()
    other_browser.force_login(person)
    assert other_browser.get(link, secure=True).url == consent


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_link_cannot_be_used_after_the_decision(
    browser, link, request_token, add_folder, decision
):
    """
    Replay.
    """
    add_folder(link)
    decide(browser, request_token, decision)
    page = browser.get(link, secure=True)
    assert page.status_code == 400
    assert b"can be used once" in page.content
    assert decide(browser, request_token).status_code == 400


def test_an_expired_link_has_a_page_with_the_reason(browser, link):
    AddLink.objects.update(expires=timezone.now())
    page = browser.get(link, secure=True)
    assert page.status_code == 400
    assert b"has expired" in page.content


def test_the_link_belongs_to_the_first_user(browser, make_person, link, add_folder):
    """
    Session fixation: an attacker opens the link first, and sends it to another user.
    """
    attacker = Client()
    attacker.force_login(make_person("mallory"))
    attacker.get(link, secure=True)
    page = browser.get(link, secure=True)
    assert page.status_code == 403
    assert b"belongs to another user" in page.content


def test_the_sender_of_a_link_gets_no_access(application, browser, link, request_token, add_folder):
    """
    Session fixation: an attacker who knows the request token sends the link to a user. The verifier
    is sent to the user's browser only.
    """
    add_folder(link)
    decide(browser, request_token)
    for signing in ({}, {"verifier": "x" * 32}):
        response = Caller(application, request_token, **signing).get("/v1/oauth/access_token/")
        assert response.status_code == 401
    assert not AccessToken.objects.exists()


def test_a_request_token_of_oauth_core_10_is_rejected(make_application):
    """
    It could be exchanged without a verifier.
    """
    application = make_application("Of 2010", allow_oauth10=True)
    token = form_of(Caller(application).get("/v1/oauth/request_token/?scope=photos"))
    response = request_link(application, oauth_token=token["oauth_token"])
    assert (response.status_code, response.json()["field"]) == (400, "oauth_token")


def test_an_application_of_2010_sends_no_request_token(make_application, browser, person):
    """
    It starts the authorization after the user has returned.
    """
    application = make_application("Of 2010", allow_oauth10=True)
    link = request_link(application, redirect_url="https://site.example/welcome/").content.decode()
    GrantedFolder.objects.create(user=person, path="ada")
    response = browser.post(link, {"folder": "winter"}, secure=True)
    assert response.url == "https://site.example/welcome/"
    assert browser.get(link, secure=True).status_code == 400


def test_csrf_tokens_are_required(person, link):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    for form in ({"folder": "winter"}, {"skip": "1"}):
        assert client.post(link, form, secure=True).status_code == 403
    assert AddLink.objects.get().used_at is None


def test_the_request_token_must_be_undecided_and_of_the_application(
    application, make_application, request_token, browser
):
    other = make_application("Other")
    for sender, form in (
        (application, {}),
        (application, {"oauth_token": "x"}),
        (other, {"oauth_token": request_token.key}),
    ):
        response = request_link(sender, **form)
        assert (response.status_code, response.json()["field"]) == (400, "oauth_token")
    decide(browser, request_token)
    assert request_link(application, request_token).status_code == 400
    assert not AddLink.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://site.example/welcome/",
        "https://site.example@evil.example/",
    ],
)
def test_the_user_is_redirected_to_the_callback_of_the_request_token(
    application, request_token, url
):
    """
    Open redirect.
    """
    response = request_link(application, request_token, redirect_url=url)
    assert (response.status_code, response.json()["field"]) == (400, "redirect_url")
    assert request_link(application, request_token, redirect_url=CALLBACK).status_code == 200


def test_without_a_request_token_the_redirect_url_must_be_on_a_host_of_the_application(
    make_application,
):
    application = make_application("Of 2010", allow_oauth10=True)
    response = request_link(application, redirect_url="https://evil.example/")
    assert (response.status_code, response.json()["field"]) == (400, "redirect_url")


def test_closed_sign_up_is_reported_immediately(application, request_token, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SIGN_UP": "closed"}
    response = request_link(application, request_token)
    assert (response.status_code, response.json()["error"]) == (403, "sign_up_closed")
    assert not AddLink.objects.exists()


def test_the_previous_secret_is_valid(application, request_token):
    previous = application.secret
    application.rotate_secret()
    assert request_link(application, request_token).status_code == 200
    assert request_link(application, request_token, app_secret=previous).status_code == 200


@pytest.mark.parametrize(
    "form", [{"app_key": "x"}, {"app_secret": "x"}, {"app_secret": ""}, {"app_key": ""}]
)
def test_wrong_keys_and_secrets_have_the_same_error(application, request_token, form):
    response = request_link(application, request_token, **form)
    assert (response.status_code, response.json()["error"]) == (401, "unauthorized")
    assert not AddLink.objects.exists()


def test_post_and_https_are_required(application):
    assert request_link(application, method="get").status_code == 405
    form = {"app_key": application.key, "app_secret": application.secret}
    settings = {"URL": "http://trove.example"}
    with override_settings(TROVE_SERVER=settings):
        assert Client().post(PATH, urlencode(form), content_type=FORM).status_code == 403


def test_an_unavailable_service_is_not_found(application, request_token):
    path = "/v1/add/newtrove/service/orkut"
    assert request_link(application, request_token, path).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_client_requests_a_link(live_server, application, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "URL": live_server.url}
    keys = (application.key, application.secret, ["photos"])
    api = TroveAPI(*keys, url=live_server.url, callback=CALLBACK)
    token = api.get_request_token()
    assert api.get_url_for_new_trove("folder", token).startswith(f"{live_server.url}/add/")
    with pytest.raises(NotFound):
        api.get_url_for_new_trove("orkut", token)
    unknown = TroveAPI("x", "y", ["photos"], url=live_server.url)
    with pytest.raises(KeysRejected):
        unknown.get_url_for_new_trove("folder", token)
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SIGN_UP": "closed"}
    with pytest.raises(SignUpClosed):
        api.get_url_for_new_trove("folder", token)
