"""
`run_trove`: the web server, the worker and the schedule of the syncs of a standalone Trove.
"""

from __future__ import annotations

import secrets
import signal
from types import FrameType
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from waitress.server import create_server

from ....accounts.add import add_folder
from ....tasks import request_sync
from ...environment import Environment
from ...worker import worker

THREADS = 8
MESSAGE = """
  {name}: {url}/
  {account}
  Data: {data}

  Press Ctrl-C to stop it."""


class Command(BaseCommand):
    help = "Migrates the database, creates the first user, and runs the Trove."

    def handle(self, *args: Any, **options: Any) -> None:
        environment = Environment.read()
        server = _create_server(environment)
        try:
            self._run(environment, server)
        finally:
            server.close()

    def _run(self, environment: Environment, server: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():  # a random password must not be stored without being printed
            account = _create_first_user(environment)
            _add_photos(environment)
        signal.signal(signal.SIGTERM, _stop)
        with worker():
            values = {"name": environment.name, "url": environment.url, "data": environment.data}
            self.stdout.write(MESSAGE.format(**values, account=account))
            self.stdout.flush()
            server.run()


def _create_first_user(environment: Environment) -> str:
    """
    Create a user if there is none. Return a line for the operator.
    """
    users = get_user_model()._default_manager
    if users.exists():
        return "Sign in with your user name and password."
    password = environment.password or secrets.token_urlsafe(12)
    users.create_superuser(environment.user, password=password)
    shown = "of TROVE_PASSWORD" if environment.password else password
    return f"Sign in as {environment.user}, password {shown}. You can add users at /admin/."


def _add_photos(environment: Environment) -> None:
    """
    Add the folder of `TROVE_PHOTOS` to the Trove of the first user.
    """
    if environment.photos is None:
        return
    if not environment.photos.is_dir():
        raise CommandError(f"TROVE_PHOTOS is not a directory: {environment.photos}")
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
    except OSError as error:
        address = f"{environment.host}:{environment.port}"
        raise CommandError(
            f"The server cannot listen on {address}: {error.strerror}. "
            "Stop the other server, or set TROVE_PORT to another port."
        ) from None


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
