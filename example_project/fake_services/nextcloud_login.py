"""
The Login Flow v2 of the fake Nextcloud, which issues app passwords.
"""

from __future__ import annotations

import html
import re
import secrets
import time
from dataclasses import dataclass

from .base import FakeService, Request, Response, html_page, json_response

LOGIN_SECONDS = 1200
LOGIN_PATH = re.compile(r"(?:/index\.php)?/login/v2(/.*)?")


@dataclass(kw_only=True)
class Login:
    """
    A login that was started. `user` is set when the user approves it.
    """

    poll_token: str
    application: str
    expires_at: float
    user: str = ""


class LoginFlow(FakeService):
    """
    `app_passwords` has the user id by password. `endpoint`: a poll endpoint that replaces the
    server's own.
    """

    USER, LOGIN_NAME, DISPLAY_NAME = "ada", "ada@example.org", "Ada L."

    def __init__(self) -> None:
        super().__init__()
        self.logins: dict[str, Login] = {}
        self.app_passwords: dict[str, str] = {}
        self.credentials = {"app_passwords": self.app_passwords}
        self.endpoint = ""

    def allow(self, login_url: str) -> None:
        """
        Allow a login, as the user does on its page.
        """
        self.logins[login_url.rpartition("/")[2]].user = self.USER

    def handle_login(self, request: Request, path: str) -> Response:
        if request.method == "POST" and not path:
            return self._start_login(request)
        if request.method == "POST" and path == "/poll":
            return self._poll_login(request)
        login = self.logins.get(path.removeprefix("/flow/"))
        if not login or login.expires_at < time.time():
            return Response(status=403, body="The login has expired.")
        if request.method == "POST":
            login.user = self.USER
            return html_page("Nextcloud", "<p>Account connected. You can close this window.</p>")
        name = html.escape(login.application)
        return html_page(
            "Nextcloud",
            f"<p>{name} requests access to the account of {self.DISPLAY_NAME}.</p>"
            "<form method=post><button>Grant access</button></form>",
        )

    def _start_login(self, request: Request) -> Response:
        key = secrets.token_hex(16)
        login = Login(
            poll_token=secrets.token_hex(32),
            application=request.headers.get("user-agent", ""),
            expires_at=time.time() + LOGIN_SECONDS,
        )
        self.logins[key] = login
        endpoint = self.endpoint or f"{self.url}/login/v2/poll"
        poll = {"token": login.poll_token, "endpoint": endpoint}
        return json_response({"poll": poll, "login": f"{self.url}/login/v2/flow/{key}"})

    def _poll_login(self, request: Request) -> Response:
        """
        Send the app password once.
        """
        token = request.form.get("token", "")
        for key, login in self.logins.items():
            if login.poll_token == token and login.user and login.expires_at > time.time():
                del self.logins[key]
                password = secrets.token_hex(36)
                self.app_passwords[password] = login.user
                data = {"server": self.url, "loginName": self.LOGIN_NAME, "appPassword": password}
                return json_response(data)
        return json_response([], 404)
