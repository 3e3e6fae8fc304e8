from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from django_trove.conf import conf
from django_trove.server.conf import KEYS as SERVER_KEYS
from django_trove.server.standalone import environment

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


def test_table_of_environment_variables():
    """
    docs/standalone.md lists the variables that a Trove without a project reads, and no others.
    """
    table = re.findall(
        r"^\| (`.*?) \|", (SETTINGS.parent / "standalone.md").read_text(), re.MULTILINE
    )
    documented = {name for cell in table for name in re.findall(r"`([A-Z_]+)`", cell)}
    source = Path(inspect.getfile(environment)).read_text()
    read = set(re.findall(r'_read\("(\w+)"', source)) - {"XDG_DATA_HOME"}
    for service, names in environment.SERVICE_KEYS.items():
        read |= {f"{service.upper()}_{name}" for name in names}
    assert documented == read
