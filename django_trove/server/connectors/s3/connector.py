"""
Connector for a bucket of S3, or of a compatible store.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

import requests
from requests.auth import AuthBase

from ..authorization import Authorization
from ..base import OriginalPart
from ..entered import AccountField
from ..errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from ..http import find_outage
from ..messages import Message as _
from ..remote_files import FileFailed, Listing, RemoteFile, RemoteFiles
from ..remote_files.walk import State
from ..values import as_text
from .objects import ObjectPage, group_by_folder, parse_error, parse_etag, parse_page, precedes
from .signatures import SignatureV4

PAGE_SIZE = 1000
BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}")
DOTS = frozenset({".", ".."})  # are removed from URLs
DEFAULT_REGION = "us-east-1"
WRONG_KEYS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"})
WRONG_REGION = frozenset({"AuthorizationHeaderMalformed", "PermanentRedirect"})


class S3(RemoteFiles):
    """
    The pictures and videos in a bucket, or below a prefix of its keys. The id of an item is its key
    without the prefix.
    """

    name = "s3"
    title = "S3"
    description = _(
        "A bucket at Amazon S3 or a compatible store. Create a key that is permitted to list the "
        "bucket and to read its objects only."
    )
    fields = (
        AccountField(
            name="address",
            label=_("Endpoint"),
            help_text=_("For example s3.eu-central-1.amazonaws.com"),
        ),
        AccountField(name="bucket", label=_("Bucket")),
        AccountField(
            name="prefix",
            label=_("Folder"),
            help_text=_("Leave it empty to import the whole bucket."),
            is_required=False,
        ),
        AccountField(
            name="region",
            label=_("Region"),
            help_text=_("For example eu-central-1. Leave it empty if your store has no regions."),
            is_required=False,
        ),
        AccountField(name="access_key", label=_("Access key")),
        AccountField(name="secret_key", label=_("Secret key"), is_secret=True),
    )

    def check_account(self, values: Mapping[str, str]) -> Authorization:
        address = self.normalize_address(values["address"])
        bucket = values["bucket"].strip()
        if not BUCKET.fullmatch(bucket) or bucket in DOTS:
            raise ServiceFailed(_("The name of the bucket is invalid."))
        prefix = values.get("prefix", "").strip().strip("/")
        if not DOTS.isdisjoint(prefix.split("/")):
            raise ServiceFailed(_("The folder is invalid."))
        settings = {
            "address": address,
            "bucket": bucket,
            "prefix": prefix,
            "region": values.get("region", "").strip() or DEFAULT_REGION,
            "access_key": values["access_key"].strip(),
        }
        self.settings = settings
        self.credentials.token = {"secret_key": values["secret_key"].strip()}
        self._fetch_page("", 1)
        path = f"{bucket}/{prefix}".strip("/")
        return Authorization(
            token=self.credentials.token,
            service_id=f"{address.partition('://')[2]}/{path}",
            name=path,
            settings=settings,
        )

    def list_files(self, state: State) -> Iterator[Listing]:
        """
        List all objects. An interrupted listing starts again, but folders that it has read are not
        yielded: that takes one request per 1,000 objects.
        """
        after = state.get("after")
        for folder, listing in group_by_folder(self._list_objects()):
            if after is None or not precedes(folder, after):
                state["after"] = folder
                yield listing

    def forget(self, state: State, path: str) -> None:
        """
        Each sync lists all objects.
        """

    def finish_listing(self, state: State) -> State:
        return {}

    @property
    def auth(self) -> AuthBase:
        return SignatureV4(
            str(self.settings["access_key"]),
            as_text(self.credentials.token.get("secret_key")),
            str(self.settings["region"]),
        )

    def list_stamps(self, path: str, part: OriginalPart) -> Collection[str]:
        return {parse_etag(part.etag)}

    def check_file(self, path: str, response: requests.Response) -> None:
        status = response.status_code
        if status == requests.codes.not_found:
            raise FileFailed(_("The object no longer exists."), is_missing=True)
        if status == requests.codes.forbidden:
            raise FileFailed(_("The key has no permission to read the object."))
        if outage := find_outage(response, _("The store")):
            raise outage

    def get_file_url(self, path: str) -> str:
        return f"{self._bucket_url}/{quote(self._prefix + path, safe='/~')}"

    def _list_objects(self) -> Iterator[RemoteFile]:
        token = ""
        while True:
            page = self._fetch_page(token, PAGE_SIZE)
            self.renew_lease()
            if page.files:  # the number of pages has no limit
                self.start_batch()
            for file in page.files:
                path = file.path.removeprefix(self._prefix)
                if path and file.path.startswith(self._prefix):
                    yield replace(file, path=path)
            if not page.token:
                return
            if page.token == token:
                raise RetryLater(_("The server repeated a page of the listing."))
            token = page.token

    def _fetch_page(self, token: str, size: int) -> ObjectPage:
        query = {"list-type": "2", "max-keys": str(size), "encoding-type": "url"}
        query |= {"prefix": self._prefix} if self._prefix else {}
        query |= {"continuation-token": token} if token else {}
        text = "&".join(f"{name}={quote(value, safe='~')}" for name, value in query.items())
        response = self.request("GET", f"{self._bucket_url}?{text}", auth=self.auth)
        _check_response(response)
        return parse_page(response.content)

    @property
    def _bucket_url(self) -> str:
        """
        Path-style, which all stores support.
        """
        return f"{self.address}/{self.settings['bucket']}"

    @property
    def _prefix(self) -> str:
        prefix = str(self.settings["prefix"])
        return f"{prefix}/" if prefix else ""


def _check_response(response: requests.Response) -> None:
    """
    :raises ServiceFailed: if the response is an error.
    """
    status = response.status_code
    if status == requests.codes.ok:
        return
    code = parse_error(response.content)
    if code in WRONG_KEYS or status == requests.codes.unauthorized:
        raise Revoked(_("The access key or secret key is wrong. Enter another one."))
    if code == "RequestTimeTooSkewed":
        raise Misconfigured(_("The clock of this Trove differs from that of the store."))
    if code in WRONG_REGION:
        if region := as_text(response.headers.get("x-amz-bucket-region")):
            raise ServiceFailed(
                _("The region is wrong. The bucket is in %(region)s.", region=region)
            )
        raise ServiceFailed(_("The bucket is in another region."))
    if code == "NoSuchBucket" or status == requests.codes.not_found:
        raise ServiceFailed(_("The bucket does not exist. Check its name and the endpoint."))
    if status == requests.codes.forbidden:
        raise Revoked(_("The key has no permission to list the bucket. Enter another one."))
    if outage := find_outage(response, _("The store")):
        raise outage
    raise ServiceFailed(
        _(
            "The store rejected the request (status %(status)s, %(code)s).",
            status=status,
            code=code or _("no code"),
        )
    )
