"""
The environment variables of a standalone Trove.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

DEFAULT_PORT = 8001
MAIL_SECONDS = 10
SERVICE_KEYS = {
    "flickr": ("KEY", "SECRET"),
    "smugmug": ("KEY", "SECRET"),
    "google": ("ID", "SECRET"),
    "facebook": ("ID", "SECRET"),
}
ENTERED_SERVICES = {"webdav": "", "nextcloud": "", "immich": "", "s3": "botocore"}
"""Services whose address users enter, and the package that each requires."""

MAIL_SCHEMES: dict[str, tuple[int, dict[str, bool]]] = {
    "smtp": (25, {}),
    "smtp+tls": (587, {"use_tls": True}),
    "smtps": (465, {"use_ssl": True}),
}
"""The default port and the encryption of a mail server, by the scheme of its URL."""

OPTIONS = {"ID": {"ID": "CLIENT_ID", "SECRET": "CLIENT_SECRET"}}


class InvalidEnvironment(Exception):
    """
    An environment variable has an invalid value.
    """


@dataclass(frozen=True, slots=True)
class Environment:
    """
    :param data: the directory of the database, the pictures and the secret key.
    :param url: the public URL.
    :param host: the address that the server listens on.
    :param photos: a folder of photos of the first user, or None.
    :param password: of the first user; "" for a random one.
    :param database_url: "" for SQLite in `data`.
    :param time_zone: the time zone of the pages and of the log.
    """

    data: Path
    url: str
    host: str
    port: int
    name: str
    sign_up: str
    allow_http: bool
    photos: Path | None
    user: str
    password: str
    database_url: str
    time_zone: str

    @classmethod
    def read(cls) -> Environment:
        """
        :raises InvalidEnvironment: if a value is invalid.
        """
        port = _read_port()
        photos = _read("TROVE_PHOTOS")
        return cls(
            data=Path(_read("TROVE_DATA", _default_data())).expanduser().resolve(),
            url=_read_url(port),
            host=_read("TROVE_HOST", "127.0.0.1"),
            port=port,
            name=_read("TROVE_NAME", "Trove"),
            sign_up=_read("TROVE_SIGN_UP", "closed"),
            allow_http=_read("TROVE_ALLOW_HTTP") == "1",
            photos=Path(photos).expanduser().resolve() if photos else None,
            user=_read("TROVE_USER", "admin"),
            password=_read("TROVE_PASSWORD"),
            database_url=_read("DATABASE_URL"),
            time_zone=_read_time_zone(),
        )

    @property
    def hostname(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")

    def create_data(self) -> None:
        """
        Create the data directory, which other users cannot read.
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def get_secret_key(self) -> str:
        """
        Return `SECRET_KEY`. Without the environment variable, one is created in the data directory
        on first use. Concurrent processes use the same.
        """
        if key := _read("SECRET_KEY"):
            return key
        self.create_data()
        path = self.data / "secret-key"
        temporary = self.data / f".secret-key-{os.getpid()}"
        if not path.exists():
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(50))
            _link(temporary, path)
        return path.read_text()


def read_services() -> dict[str, dict[str, Any]]:
    """
    Return the options of the services whose keys are set, such as `FLICKR_KEY` and `FLICKR_SECRET`,
    and of those whose address users enter.
    """
    hosts = [host.strip() for host in _read("TROVE_PRIVATE_HOSTS").split(",") if host.strip()]
    entered: dict[str, Any] = {"HOSTS": hosts, "ALLOW_HTTP": True} if hosts else {}
    if ca_file := _read("TROVE_CA_FILE"):
        entered["CA_FILE"] = ca_file
    services: dict[str, dict[str, Any]] = {
        name: dict(entered)
        for name, package in ENTERED_SERVICES.items()
        if not package or find_spec(package)
    }
    for service, names in SERVICE_KEYS.items():
        values = {name: _read(f"{service.upper()}_{name}") for name in names}
        if all(values.values()):
            options = OPTIONS.get(names[0], {})
            services[service] = {options.get(name, name): value for name, value in values.items()}
    return services


def read_mailer() -> dict[str, Any]:
    """
    Return the options of Django's SMTP backend; {} without a mail server.

    :raises InvalidEnvironment: if the URL is invalid. The message contains no password.
    """
    url = _read("EMAIL_URL")
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), None
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname or parts.path.strip("/"):
        example = "smtps://user:password@mail.example.org"
        raise InvalidEnvironment(f"EMAIL_URL must be a URL such as {example}.")
    default_port, encryption = MAIL_SCHEMES[parts.scheme]
    return {
        "host": parts.hostname,
        "port": port or default_port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "timeout": MAIL_SECONDS,
        **encryption,
    }


def read_sender(hostname: str) -> str:
    return _read("EMAIL_FROM", f"trove@{hostname}")


def _link(temporary: Path, path: Path) -> None:
    """
    Give a file its name, unless a concurrent process was faster.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _read(name: str, default: str = "") -> str:
    """
    Return a variable. An empty one has its default, as in files of container tools.
    """
    return os.environ.get(name) or default


def _read_port() -> int:
    text = _read("TROVE_PORT", str(DEFAULT_PORT))
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise InvalidEnvironment(f"TROVE_PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _read_time_zone() -> str:
    """
    Return `TROVE_TIME_ZONE`; without it `TZ`, which may also be a rule or a path (tzset(3)).
    """
    if name := _read("TROVE_TIME_ZONE"):
        if not _is_time_zone(name):
            raise InvalidEnvironment(
                f"TROVE_TIME_ZONE must be a name such as Europe/Berlin, not {name!r}."
            )
        return name
    name = _read("TZ").removeprefix(":")
    return name if name and _is_time_zone(name) else "UTC"


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _read_url(port: int) -> str:
    url = _read("TROVE_URL", f"http://127.0.0.1:{port}").rstrip("/")
    if not _is_base_url(url):
        raise InvalidEnvironment("TROVE_URL must be a URL such as https://trove.example.org.")
    return url


def _is_base_url(url: str) -> bool:
    """
    Return whether a URL has a scheme, a host and a port only.
    """
    try:
        parts = urlsplit(url)
        is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_base = url == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
    return is_valid and is_base and parts.scheme in ("http", "https") and bool(parts.hostname)


def _default_data() -> str:
    return _read("XDG_DATA_HOME", "~/.local/share") + "/django-trove"
