import pytest


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    return root


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    """
    Stand-ins are on loopback: oauthlib lets OAuth 2 go by plain http only where it is told so.
    """
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
