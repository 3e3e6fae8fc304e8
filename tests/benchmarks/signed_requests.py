"""
Compares a signed and verified request for a page of photos with a view that returns the same data
without authentication.

    python -m tests.benchmarks.signed_requests
"""

from __future__ import annotations

import os
from itertools import cycle

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.test import RequestFactory
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from .ratios import ratio
from .sample_library import Library, fill

ROUNDS = 150
BASE = "https://trove.example"
PATH = "/v1/oauth/photos/"


def signed_requests(factory: RequestFactory, owner: int, times: int) -> list[HttpRequest]:
    """
    Return requests that are valid once.
    """
    from django_trove.core.encryption import random_key
    from django_trove.server.models import AccessToken, Application

    application = Application.objects.register("Benchmark", callbacks=["https://site.example/"])
    token = AccessToken.objects.create(
        key=random_key(),
        secret=random_key(),
        user_id=owner,
        application=application,
        content_types=["photos"],
    )
    keys = (application.key, application.secret, token.key, token.secret)
    signer = Client(*keys, signature_method=SIGNATURE_HMAC_SHA256)
    made = []
    for _ in range(times):
        _, headers, _ = signer.sign(BASE + PATH)
        header = {"HTTP_AUTHORIZATION": headers["Authorization"]}
        made.append(factory.get(PATH, secure=True, HTTP_HOST="trove.example", **header))
    return made


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": {"token": "100000/m"}}
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        owner = fill(Library(10_000))[0]
        _compare(owner)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def _compare(owner: int) -> None:
    from django.contrib.auth.models import User

    from django_trove.client import Query, codec
    from django_trove.server.api.views import content
    from django_trove.server.search.engine import search

    factory = RequestFactory()
    signed = iter(signed_requests(factory, owner, ROUNDS + 10))
    plain = cycle([factory.get(PATH, secure=True, HTTP_HOST="trove.example")])

    def bare(request: HttpRequest) -> JsonResponse:
        person = User.objects.get(pk=owner)
        return JsonResponse(codec.result_to_wire(search(person, Query(), BASE)))

    def ours() -> None:
        assert content(next(signed), content_type="photos").status_code == 200

    ratio(
        f"signed and verified / bare ({connection.vendor})",
        ours,
        lambda: bare(next(plain)),
        aim=1.6,
        rounds=ROUNDS,
    )


if __name__ == "__main__":
    main()
