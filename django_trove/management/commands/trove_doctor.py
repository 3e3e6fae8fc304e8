"""
`manage.py trove_doctor`: is all well between this site and its Trove, and if not, what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, reverse
from oauthlib.oauth1.rfc5849 import signature

from ...conf import conf
from ...diagnosis.findings import (
    Finding,
    check_accounts,
    check_cache,
    check_site_settings,
    check_trove,
)
from ...diagnosis.probe import check_site


class Command(BaseCommand):
    """
    Each step is asked for real: the Trove gives out a request token, which is then forgotten, and
    the running site is asked over HTTP how it is reached.
    """

    requires_system_checks = []  # they are said as findings
    help = "Tells whether this site and its Trove get on, and what to do if they don't."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--site", default="", help="this site's address, such as https://your.site"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        site = (options["site"] or conf.callback_base_url).rstrip("/")
        failed = 0
        for finding in self._findings(site):
            mark = self.style.SUCCESS("well ") if finding.ok else self.style.ERROR("wrong")
            self.stdout.write(f"{mark} {finding.message}")
            failed += not finding.ok
        if failed:
            raise CommandError(f"{failed} of these want mending.")

    def _findings(self, site: str) -> Iterator[Finding]:
        yield from check_site_settings()
        yield check_cache()
        if not conf.backend.uses_oauth:
            yield check_trove()
            return
        try:
            path = reverse("django_trove:callback")
        except NoReverseMatch:
            words = "The URLs aren't there: include django_trove.urls in your urls.py."
            yield Finding("callback", False, words)
            return
        if not site:
            words = "Where this site is isn't known: give --site or CALLBACK_BASE_URL."
            yield Finding("callback", False, words)
            return
        self.stdout.write(f"      callback: {site}{path}")
        self.stdout.write(f"      signed, such as: {self._base_string(site + path)}")
        yield check_trove(site + path)
        yield check_accounts()
        yield from check_site(site)

    def _base_string(self, callback: str) -> str:
        """
        What a signature is made of (RFC 5849, section 3.4.1). There is no secret in it.
        """
        said = [
            ("oauth_callback", callback),
            ("oauth_consumer_key", conf.app_key),
            ("oauth_nonce", "NONCE"),
            ("oauth_signature_method", conf.signature_method),
            ("oauth_timestamp", "TIMESTAMP"),
            ("oauth_version", "1.0"),
            ("scope", ",".join(conf.content_types)),
        ]
        url = f"{conf.web_url.rstrip('/')}/v1/oauth/request_token/"
        try:
            where = signature.base_string_uri(url)
        except ValueError:
            return "nothing, since the Trove's address makes no sense"
        whole = signature.signature_base_string("GET", where, signature.normalize_parameters(said))  # type: ignore[arg-type]
        return str(whole)
