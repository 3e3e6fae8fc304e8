"""
AWS signatures, version 4, of requests that are sent with the session for entered addresses.
"""

from __future__ import annotations

from requests import PreparedRequest
from requests.auth import AuthBase

from ..errors import Misconfigured
from ..messages import Message as _


class SignatureV4(AuthBase):
    """
    :raises Misconfigured: if the package is not installed.
    """

    def __init__(self, access_key: str, secret_key: str, region: str) -> None:
        try:
            from botocore.auth import S3SigV4Auth  # noqa: PLC0415  an extra
            from botocore.credentials import Credentials  # noqa: PLC0415
        except ImportError:
            raise Misconfigured(
                _("The operator of this Trove has to install django-trove[s3].")
            ) from None
        self._auth = S3SigV4Auth(Credentials(access_key, secret_key), "s3", region)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415

        signed = AWSRequest(method=request.method, url=request.url, data=request.body or b"")
        self._auth.add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request
