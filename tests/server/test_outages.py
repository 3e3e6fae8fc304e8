"""
Responses of both apps while the database is unavailable.
"""

import pytest
from django.db import InternalError, OperationalError, connection
from django.http import HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import path, resolve, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.views.generic import TemplateView

from django_trove.core.outages import SafeTemplateResponse, respond_to_outages
from django_trove.generic import PhotoListView
from django_trove.photos_json import PhotosJSON
from tests.urls import urlpatterns as tests_urlpatterns

pytestmark = pytest.mark.django_db

urlpatterns = [
    path("our-photos/", PhotoListView.as_view()),
    path("our-photos.json", PhotosJSON.as_view()),
    *tests_urlpatterns,
]

PAGES = (
    "/",
    "/applications/",
    "/applications/own/",
    "/applications/own/1/",
    "/identities/progress/",
    "/identities/1/remove/",
    "/photos/",
    "/photos/1/",
    "/download/",
    "/delete/",
    "/add/x/",
    "/v1/oauth/authorize/?oauth_token=x",
    "/services/flickr/callback/?state=x",
    "/our-photos/",
    reverse("django_trove:account"),
    reverse("django_trove:callback"),
)
FORMS = (
    ("/identity/login", {"username": "ada", "password": "pass-word"}),
    ("/identities/1/sync/", {}),
    ("/add/", {"service": "folder"}),
    (reverse("django_trove:connect"), {}),
    (reverse("django_trove:disconnect"), {}),
)


def raise_error(*args):
    raise OperationalError("terminating connection due to administrator command")


@pytest.fixture
def browser(browser):
    with override_settings(ROOT_URLCONF=__name__), connection.execute_wrapper(raise_error):
        yield browser


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one class for both errors")
@pytest.mark.parametrize(
    "sql", ["SELECT 1 FROM missing", "SELECT missing FROM django_content_type"]
)
def test_missing_table_or_column_is_not_an_outage(rf, sql):
    """
    After a forgotten migration, the developer sees the name of the table.
    """

    def query(request):
        connection.cursor().execute(sql)

    def response(request):
        context = {"rows": SimpleLazyObject(lambda: query(request))}
        template = engines["django"].from_string("{{ rows }}")
        return SafeTemplateResponse(request, template, context).render()

    for view in (query, response):
        with pytest.raises(OperationalError, match="missing"):
            respond_to_outages(HttpResponse)(view)(rf.get("/"))


def test_read_only_database(rf):
    @respond_to_outages(HttpResponse)
    def view(request):
        raise InternalError("cannot execute INSERT in a read-only transaction")

    assert view(rf.get("/")).status_code == 503


def check_page(response):
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert b"Temporarily unavailable" in response.content
    assert b"<title>" in response.content
    assert b"administrator" not in response.content


@pytest.mark.parametrize("url", PAGES)
def test_pages(browser, url):
    check_page(browser.get(url, secure=True))


@pytest.mark.parametrize(("url", "form"), FORMS, ids=[url for url, _ in FORMS])
def test_forms(browser, url, form):
    check_page(browser.post(url, form, secure=True))


def test_sign_in_page_of_a_user_with_a_session(browser):
    """
    The template reads the user after the view has returned.
    """
    check_page(browser.get("/identity/login", secure=True))


def test_page_is_translated(browser):
    with translation.override("fr"):
        page = browser.get("/photos/", secure=True)
    assert "Temporairement indisponible" in page.content.decode()


@pytest.mark.parametrize("url", [*PAGES, *(url for url, _ in FORMS), "/our-photos.json"])
def test_no_transaction_begins_before_the_view(url):
    """
    With ATOMIC_REQUESTS, the error would be raised outside of the view.
    """
    view = resolve(url.partition("?")[0], __name__).func
    assert connection.alias in view._non_atomic_requests


@pytest.mark.parametrize("url", ["/photos/", "/identity/login", "/our-photos/"])
def test_admins_are_not_mailed_for_each_request(browser, url, caplog):
    browser.get(url, secure=True)
    records = [record for record in caplog.records if record.name == "django.request"]
    assert [record.levelname for record in records] == ["WARNING"]


def test_json_of_the_site(browser):
    response = browser.get("/our-photos.json", secure=True)
    assert (response.status_code, response.json()["error"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0


def test_views_of_the_project_are_not_changed(browser):
    class View(TemplateView):
        def get(self, request):
            raise OperationalError("of the project")

    urlpatterns.append(path("host/", View.as_view()))
    with pytest.raises(OperationalError):
        browser.get("/host/", secure=True)


def test_template_that_requires_a_request_is_replaced(browser, settings, tmp_path):
    (tmp_path / "django_trove").mkdir()
    (tmp_path / "django_trove" / "base.html").write_text(
        "{{ request.path|add:request.x.y }}{% url 'nowhere' %}"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    check_page(browser.get(reverse("django_trove:account"), secure=True))


@pytest.mark.parametrize("path", ["/v1/oauth/photos/", "/v1/oauth/user/"])
def test_api(caller, path, caplog):
    signed = caller.sign("POST", path, {})
    with connection.execute_wrapper(raise_error):
        response = Client().generic(
            "POST", path, signed[2], signed[1]["Content-Type"], headers=signed[1], secure=True
        )
    assert (response.status_code, response.json()["error"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0
    records = [record for record in caplog.records if record.name == "django.request"]
    assert [record.levelname for record in records] == ["WARNING"]
