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

SHOWN = 50


class Kept:
    """
    A Trove that is called once to fill the cache.
    """

    asked = 0

    def __init__(self, photos: tuple[Photo, ...]) -> None:
        self.photos = photos

    def get_photos(self, query: object) -> Result[Photo]:
        self.asked += 1
        return Result(count=SHOWN, total_number_of_results=863, results=self.photos)


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

    from django_trove.models import TroveAccount

    photos = tuple(photo(number) for number in range(SHOWN))
    kept = Kept(photos)
    TroveAccount.api = lambda account: kept  # only to fill the cache before the measurement
    pk = connected_user().pk
    load = "{% load trove %}"
    tag = Template(load + f"{{% trove_gallery user count={SHOWN} %}}")
    bare = Template(load + '{% include "django_trove/gallery.html" %}')
    request = SimpleNamespace(user=None, get_full_path=lambda: "/")
    given = {"photos": Result(results=photos), "state": "connected", "yours": True}

    def fresh() -> Context:
        return Context({"user": User(pk=pk), "request": request})

    tag.render(fresh())
    with CaptureQueriesContext(connection) as queries:
        tag.render(fresh())
    assert kept.asked == 1, "the cache wasn't filled, so nothing of it can be measured"
    print(f"a cached {{% trove_gallery %}}: {len(queries)} SQL, {kept.asked - 1} HTTP requests")
    ratio(
        f"cached trove_gallery, {SHOWN} photos / bare include",
        lambda: tag.render(fresh()),
        lambda: bare.render(Context(given)),
        aim=1.5,
    )


if __name__ == "__main__":
    main()
