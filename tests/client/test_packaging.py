"""
What is public, and what importing the client costs.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

from django_trove import client

MODULES = [m.name for m in pkgutil.walk_packages(client.__path__, "django_trove.client.")]


def test_public_names_are_exactly_all():
    """
    A name is public when __all__ says so, and only then.
    """
    public = {
        n for n, v in vars(client).items() if not n.startswith("_") and not inspect.ismodule(v)
    }
    assert client.__all__ == sorted(public)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_is_public(name):
    module = importlib.import_module(name)
    assert sorted(module.__all__) == sorted(set(module.__all__) & set(vars(module)))


def test_importing_the_client_leaves_django_unloaded():
    code = "import sys, django_trove.client; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
