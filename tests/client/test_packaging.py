from __future__ import annotations

import inspect
import subprocess
import sys

from django_trove import client


def test_all_lists_public_names():
    public = {
        n for n, v in vars(client).items() if not n.startswith("_") and not inspect.ismodule(v)
    }
    assert client.__all__ == sorted(public)


def test_client_does_not_import_django():
    code = "import sys, django_trove.client; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
