"""
Check the contents of the wheel, in an environment in which only the wheel is installed.

    python tests/wheel.py django_trove-….whl
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

REQUIRED = (
    "django_trove/py.typed",
    "django_trove/locale/de/LC_MESSAGES/django.mo",
    "django_trove/server/locale/fr/LC_MESSAGES/django.mo",
    "django_trove/client/codec/items.py",
    "django_trove/migrations/0001_initial.py",
    "django_trove/static/django_trove/trove.css",
    "django_trove/templates/django_trove/gallery.html",
    "django_trove/server/migrations/0001_initial.py",
    "django_trove/server/static/trove_server/trove.css",
    "django_trove/server/templates/trove_server/consent.html",
    "django_trove/server/standalone/management/commands/run_trove.py",
)


def main(wheel: str) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    missing = [name for name in REQUIRED if name not in names]
    strays = {Path(name).parts[0] for name in names if "dist-info" not in name} - {"django_trove"}
    assert not missing, f"missing from the wheel: {missing}"
    assert not strays, f"unexpected top-level entries: {strays}"
    import django_trove

    assert "site-packages" in django_trove.__file__
    import django_trove.client

    assert "django" not in sys.modules
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_trove"],
        SECRET_KEY="x",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    from django_trove.services import Trove

    print(f"{Path(wheel).name}: {len(names)} files, {Trove.__name__} imports")


if __name__ == "__main__":
    main(sys.argv[1])
