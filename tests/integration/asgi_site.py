"""
A site that uvicorn serves, with the database of the test that started it. Calls that would block
the event loop raise errors: Django checks database access, BlockBuster checks sockets, locks, files
and sleeping.
"""

from __future__ import annotations

import os
from typing import Any

from blockbuster import BlockBuster
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings_process")

django = get_asgi_application()
# The URLs are imported before the event loop starts, because reading files blocks it.
_ = get_resolver().url_patterns
guard = BlockBuster()


async def application(scope: Any, receive: Any, send: Any) -> None:
    guard.activate()
    await django(scope, receive, send)
