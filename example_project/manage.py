#!/usr/bin/env python
"""
The example project: a photo blog and a Trove server.

    python example_project/manage.py demo

Set `DJANGO_SETTINGS_MODULE` to run a command for `settings.site` (the default),
`settings.trove` or `settings.combined`.
"""

import os
import sys
from pathlib import Path

SETTINGS = ("settings.site", "settings.trove", "settings.combined")

if __name__ == "__main__":
    sys.dont_write_bytecode = True  # The demo writes to its workspace only.
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        root = Path(__file__).resolve().parent.parent
        sys.exit(
            "Django is not installed for this Python. Run in the project's root directory:\n"
            f'    cd {root} && python3 -m venv .venv && .venv/bin/pip install -e ".[demo]"'
        )
    if sys.argv[1:2] == ["demo"]:
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings.base"
    elif os.environ.get("DJANGO_SETTINGS_MODULE") not in SETTINGS:  # set for another project
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings.site"
    execute_from_command_line(sys.argv)
