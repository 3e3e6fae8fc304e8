"""
`run_trove`: the web server, the worker and the schedule of the syncs of a standalone Trove.
"""

from __future__ import annotations

import secrets
import signal
from dataclasses import asdict
from types import FrameType
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from waitress.server import create_server

from ....accounts.add import add_folder
from ....tasks import request_sync
from ...environment import Environment
from ...worker import run_worker

THREADS = 8
MESSAGE = """
  {name}: {url}/
  Data: {data}

  Press Ctrl-C to stop it."""


class Command(BaseCommand):
    help = "Migrates the database, creates the first user, and runs the Trove."

    def handle(self, *args: Any, **options: Any) -> None:
        environment = Environment.read()
        _check_photos(environment)
        server = _create_server(environment)
        _migrate()
        self._write(_create_first_user(environment))
        _add_photos(environment)
        signal.signal(signal.SIGTERM, _stop)
        with run_worker():
            self._write(MESSAGE.format(**asdict(environment)))
            try:
                server.run()
            finally:
                server.close()

    def _write(self, text: str) -> None:
        """
        A random password must be visible even if the process is killed afterwards.
        """
        self.stdout.write(text)
        self.stdout.flush()


def _migrate() -> None:
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise CommandError(f"The database is unavailable: {error}") from None


def _create_first_user(environment: Environment) -> str:
    """
    Create a user if there is none. Return a line for the operator.
    """
    users = get_user_model()._default_manager
    if users.exists():
        return "  Sign in with your user name and password."
    password = environment.password or secrets.token_urlsafe(12)
    users.create_superuser(environment.user, password=password)
    shown = "of TROVE_PASSWORD" if environment.password else password
    return f"  Sign in as {environment.user}, password {shown}. You can add users at /admin/."


def _check_photos(environment: Environment) -> None:
    if environment.photos and not environment.photos.is_dir():
        raise CommandError(f"TROVE_PHOTOS is not a directory: {environment.photos}")


def _add_photos(environment: Environment) -> None:
    """
    Add the folder of `TROVE_PHOTOS` to the Trove of the first user.
    """
    if environment.photos is None:
        return
    if user := get_user_model()._default_manager.filter(username=environment.user).first():
        identity, is_new = add_folder(user, environment.photos)
        if is_new:
            request_sync(identity)


def _create_server(environment: Environment) -> Any:
    try:
        return create_server(
            get_wsgi_application(),
            host=environment.host,
            port=environment.port,
            threads=THREADS,
            url_scheme="https" if environment.is_https else "http",
        )
    except (OSError, ValueError) as error:
        address = f"{environment.host}:{environment.port}"
        reason = getattr(error, "strerror", "") or "The host is invalid"
        advice = "Check TROVE_HOST, and set TROVE_PORT to a free port."
        raise CommandError(f"The server cannot listen on {address}: {reason}. {advice}") from None


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
