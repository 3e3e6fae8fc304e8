"""
The test project with a replica that no test may read, except in a search: pytest-django blocks
access to databases that a test does not request.
"""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DATABASES = {**DATABASES, "replica": {**DATABASES["default"], "TEST": {"MIRROR": "default"}}}
DATABASE_ROUTERS = ["tests.routers.ReplicaRouter"]
