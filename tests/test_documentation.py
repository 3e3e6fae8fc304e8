from __future__ import annotations

import re
from pathlib import Path

import pytest

from django_trove.conf import conf
from django_trove.server.conf import KEYS as SERVER_KEYS

SETTINGS = Path(__file__).parents[1] / "docs" / "settings.md"


@pytest.mark.parametrize(("name", "keys"), [("TROVE", conf.keys), ("TROVE_SERVER", SERVER_KEYS)])
def test_table_of_settings(name, keys):
    """
    The table of a setting lists its keys, and no others.
    """
    _, section = SETTINGS.read_text().split(f"## `{name}`\n")
    cells = re.findall(r"^\| (`.*?`) \|", section.partition("\n## ")[0], re.MULTILINE)
    documented = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    assert documented == set(keys)
