import re
from pathlib import Path

import pytest

from .sample_files import SAMPLES

TESTS = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*_samples.py"))
WHOLE = "methodinfo_"  # these are read all together


def kept():
    return sorted(path for path in SAMPLES.glob("*/*") if not path.name.startswith(WHOLE))


@pytest.mark.parametrize("path", kept(), ids=lambda path: path.stem)
def test_sample_can_be_parsed(path):
    name = path.stem.removeprefix("foundation_")
    listing = re.sub("_p[12]$", "_{page}", name)  # pages of one listing are named once
    assert any(text in TESTS for text in (name, listing))
    assert WHOLE in TESTS


def test_sample_has_a_source():
    sources = (SAMPLES / "SOURCES.md").read_text()
    for path in SAMPLES.glob("*/*"):
        assert f"{path.parent.name}/{path.name.split('_')[0]}_*" in sources
