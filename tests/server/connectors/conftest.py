import copy

import pytest


@pytest.fixture(autouse=True)
def real_index(db, settings):
    """
    Connectors are tested with the sync engine and the database.
    """
    settings.TROVE_SERVER = copy.deepcopy(settings.TROVE_SERVER) | {"SERVICES": {}}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    return root
