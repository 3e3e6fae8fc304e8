"""
Compares a signed request for a page of photos with a view that is written by hand and shares no
code with the package.

    python -m tests.benchmarks.signed_requests
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any
from unittest import mock

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from .ratios import ratio
from .sample_library import Library, fill

ROUNDS = 200
BASE = "https://trove.example"
PATH = "/v1/oauth/photos/"
PARTS = ("authenticate_request", "search_content", "codec.encode_result")


def signed_requests(factory: RequestFactory, owner: int) -> Iterator[HttpRequest]:
    """
    Yield requests that are valid once.
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
    while True:
        _, headers, _ = signer.sign(BASE + PATH)
        header = {"HTTP_AUTHORIZATION": headers["Authorization"]}
        yield factory.get(PATH, secure=True, HTTP_HOST="trove.example", **header)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    limits = {"token": "1000000/m", "application": "1000000/m"}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": limits}
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        owner = fill(Library(10_000))[0]
        _compare(owner)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def _compare(owner: int) -> None:
    from django_trove.server.api.views import content

    from . import handwritten

    requests = signed_requests(RequestFactory(), owner)

    def ours(request: HttpRequest) -> Any:
        response = content(request, content_type="photos")
        assert response.status_code == 200
        return response

    pages = [json.loads(view(next(requests)).content) for view in (ours, handwritten.view)]
    assert pages[0] == pages[1]
    with CaptureQueriesContext(connection) as queries:
        ours(next(requests))
    print(f"{len(queries)} statements per request ({connection.vendor})")
    made = [next(requests) for _ in range(2 * ROUNDS + 10)]
    ratio(
        f"signed request / hand-written ({connection.vendor})",
        lambda: ours(made.pop()),
        lambda: handwritten.view(made.pop()),
        aim=2,
        rounds=ROUNDS,
    )
    made.extend(next(requests) for _ in range(ROUNDS))
    _print_parts(lambda: ours(made.pop()))


def _print_parts(call: Callable[[], Any]) -> None:
    """
    Print the median CPU time of each part of the view.
    """
    times: dict[str, list[float]] = defaultdict(list)
    patches = [_timed(name, times) for name in PARTS]
    for patch in patches:
        patch.start()
    timed = _measured(call, times["total"])
    for _ in range(ROUNDS):
        timed()
    for patch in patches:
        patch.stop()
    micro = {name: 1e6 * median(values) for name, values in times.items()}
    total = micro.pop("total")
    for name, value in {**micro, "other": total - sum(micro.values())}.items():
        print(f"    {name:41} {value:7.0f} us  {100 * value / total:3.0f} %")


def _timed(name: str, times: dict[str, list[float]]) -> Any:
    from django_trove.server.api import views

    *path, attribute = name.split(".")
    owner: Any = getattr(views, path[0]) if path else views
    return mock.patch.object(owner, attribute, _measured(getattr(owner, attribute), times[name]))


def _measured(call: Callable[..., Any], times: list[float]) -> Callable[..., Any]:
    def measured(*args: Any, **kwargs: Any) -> Any:
        started = time.process_time()
        result = call(*args, **kwargs)
        times.append(time.process_time() - started)
        return result

    return measured


if __name__ == "__main__":
    main()
