"""
The calls for the user and their services (protocol, sections 3.1 and 3.5 to 3.7).
"""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import quote

from .. import codec
from ..errors import CallError, InvalidResponse
from ..person import Person
from ..responses import Response, is_local_path
from ..token import Token
from .base import BaseAPI


class ServiceCalls(BaseAPI):
    user_path: ClassVar[str] = "/v1/oauth/user/"

    def get_user_info(self) -> Person:
        """
        Return the user's name, email address and accounts on services.
        """
        response = self._request("POST", self.user_path)
        return codec.object_from_wire(Person, codec.decode_json(response.body))

    def get_services(self) -> dict[str, str]:
        """
        Return the services that the user can add, and the path of each.
        """
        response = self._request("POST", "/v1/oauth/get_add_urls_for_services/")
        data = codec.decode_json(response.body)
        if not isinstance(data, dict):
            raise InvalidResponse("The list of services is not an object.")
        return {name: path for name, path in data.items() if is_local_path(path)}

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str:
        """
        Return a one-time URL at which the user adds a service.

        :param redirect_url: the URL to redirect to afterwards. Default: the callback URL.
        :raises CallError: if the Trove does not offer the service.
        """
        services = self.get_services()
        if service not in services:
            raise CallError(f"service must be one of {', '.join(sorted(services))}.")
        form = {"redirect_url": redirect_url} if redirect_url else {}
        return self._parse_link(
            self._request("POST", services[service], form=form, idempotent=False)
        )

    def get_url_for_new_trove(self, service: str, request_token: Token) -> str:
        """
        Return a one-time URL at which someone without a Trove signs up, adds a service and
        authorizes the application. They are redirected to the callback, as from the authorization
        URL of the request token.

        :raises SignUpClosed: if the Trove does not accept new users.
        :raises NotFound: if the Trove does not offer the service.
        """
        form = {
            "app_key": self._keys.key,
            "app_secret": self._keys.secret,
            "oauth_token": request_token.key,
        }
        url = f"{self.api_url}/v1/add/newtrove/service/{quote(service, safe='')}"
        return self._parse_link(self._transport.call("POST", url, form=form, idempotent=False))

    def _parse_link(self, response: Response) -> str:
        path = response.body.decode(errors="replace").strip()
        if not is_local_path(path):
            raise InvalidResponse("The response is not a path.")
        return self.web_url + path
