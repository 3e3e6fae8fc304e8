"""
No request to any route of both apps results in a server error.

`MALICIOUS_REQUESTS` is the number of requests, `MALICIOUS_SEED` the seed of their generator.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, include, path

import photoblog
from django_trove.client.content import Photo
from django_trove.client.logs import suppress_secret_logging
from django_trove.feeds import TroveFeed, TroveJSONFeed
from django_trove.generic import PhotoDetailView, PhotoListView
from django_trove.photos_json import PhotosJSON
from django_trove.server.accounts.add import add_folder
from django_trove.server.models import AccessToken, AddLink, Application, Identity, RequestToken
from photoblog import views
from tests import urls as project_urls
from tests.server.conftest import put_photos

from .malicious_requests import Generator, Signer, find_routes

pytestmark = pytest.mark.django_db

REQUESTS = int(os.environ.get("MALICIOUS_REQUESTS", "1500"))
SEED = int(os.environ.get("MALICIOUS_SEED", "1"))
TEMPLATES = Path(photoblog.__file__).parent / "templates"

urlpatterns = [  # the project's URLs, and views that the site app provides without URLs
    *project_urls.urlpatterns,
    path("blog/home/", views.home, name="home"),
    path("blog/map/", views.photo_map, name="map"),
    path("blog/activity/", views.activity, name="activity"),
    path("blog/photos/<str:trove_id>/", views.PhotoPage.as_view(), name="photo"),
    path("blog/profile/", views.edit_profile, name="profile"),
    path("library/", include("django_trove.photo_urls")),
    path("people/<slug:username>/", views.PublicPhotos.as_view(), name="public_photos"),
    path("people/<slug:username>/photos.atom", TroveFeed(), name="feed"),
    path("people/<slug:username>/feed.json", TroveJSONFeed(), name="json_feed"),
    path(
        "people/<slug:username>/<str:trove_id>/", views.PublicPhoto.as_view(), name="public_photo"
    ),
    path("generic/", PhotoListView.as_view(template_name="photoblog/welcome.html")),
    path("generic/json/", PhotosJSON.as_view()),
    path("generic/<str:trove_id>/", PhotoDetailView.as_view(template_name="photoblog/photo.html")),
    path("blog/", include("django.contrib.auth.urls")),
]


class FailureRecorder(logging.Handler):
    """
    Records the exceptions that views log.
    """

    def __init__(self):
        super().__init__(logging.ERROR)
        self.exceptions = []

    def emit(self, record):
        is_expected = record.name.startswith("django.security.")  # SuspiciousOperation: 400
        if record.exc_info and not is_expected:
            self.exceptions.append("".join(traceback.format_exception(*record.exc_info)))


@pytest.fixture
def recorder():
    handler = FailureRecorder()
    logging.getLogger().addHandler(handler)
    django_logger = logging.getLogger("django")
    propagate, django_logger.propagate = django_logger.propagate, True
    yield handler
    django_logger.propagate = propagate
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def generator(settings, tmp_path, fake_trove):
    settings.ROOT_URLCONF = __name__
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [TEMPLATES]}]
    settings.PLACES, settings.MEDIA_ROOT = {}, tmp_path / "media"
    unlimited = dict.fromkeys(("application", "token", "address"))
    (tmp_path / "ada").mkdir()
    content_types = ["photos", "videos", "status", "checkins", "friends"]
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": content_types}
    settings.TROVE_SERVER = settings.TROVE_SERVER | {
        "RATE_LIMITS": unlimited,
        "SIGN_UP": "open",
        "FOLDER_ROOT": str(tmp_path),
    }
    ada = get_user_model().objects.create_user("ada", password="pass-word")
    bob = get_user_model().objects.create_user("bob")
    for user in (ada, bob):
        fake_trove.connect(user)
    photo = fake_trove.add_photo(ada, tags=["snow"], location=(1, 2), date="2007-03-04")
    application = Application.objects.register(
        "Site", callbacks=["https://site.example/callback/"], owner=ada, allow_oob=True
    )
    identities = [
        add_folder(ada, tmp_path / "ada")[0],
        *(
            Identity.objects.create(user=ada, service=service, service_id="1")
            for service in ("flickr", "google")
        ),
    ]
    put_photos(identities[1], Photo(id="1", tags=("snow",), urls={"original": "https://a.example"}))
    tokens = [
        AccessToken.objects.create(
            key=f"{number}" * 32,
            secret="s" * 32,
            user=user,
            application=application,
            content_types=["photos", "videos"],
        )
        for number, user in enumerate((ada, ada, bob))
    ]
    request_token = RequestToken.objects.create(
        key="r" * 32,
        secret="s" * 32,
        application=application,
        content_types=["photos"],
        callback="oob",
        expires="2999-01-01T00:00:00Z",
    )
    link = AddLink.objects.issue(
        application=application, service="folder", redirect_url="", user=ada
    )
    item = identities[1].items.get()
    values = {
        "trove_id": [str(item.pk), photo.trove_id],
        "pk": [str(row.pk) for row in (*identities, application)],
        "service": ["folder", "flickr", "smugmug", "google", "facebook"],
        "content_type": ["photos", "videos", "status"],
        "oauth_token": [request_token.key, tokens[0].key],
        "oauth_callback": ["oob", *application.callbacks],
        "app_key": [application.key],
        "app_secret": [application.secret],
        "token": [link.rstrip("/").rpartition("/")[2]] if isinstance(link, str) else [],
        "signed": [signing.Signer().sign(f"{item.pk}.a")],
        "size": ["large", "original"],
        "pending_id": ["a"],
        "user_id": ["7"],
        "number_of_items": ["0", "1", "2"],
        "page": ["1", "2"],
        "decision": ["allow", "deny"],
        "content_types": ["photos"],
        "next": ["/", "?page=2"],
    }
    cookies = []
    for user in (ada, ada, bob):
        client = Client()
        client.force_login(user)
        cookies.append(f"sessionid={client.cookies['sessionid'].value}")
    signers = [
        Signer(
            "https://trove.example", application.key, application.secret, token.key, token.secret
        )
        for token in tokens
    ]
    routes = [
        route
        for route in find_routes(get_resolver().url_patterns)
        if not route.name.startswith("admin:")
    ]
    return Generator(Random(SEED), routes, values, cookies, signers)


def test_no_request_results_in_a_server_error(generator, recorder):
    failures, statuses, signed = {}, Counter(), Counter()
    for number in range(REQUESTS):
        environ = generator.request(number)
        with suppress_secret_logging():
            status = _send(environ)
        statuses[status] += 1
        if "oauth_signature=" in str(environ.get("HTTP_AUTHORIZATION", "")):
            signed[status != 401] += 1
        if status >= 500 or recorder.exceptions:
            details = recorder.exceptions[-1] if recorder.exceptions else f"status {status}"
            failures.setdefault(_last_frame(details), f"Request {number}: {environ}\n{details}")
            recorder.exceptions.clear()
    assert not failures, "\n\n".join(failures.values())
    assert statuses[200] > REQUESTS / 20, statuses
    assert signed[True] > signed[False], signed


def _last_frame(details):
    """
    Return the location of an exception, to report each fault once.
    """
    frames = [line for line in details.splitlines() if line.startswith("  File ")]
    return frames[-1] if frames else details


def _send(environ):
    """
    Send a request, read the response, and undo its changes.
    """
    with transaction.atomic():
        try:
            response = Client(raise_request_exception=False).request(**environ)
            b"".join(response)  # a streaming response may fail later
            return response.status_code
        finally:
            transaction.set_rollback(True)
