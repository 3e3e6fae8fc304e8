"""
Settings of a subprocess that uses the test database of its parent process.
"""

import json
import os
from importlib import import_module

settings = import_module(os.environ["TEST_SETTINGS"])
globals().update({name: value for name, value in vars(settings).items() if name.isupper()})
DATABASES = {
    alias: {**database, "NAME": os.environ["TEST_DATABASE_NAME"]}
    for alias, database in settings.DATABASES.items()
}
DATABASE_ROUTERS: list[str] = []  # of settings with a replica
MEDIA_ROOT = os.environ["TEST_MEDIA_ROOT"]
globals().update(json.loads(os.environ.get("TEST_MORE_SETTINGS", "{}")))
