"""
A host's site as uvicorn serves it, on the database of the test that started it. Whatever would
block the event loop raises there instead: Django sees to its database, BlockBuster to sockets,
locks, files and sleeping.
"""

from __future__ import annotations

import os
from typing import Any

from blockbuster import BlockBuster
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings_process")

django = get_asgi_application()
_ = get_resolver().url_patterns  # imported now, as from then on nothing may be read in the loop
guard = BlockBuster()


async def application(scope: Any, receive: Any, send: Any) -> None:
    guard.activate()
    await django(scope, receive, send)
