"""
Settings of the demo's site with another name of the Trove's host.
"""

from settings.site import *  # noqa: F403
from settings.site import TROVE as CORRECT

TROVE = {**CORRECT, "URL": str(CORRECT["URL"]).replace("127.0.0.1", "localhost")}
