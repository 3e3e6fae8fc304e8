"""
Measures the template tags: with a cached response, and without one but without the network.

    python -m tests.benchmarks.tags

The baselines share no code with the package: one template that displays dictionaries from Django's
cache, and a signed GET of requests-oauthlib.
"""

from __future__ import annotations

import io
import json
import os
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import django
import requests
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth1Session
from urllib3 import HTTPResponse

from django_trove.client import pooled_session

from .client import answer, page
from .ratios import duration, ratio

PAGE_SIZE = 50
URL = "https://trove.example"
BARE = """{% load i18n l10n %}<ul data-label="{% translate 'Photo' %}">
{% for photo in photos %}<li data-shape="150"><figure class="trove-photo" data-large="{{ photo.large }}">
<a href="{{ photo.original_web_url }}" rel="noopener"><img src="{{ photo.medium }}" srcset="{{ photo.thumbnail }} {{ photo.thumbnail_width|unlocalize }}w, {{ photo.medium }} {{ photo.medium_width|unlocalize }}w, {{ photo.large }} {{ photo.large_width|unlocalize }}w" sizes="auto" alt="{{ photo.title }}" loading="lazy" decoding="async" width="{{ photo.width|unlocalize }}" height="{{ photo.height|unlocalize }}"></a>
<figcaption><span class="trove-title">{{ photo.title }}</span>
<span class="trove-meta"><time datetime="{{ photo.taken|date:'c' }}">{{ photo.taken|date }}</time>
<a class="trove-service" href="{{ photo.original_web_url }}" rel="noopener">{{ photo.service|title }}</a></span></figcaption>
<template><ul class="trove-facts"><li><time datetime="{{ photo.taken|date:'c' }}">{{ photo.taken|date:"DATETIME_FORMAT" }}</time></li><li>{{ photo.latitude|floatformat:3 }}° N, {{ photo.longitude|floatformat:3 }}° E</li><li>{{ photo.camera.model }}</li><li>{{ photo.camera.exposure_time }} s, f/{{ photo.camera.aperture }}, ISO {{ photo.camera.iso }}, {{ photo.camera.focal_length }} mm</li>
{% for tag in photo.tags %}<li>{{ tag }}</li>{% endfor %}<li><a href="{{ photo.original_web_url }}" rel="noopener">{{ photo.service|title }}</a></li></ul></template>
</figure></li>
{% endfor %}</ul>"""  # noqa: E501
"""The gallery as one template without conditions."""


class FakeAdapter(HTTPAdapter):
    """
    Responds without a network.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body
        self.calls = 0

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self.calls += 1
        headers = {"Content-Type": "application/json"}
        raw = HTTPResponse(io.BytesIO(self.body), headers, 200, preload_content=False)
        return self.build_response(request, raw)


def connected_user() -> Any:
    from django.contrib.auth.models import User

    from django_trove.models import TroveAccount

    user = User.objects.create(username="ada")
    TroveAccount.objects.create(
        user=user,
        key="key",
        secret="secret",
        fingerprint="f" * 64,
        content_types=["photos"],
        connected_at=timezone.now() - timedelta(days=1),
    )
    return user


def flat_photos() -> list[dict[str, Any]]:
    """
    Return dictionaries of values that a template can display without computation.
    """
    return [
        record
        | record["urls"]
        | {f"{size}_width": width for size, (width, _) in record["sizes"].items()}
        | {"taken": datetime.fromisoformat(record["date"].replace(" T ", "T"))}
        for record in page(PAGE_SIZE)["results"]
    ]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    adapter = FakeAdapter(answer(PAGE_SIZE))
    session, bare_session = pooled_session(), OAuth1Session("app-key", "secret", "key", "secret")
    for each in (session, bare_session):
        each.mount(URL, adapter)
    settings.TROVE |= {"URL": URL, "CACHE_SECONDS": 3600, "SESSION": session}
    django.setup()
    call_command("migrate", verbosity=0)
    pk = connected_user().pk
    _measure_gallery(pk, adapter)
    _measure_cold(pk, bare_session)


def new_context(pk: int) -> Context:
    from django.contrib.auth.models import User

    request = SimpleNamespace(user=None, get_full_path=lambda: "/")
    return Context({"user": User(pk=pk), "request": request})


def _measure_gallery(pk: int, adapter: FakeAdapter) -> None:
    from django.core.cache import cache
    from django.db import connection

    tag = Template(f"{{% load trove %}}{{% trove_gallery user count={PAGE_SIZE} %}}")
    bare = Template(BARE)
    cache.set("benchmark", flat_photos(), None)
    tag.render(new_context(pk))
    calls = adapter.calls
    with CaptureQueriesContext(connection) as queries:
        tag.render(new_context(pk))
    print(f"cached trove_gallery: {len(queries)} SQL, {adapter.calls - calls} HTTP requests")
    duration(
        f"cached trove_gallery, {PAGE_SIZE} photos", lambda: tag.render(new_context(pk)), aim=10
    )
    ratio(
        f"cached trove_gallery, {PAGE_SIZE} photos / one template",
        lambda: tag.render(new_context(pk)),
        lambda: bare.render(Context({"photos": cache.get("benchmark")})),
        aim=1.5,
    )


def _measure_cold(pk: int, bare_session: OAuth1Session) -> None:
    from django.core.cache import cache

    tag = Template(f"{{% load trove %}}{{% trove_photos user count={PAGE_SIZE} as photos %}}")

    def cold() -> None:
        cache.clear()
        context = new_context(pk)
        tag.render(context)
        assert len(context["photos"]) == PAGE_SIZE

    duration(
        "trove_photos without a cached response, our share",
        cold,
        lambda: json.loads(bare_session.get(f"{URL}/v1/oauth/photos/").content),
        aim=1.5,
    )


if __name__ == "__main__":
    main()
