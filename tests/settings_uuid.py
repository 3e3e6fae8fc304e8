"""
The test project with a custom user model whose primary key is a UUID, and with a replica.
"""

from tests.settings_replica import *  # noqa: F403
from tests.settings_replica import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.people"]
AUTH_USER_MODEL = "people.Member"
