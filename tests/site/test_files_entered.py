"""
The number of modules that a developer must read to follow the central code path.
"""

from __future__ import annotations

import pytest
from django.template import Context, Template

from tests.profiling import files_entered

pytestmark = pytest.mark.django_db

TEMPLATE = Template('{% load trove %}{% trove_photos user tags="snow" count=12 as photos %}')
MAX_FILES = 30


def test_rendering_photos_without_cached_response(user, fake_trove):
    fake_trove.connect(user)
    photo = fake_trove.add_photo(title="Snow", tags=["snow"])
    context = Context({"user": user})
    entered = files_entered(lambda: TEMPLATE.render(context))
    assert list(context["photos"]) == [photo]
    files = sorted(path for path in entered if not path.startswith("testing/"))
    assert len(files) <= MAX_FILES, files
