"""
`manage.py trove_doctor`: check the connection between this site and its Trove.
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
    check_database,
    check_site_settings,
    check_trove,
)
from ...diagnosis.probe import check_site


class Command(BaseCommand):
    """
    The command requests a request token from the Trove and discards it, and sends HTTP requests to
    the running site.
    """

    requires_system_checks = []  # reported as findings
    help = "Checks the connection between this site and its Trove, and explains each failure."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--site", default="", help="The address of this site, such as https://your.site."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        site = (options["site"] or conf.callback_base_url).rstrip("/")
        failed = 0
        for finding in self._run_checks(site):
            label = self.style.SUCCESS("ok  ") if finding.ok else self.style.ERROR("FAIL")
            self.stdout.write(f"{label} {finding.message}")
            failed += not finding.ok
        if failed:
            raise CommandError(f"{failed} check{'s' if failed > 1 else ''} failed.")

    def _run_checks(self, site: str) -> Iterator[Finding]:
        yield from check_site_settings()
        database = check_database()
        yield database
        yield check_cache()
        if not conf.backend.uses_oauth:
            yield check_trove()
            return
        callback, problem = _get_callback(site)
        if callback:
            self.stdout.write(f"     callback: {callback}")
            self.stdout.write(
                f"     signature base string: {self._signature_base_string(callback)}"
            )
        yield check_trove(callback)
        if database.ok:
            yield check_accounts()
        if callback:
            yield from check_site(site)
        else:
            yield Finding("callback", False, problem)

    def _signature_base_string(self, callback: str) -> str:
        """
        Return an example (RFC 5849, section 3.4.1). It contains no secret.
        """
        parameters = [
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
            base_uri = signature.base_string_uri(url)
        except ValueError:
            return "none, because the address of the Trove is invalid"
        normalized = signature.normalize_parameters(parameters)  # type: ignore[arg-type]
        return str(signature.signature_base_string("GET", base_uri, normalized))


def _get_callback(site: str) -> tuple[str, str]:
    """
    Return the URL of the callback, or "" and the reason.
    """
    try:
        path = reverse("django_trove:callback")
    except NoReverseMatch:
        return "", "The URLs are missing. Include django_trove.urls in the URLconf."
    if not site:
        return "", "The address of this site is unknown. Use --site or TROVE['CALLBACK_BASE_URL']."
    return site + path, ""
