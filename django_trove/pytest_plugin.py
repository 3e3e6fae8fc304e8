"""
The fixture `fake_trove`, in every project that has django-trove and pytest installed. Nothing of
Django is imported before a test asks for it.
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
    A Trove that the site asks in this test, without a network: see `django_trove.testing`.
    """
    # Django isn't set up when pytest starts.
    from .testing import FakeTrove  # noqa: PLC0415
    from .testing.context import use_fake_trove  # noqa: PLC0415

    # pytest-django takes settings back in the right order, whatever a test sets besides.
    with use_fake_trove(FakeTrove(), partial(setattr, settings)) as trove:
        yield trove
