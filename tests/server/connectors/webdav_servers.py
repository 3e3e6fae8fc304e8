"""
WebDAV servers on loopback: WsgiDAV in a thread, and copyparty and rclone in processes.
"""

import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import requests
from werkzeug.serving import WSGIRequestHandler, make_server
from wsgidav.wsgidav_app import WsgiDAVApp

from ...ports import free_port

USER, PASSWORD = "ada", "app-päss"
SECONDS = 20  # to start


@dataclass
class DavServer:
    """
    :param requests: pairs of method and path that WsgiDAV received.
    :param depths: pairs of path and depth of the listings that WsgiDAV received.
    :param ranges: those that WsgiDAV received, such as "bytes=0-99".
    :param change: a function from method, path and response to another response, for WsgiDAV. A
        response is a triple of status, headers and body.
    """

    address: str
    requests: list = field(default_factory=list)
    depths: list = field(default_factory=list)
    ranges: list = field(default_factory=list)
    change: object = None

    def count(self, method):
        return sum(1 for each, _ in self.requests if each == method)


@contextmanager
def run_wsgidav(root, *, authentication="basic"):
    server = DavServer("")
    recorder = _Recorder(server, build_wsgidav(root, authentication=authentication))
    web = make_server("127.0.0.1", 0, recorder, threaded=True, request_handler=QuietHandler)
    server.address = f"http://127.0.0.1:{web.server_port}/dav"
    thread = threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        web.shutdown()
        thread.join()
        web.server_close()


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *args):
        pass


def build_wsgidav(root, *, authentication="basic"):
    """
    Return a WSGI application that serves a folder at /dav.
    """
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(root)},
            "mount_path": "/dav",
            "http_authenticator": {
                "accept_basic": authentication == "basic",
                "accept_digest": authentication == "digest",
                "default_to_digest": authentication == "digest",
            },
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )

    def mount(environ, start_response):
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/dav", environ["PATH_INFO"][4:] or "/"
        return app(environ, start_response)

    return mount


class _Recorder:
    """
    Records requests, and changes responses.
    """

    def __init__(self, server, app):
        self.server, self.app = server, app

    def __call__(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        path = path.encode("latin1").decode(errors="replace").removeprefix("/dav")
        self.server.requests.append((method, path))
        if "HTTP_RANGE" in environ:
            self.server.ranges.append(environ["HTTP_RANGE"])
        if method == "PROPFIND":
            self.server.depths.append((path, environ["HTTP_DEPTH"]))
        if self.server.change is None:
            return self.app(environ, start_response)
        return self._change(method, path, environ, start_response)

    def _change(self, method, path, environ, start_response):
        started = []
        parts = self.app(environ, lambda *args: started.append(args[:2]))
        body = b"".join(parts)
        [(status, headers)] = started
        status, headers, body = self.server.change(method, path, (status, headers, body))
        headers = [(key, value) for key, value in headers if key.lower() != "content-length"]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


@contextmanager
def run_copyparty(root, folder):
    """
    :param folder: for the data of copyparty.
    """
    port = free_port()
    command = [sys.executable, "-m", "copyparty", "-q", "-i", "127.0.0.1", "-p", str(port)]
    command += ["-a", f"{USER}:{PASSWORD}", "-v", f"{root}:dav:r,{USER}", "--daw"]
    command += ["--no-thumb", "--no-mtag-ff"]
    environment = {"XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "PATH": ""}
    with _run(command, f"http://127.0.0.1:{port}/dav", env=environment) as server:
        yield server


@contextmanager
def run_rclone(root):
    if not shutil.which("rclone"):
        pytest.skip("rclone is not installed: apt-get install rclone")
    port = free_port()
    command = ["rclone", "serve", "webdav", str(root), "--addr", f"127.0.0.1:{port}"]
    command += ["--user", USER, "--pass", PASSWORD, "--baseurl", "/dav", "--dir-cache-time", "0s"]
    with _run(command, f"http://127.0.0.1:{port}/dav") as server:
        yield server


@contextmanager
def _run(command, address, **options):
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        _wait(address, process)
        yield DavServer(address)
    finally:
        process.terminate()
        process.wait()


def _wait(address, process):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(address, timeout=SECONDS)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The server did not start: {process.args}")
