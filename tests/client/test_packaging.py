"""
What is public, and what importing the client costs.
"""

from __future__ import annotations

import inspect
import subprocess
import sys

from django_trove import client


def test_public_names_are_exactly_all():
    """
    A name is public when __all__ says so, and only then.
    """
    public = {
        n for n, v in vars(client).items() if not n.startswith("_") and not inspect.ismodule(v)
    }
    assert client.__all__ == sorted(public)


def test_importing_the_client_leaves_django_unloaded():
    code = "import sys, django_trove.client; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
