"""
What a demo has before it starts: databases, its person on both sides, pictures.
"""

from __future__ import annotations

from pathlib import Path

from .home import PERSON, Home
from .processes import PROJECT, SITE, TROVE, manage

__all__ = ["furnish", "take_in"]


def furnish(home: Home) -> None:
    """
    Make whatever is not there yet, and leave what is.

    :raises subprocess.CalledProcessError: if a command fails.
    """
    home.pictures.mkdir(parents=True, exist_ok=True)
    if home.one_project:
        manage(home, PROJECT, "migrate", "--verbosity=0")
        manage(home, PROJECT, "furnish_site")
        return
    manage(home, TROVE, "migrate", "--verbosity=0")
    if keys := manage(home, TROVE, "furnish"):
        home.keep_app_keys(keys)  # the site's settings want them
    manage(home, SITE, "migrate", "--verbosity=0")
    manage(home, SITE, "furnish_site")


def take_in(home: Home, folder: Path) -> str:
    """
    Take a folder of pictures into the person's Trove, and return what came of it.
    """
    settings = PROJECT if home.one_project else TROVE
    return manage(home, settings, "trove_add_folder", PERSON, str(folder))
