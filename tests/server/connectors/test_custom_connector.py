import re
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from django_trove.server.checks.deployment import check_deployment
from django_trove.server.checks.services import check_services
from django_trove.server.models import Identity

PAGE = Path(__file__).parents[3] / "docs" / "services.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def block(beginning):
    (found,) = (code for code in BLOCKS if code.startswith(beginning))
    return found


@pytest.fixture
def shelf(tmp_path, settings, monkeypatch):
    (tmp_path / "shelf.py").write_text(block("# shelf.py"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shelf", raising=False)
    data = {}
    code = block('TROVE_SERVER = {"URL": "https://trove.example.org", "CONNECTORS"')
    exec(code, data)
    settings.TROVE_SERVER = {**data["TROVE_SERVER"], "URL": "https://trove.example"}
    root = tmp_path / "pictures"
    root.mkdir()
    for name in ("snow.jpg", "sea.jpg"):
        Image.new("RGB", (64, 48), "teal").save(root / name)
    (root / "broken.jpg").write_bytes(b"nothing")
    return root


def typed(root):
    data = {}
    code = block("from django.contrib.auth").replace("/srv/shelf", str(root))
    exec(code, data)
    return data["shelf"]


def test_items_of_a_custom_connector_are_indexed(shelf, person, browser, ask, capsys):
    account = typed(shelf)
    assert "added=2" in capsys.readouterr().out
    assert account.user == person
    assert {photo["title"] for photo in ask(services=["shelf"])["results"]} == {
        "snow.jpg",
        "sea.jpg",
    }
    home = browser.get("/", secure=True).content.decode()
    assert "My shelf" in home
    assert "Shelf" in home
    thumbnail = ask()["results"][0]["urls"]["thumbnail"].removeprefix("https://trove.example")
    assert browser.get(thumbnail, secure=True)["Content-Type"] == "image/jpeg"


def test_later_sync_finds_new_and_deleted_items(shelf, person, ask):
    typed(shelf)
    (shelf / "snow.jpg").unlink()
    Image.new("RGB", (64, 48), "navy").save(shelf / "night.jpg")
    Identity.objects.update(next_sync_at=timezone.now())
    call_command("trove_sync", "--due", verbosity=0)
    assert {photo["id"] for photo in ask()["results"]} == {"sea.jpg", "night.jpg"}


def test_custom_connector_passes_the_checks(shelf):
    assert [message.id for message in check_services()] == []


def test_service_settings_are_used(settings):
    data = {"env": lambda name: name}
    exec(block('TROVE_SERVER = {\n    "URL"'), data)
    settings.TROVE_SERVER = data["TROVE_SERVER"]
    assert [message.id for message in check_services()] == []
    assert [message.id for message in check_deployment()] == []
