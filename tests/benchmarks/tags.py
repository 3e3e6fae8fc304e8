"""
Compares a template tag with a cached response with an include of the same template.

    python -m tests.benchmarks.tags
"""

from __future__ import annotations

import os
from datetime import timedelta
from types import SimpleNamespace

import django
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_trove.client import Photo, Result

from .client import photo
from .ratios import ratio

PAGE_SIZE = 50


class FakeClient:
    """
    A client that is called once to fill the cache.
    """

    calls = 0

    def __init__(self, photos: tuple[Photo, ...]) -> None:
        self.photos = photos

    def get_photos(self, query: object) -> Result[Photo]:
        self.calls += 1
        return Result(count=PAGE_SIZE, total_number_of_results=863, results=self.photos)


def connected_user() -> object:
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


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    settings.TROVE["CACHE_SECONDS"] = 3600
    django.setup()
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User
    from django.db import connection

    from django_trove.backends import remote

    photos = tuple(photo(number) for number in range(PAGE_SIZE))
    client = FakeClient(photos)
    remote.get_client = lambda *args, **kwargs: client
    pk = connected_user().pk
    load = "{% load trove %}"
    tag = Template(load + f"{{% trove_gallery user count={PAGE_SIZE} %}}")
    bare = Template(load + '{% include "django_trove/gallery.html" %}')
    request = SimpleNamespace(user=None, get_full_path=lambda: "/")
    context = {"photos": Result(results=photos), "state": "connected", "yours": True}

    def new_context() -> Context:
        return Context({"user": User(pk=pk), "request": request})

    tag.render(new_context())
    with CaptureQueriesContext(connection) as queries:
        tag.render(new_context())
    assert client.calls == 1, "The cache is not filled."
    print(f"a cached {{% trove_gallery %}}: {len(queries)} SQL, {client.calls - 1} HTTP requests")
    ratio(
        f"cached trove_gallery, {PAGE_SIZE} photos / bare include",
        lambda: tag.render(new_context()),
        lambda: bare.render(Context(context)),
        aim=1.5,
    )


if __name__ == "__main__":
    main()
