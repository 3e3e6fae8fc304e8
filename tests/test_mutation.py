"""
The configuration of `python -m tests.mutation`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "django_trove"
GROUPS = tomllib.loads((TESTS / "mutation" / "modules.toml").read_text())
ACCEPTED = tomllib.loads((TESTS / "mutation" / "accepted.toml").read_text())["fault"]


@pytest.mark.parametrize("group", GROUPS)
def test_modules_and_their_tests_exist(group):
    modules, tests = GROUPS[group]["modules"], GROUPS[group]["tests"]
    for module, specific in modules.items():
        assert (PACKAGE / module).is_file()
        assert [*specific, *tests]
        assert [path for path in (*specific, *tests) if not (TESTS.parent / path).exists()] == []
    assert modules


@pytest.mark.parametrize("fault", ACCEPTED, ids=lambda fault: f"{fault['module']}: {fault['line']}")
def test_accepted_faults_are_in_critical_modules(fault):
    assert any(fault["module"] in group["modules"] for group in GROUPS.values())
    lines = (PACKAGE / fault["module"]).read_text().splitlines()
    assert fault["line"] in map(str.strip, lines)
    assert fault["reason"].endswith(".")
