"""
The Jinja2 environment of a site.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from jinja2 import Environment

from django_trove.jinja2 import TroveExtension


def environment(**options: Any) -> Environment:
    made = Environment(**options)
    made.add_extension(TroveExtension)
    made.globals.update(url=reverse)
    return made
