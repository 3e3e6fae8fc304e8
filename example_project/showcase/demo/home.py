"""
Where a demo keeps its things: databases, pictures, keys and logs.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PERSON", "Home", "default_home", "home"]

PERSON = "ada"
"""Who signs in, at the site and at the Trove; the password is the same word."""

ROOT = Path(__file__).resolve().parent.parent.parent / "demo"


@dataclass(frozen=True)
class Home:
    """
    One demo's folder, with the two addresses of its run.

    :param one_project: whether the site hosts the Trove itself, at its own address.
    :param services_ports: where the stand-ins for services on the web are; empty for none.
    """

    path: Path
    site_port: int = 8000
    trove_port: int = 8001
    one_project: bool = False
    services_ports: tuple[int, ...] = ()

    @property
    def site_url(self) -> str:
        return f"http://localhost:{self.site_port}"

    @property
    def trove_url(self) -> str:
        if self.one_project:
            return f"{self.site_url}/my-trove"
        return f"http://127.0.0.1:{self.trove_port}"

    @property
    def pictures(self) -> Path:
        """
        The Trove's folder root: a folder for each person in it.
        """
        return self.path / "pictures"

    @property
    def environment(self) -> dict[str, str]:
        """
        What tells another process that it belongs to this demo.
        """
        return os.environ | {
            "DEMO_HOME": str(self.path),
            "DEMO_SITE_PORT": str(self.site_port),
            "DEMO_TROVE_PORT": str(self.trove_port),
            "DEMO_SERVICES_PORTS": ",".join(map(str, self.services_ports)),
            # The stand-ins are on loopback; oauthlib wants to be told that this is meant.
            **({"OAUTHLIB_INSECURE_TRANSPORT": "1"} if self.services_ports else {}),
        }

    def secret_key(self, name: str) -> str:
        """
        Return the `SECRET_KEY` of the site or the Trove, made when it is first asked for.
        """
        kept = self.path / f"{name}.secret"
        if not kept.exists():
            self._write(kept.name, secrets.token_urlsafe(50))
        return kept.read_text()

    def app_keys(self) -> tuple[str, str]:
        """
        Return the key and secret under which the Trove knows the site; empty before it does.
        """
        kept = self.path / "application.json"
        if not kept.exists():
            return "", ""
        read = json.loads(kept.read_text())
        return read["key"], read["secret"]

    def keep_app_keys(self, answer: str) -> None:
        """
        Keep what the Trove said when the site was registered.
        """
        self._write("application.json", answer)

    def _write(self, name: str, text: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / name, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(text)


def home() -> Home:
    """
    Return the demo that this process belongs to.
    """
    return Home(
        Path(os.environ.get("DEMO_HOME", default_home(None))),
        int(os.environ.get("DEMO_SITE_PORT", "8000")),
        int(os.environ.get("DEMO_TROVE_PORT", "8001")),
        services_ports=tuple(
            int(port) for port in os.environ.get("DEMO_SERVICES_PORTS", "").split(",") if port
        ),
    )


def default_home(photos: Path | None) -> Path:
    """
    Return the folder of a demo of somebody's own photographs, or of the drawn ones.
    """
    if photos is None:
        return ROOT / "drawn"
    return ROOT / f"own-{hashlib.sha256(str(photos).encode()).hexdigest()[:8]}"
