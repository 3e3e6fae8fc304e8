"""
`manage.py trove_doctor`: is all well between this site and its Trove, and if not, what to do.
"""

from __future__ import annotations

from typing import Any

from django.core.checks import run_checks
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, reverse
from oauthlib.oauth1.rfc5849 import signature

from ...asking import trove_api
from ...client import CallError, TroveError
from ...conf import conf
from ...keeping import Keeper

__all__ = ["Command"]

PROBE = "django_trove:doctor"


class Command(BaseCommand):
    """
    Each step is asked for real: the Trove gives out a request token, which is then forgotten.
    """

    help = "Tells whether this site and its Trove get on, and what to do if they don't."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--site", default="", help="this site's address, such as https://your.site"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.failed = 0
        self._settings()
        self._cache()
        if conf.backend:
            self._say(True, f"The Trove is in this project ({conf.backend}): no keys, no callback.")
        else:
            self._trove(options["site"] or conf.callback_base_url)
        if self.failed:
            raise CommandError(f"{self.failed} of these want mending.")

    def _settings(self) -> None:
        found = [one for one in run_checks() if (one.id or "").startswith("django_trove.")]
        for message in found:
            hint = f" {message.hint}" if message.hint else ""
            self._say(False, f"{message.id}: {message.msg}{hint}")
        if not found:
            self._say(True, "The settings make sense (manage.py check).")

    def _cache(self) -> None:
        keeper = Keeper(conf.cache)
        keeper.set(PROBE, "kept", 10)
        kept = keeper.get(PROBE) == "kept"
        keeper.delete([PROBE])
        words = "keeps what it is given." if kept else "keeps nothing: each page asks the Trove."
        self._say(kept, f"The cache {conf.cache!r} {words}")

    def _trove(self, site: str) -> None:
        try:
            callback = site.rstrip("/") + reverse("django_trove:callback")
        except NoReverseMatch:
            self._say(False, "The URLs aren't there: include django_trove.urls in your urls.py.")
            return
        if not site:
            self._say(False, "Where this site is isn't known: give --site or CALLBACK_BASE_URL.")
            return
        self.stdout.write(f"      callback: {callback}")
        self.stdout.write(f"      signed, such as: {self._base_string(callback)}")
        try:
            trove_api().get_request_token(callback=callback)
        except CallError as error:
            known = "The Trove knows the keys. " if error.status else ""
            self._say(False, f"{known}{error.detail} Register exactly {callback} there.")
        except TroveError as error:
            self._say(False, f"{type(error).__name__}: {error.detail}")
        else:
            words = "is there, takes the keys, the clock and the callback."
            self._say(True, f"The Trove at {conf.web_url} {words}")

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

    def _say(self, well: bool, words: str) -> None:
        self.failed += not well
        mark = self.style.SUCCESS("well ") if well else self.style.ERROR("wrong")
        self.stdout.write(f"{mark} {words}")
