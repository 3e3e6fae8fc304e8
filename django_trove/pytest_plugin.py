"""
The pytest fixture `fake_trove`. Pytest loads this module in every project that has django-trove
installed, so it must not import Django before a test uses the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .testing import FakeTrove


@pytest.fixture
def fake_trove(settings: Any) -> Iterator[FakeTrove]:
    """
    A fake Trove that replaces the site's Trove in this test: see `django_trove.testing`.
    """
    # Django is not set up when pytest starts.
    from .testing import FakeTrove  # noqa: PLC0415
    from .testing.context import use_fake_trove  # noqa: PLC0415

    # pytest-django restores the settings in the correct order if the test changes them, too.
    with use_fake_trove(FakeTrove(), partial(setattr, settings)) as trove:
        yield trove
