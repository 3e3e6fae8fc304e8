"""
The directory of a demo: databases, photos, keys and logs.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

USERNAME = "ada"
"""The user of the site and of the Trove. The password is the same."""

DEFAULT_ROOT = Path(__file__).resolve().parent.parent.parent / "demo-data"


@dataclass(frozen=True)
class Workspace:
    """
    A demo's directory and ports.

    `combined` selects one project for the site and the Trove. `service_ports` lists the ports of
    the fake services, and `webdav_port` is the port of the WebDAV server, if any.
    """

    path: Path
    site_port: int = 8000
    trove_port: int = 8001
    combined: bool = False
    service_ports: tuple[int, ...] = ()
    webdav_port: int = 0

    @classmethod
    def from_environment(cls) -> Workspace:
        ports = os.environ.get("DEMO_SERVICE_PORTS", "").split(",")
        return cls(
            Path(os.environ.get("DEMO_HOME", get_default_path(None))),
            int(os.environ.get("DEMO_SITE_PORT", "8000")),
            int(os.environ.get("DEMO_TROVE_PORT", "8001")),
            service_ports=tuple(int(port) for port in ports if port),
            webdav_port=int(os.environ.get("DEMO_WEBDAV_PORT", "0")),
        )

    @property
    def site_url(self) -> str:
        return f"http://localhost:{self.site_port}"

    @property
    def trove_url(self) -> str:
        if self.combined:
            return f"{self.site_url}/my-trove"
        return f"http://127.0.0.1:{self.trove_port}"

    @property
    def webdav_url(self) -> str:
        return f"http://127.0.0.1:{self.webdav_port}"

    @property
    def photos(self) -> Path:
        """
        The Trove's `FOLDER_ROOT`, with one directory per user.
        """
        return self.path / "photos"

    @property
    def environment(self) -> dict[str, str]:
        """
        Environment variables for the demo's processes.
        """
        # The fake services use plain HTTP on loopback, which oauthlib rejects by default.
        insecure = {"OAUTHLIB_INSECURE_TRANSPORT": "1"} if self.service_ports else {}
        return os.environ | {
            "DEMO_HOME": str(self.path),
            "DEMO_SITE_PORT": str(self.site_port),
            "DEMO_TROVE_PORT": str(self.trove_port),
            "DEMO_SERVICE_PORTS": ",".join(map(str, self.service_ports)),
            "DEMO_WEBDAV_PORT": str(self.webdav_port),
            **insecure,
        }

    def get_secret_key(self, name: str) -> str:
        """
        Return the `SECRET_KEY` with this name. Create and save it on first use.
        """
        path = self.path / f"{name}.secret"
        if not path.exists():
            self._write(path.name, secrets.token_urlsafe(50))
        return path.read_text()

    def load_app_credentials(self) -> tuple[str, str]:
        """
        Return the site's application key and secret, or empty strings before registration.
        """
        path = self.path / "application.json"
        if not path.exists():
            return "", ""
        data = json.loads(path.read_text())
        return data["key"], data["secret"]

    def save_app_credentials(self, data: str) -> None:
        """
        Save the JSON printed by `setup_trove`.
        """
        self._write("application.json", data)

    def load_services_port(self) -> int:
        """
        Return the first port of the fake services in the first run with them, or 0.
        """
        path = self.path / "services-port"
        return int(path.read_text()) if path.exists() else 0

    def save_services_port(self) -> None:
        """
        Save the first port of the fake services. The addresses of accounts contain it.
        """
        self._write("services-port", str(self.service_ports[0]))

    def _write(self, name: str, text: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / name, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(text)


def get_default_path(photos: Path | None) -> Path:
    """
    Return the default workspace for the user's photos, or for the example photos if None.
    """
    if photos is None:
        return DEFAULT_ROOT / "example"
    return DEFAULT_ROOT / f"photos-{hashlib.sha256(str(photos).encode()).hexdigest()[:8]}"
