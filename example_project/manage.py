#!/usr/bin/env python
"""
The example project: a site that shows photos, and a Trove that has them.

    python example_project/manage.py demo

`DJANGO_SETTINGS_MODULE` says what a command is for: showcase.settings, the site;
hosted_trove.settings; or one_project.settings, which is both.
"""

import os
import sys
from pathlib import Path

OURS = ("showcase.settings", "hosted_trove.settings", "one_project.settings")

if __name__ == "__main__":
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        root = Path(__file__).resolve().parent.parent
        sys.exit(
            "Django is not installed for this Python. In the project's folder:\n"
            f'    cd {root} && python3 -m venv .venv && .venv/bin/pip install -e ".[demo]"'
        )
    if os.environ.get("DJANGO_SETTINGS_MODULE") not in OURS:  # another project's, from the shell
        os.environ["DJANGO_SETTINGS_MODULE"] = OURS[0]
    execute_from_command_line(sys.argv)
