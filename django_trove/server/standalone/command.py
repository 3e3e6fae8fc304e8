"""
The command `django-trove`. Without arguments, it runs the Trove; with arguments, a management
command.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from .environment import Environment, InvalidEnvironment

SETTINGS = "django_trove.server.standalone.settings"
REQUIRED = ("PIL", "django_tasks_db", "dj_database_url", "waitress", "whitenoise")


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    if missing := [name for name in REQUIRED if find_spec(name) is None]:
        install = 'Run python -m pip install "django-trove[server]".'
        sys.exit(f"{', '.join(missing)} cannot be imported. {install}")
    os.umask(0o077)  # only this user can read the database and the pictures
    try:
        _prepare()
        execute_from_command_line(["django-trove", *(sys.argv[1:] or ["run_trove"])])
    except (InvalidEnvironment, ImproperlyConfigured) as error:
        sys.exit(str(error))


def _prepare() -> None:
    """
    Create the data directory, and import the settings.

    :raises InvalidEnvironment: if this fails.
    """
    try:
        Environment.read().create_data()
        import_module(SETTINGS)
    except OSError as error:
        raise InvalidEnvironment(str(error)) from None
