"""
A WebDAV server (WsgiDAV) with the example photos.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .workspace import USERNAME, Workspace

THREADS = 4


def serve_webdav(workspace: Workspace, folder: Path, report: Callable[[], None]) -> None:
    """
    Serve a folder, read-only, until the process is stopped. The password is the user name.

    :param report: is called when the server accepts connections.
    """
    from waitress.server import create_server  # noqa: PLC0415 (loaded only if the server runs)
    from wsgidav.fs_dav_provider import FilesystemProvider  # noqa: PLC0415
    from wsgidav.wsgidav_app import WsgiDAVApp  # noqa: PLC0415

    app = WsgiDAVApp(
        {
            "provider_mapping": {"/": FilesystemProvider(str(folder), readonly=True)},
            "http_authenticator": {
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
            "simple_dc": {"user_mapping": {"*": {USERNAME: {"password": USERNAME}}}},
            "verbose": 1,
            "logging": {"enable": False},
        }
    )
    server = create_server(app, host="127.0.0.1", port=workspace.webdav_port, threads=THREADS)
    report()
    server.run()
