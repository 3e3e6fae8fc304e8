"""
Look at people's services, and take in what changed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ....core.management import get_user
from ...accounts.removal import delete_identity_data
from ...connectors.base import Batch
from ...connectors.registry import get_connector_classes
from ...models import Identity
from ...sync.engine import SyncBusy, SyncFailed, sync
from ...sync.expiry import delete_expired_items
from ...sync.ingest import SyncReport
from ...tasks import enqueue_deletion, request_sync

OUTCOME_LABELS = ("added", "changed", "removed", "unchanged", "unreadable")


class Command(BaseCommand):
    """
    `manage.py trove_sync [--due] [--user NAME] [--service NAME] [--enqueue]`
    """

    help = (
        "Look at people's services, one after another, and take in what changed. Run it from cron "
        "with --due; several at once share the work, since an account is looked at by one only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--due", action="store_true", help="only accounts whose time has come")
        parser.add_argument("--user", default="", help="only this person's, by user name")
        parser.add_argument("--service", default="", help="only those on this service")

        parser.add_argument(
            "--enqueue", action="store_true", help="hand the work to the project's task workers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = _select_identities(options)
        delete_expired_items()
        if options["enqueue"]:
            self._hand_over(chosen)
            return
        for identity in Identity.objects.being_deleted().iterator(chunk_size=100):
            delete_identity_data(identity)  # what a worker that was stopped left behind
        done: Counter[str] = Counter()
        for identity in chosen.select_related("user").iterator(chunk_size=100):
            done += self._look_at(identity, quiet=options["verbosity"] == 0)
        self.stdout.write(_summarize(done))
        if done["failed"]:
            raise CommandError(f"{done['failed']} could not be read; their pages say why.")

    def _hand_over(self, chosen: Any) -> None:
        for identity in Identity.objects.being_deleted().iterator(chunk_size=100):
            enqueue_deletion(identity)
        handed_over = 0
        for identity in chosen.iterator(chunk_size=100):
            request_sync(identity)
            handed_over += 1
        self.stdout.write(f"{handed_over} handed over.")

    def _look_at(self, identity: Identity, *, quiet: bool) -> Counter[str]:
        name = f"{identity.user.get_username()} {identity}"
        try:
            report = self._sync(identity, name, quiet=quiet)
        except SyncBusy:
            return Counter(passed_over=1)
        except SyncFailed as failed:
            self.stderr.write(f"{name}: {failed}")
            return Counter(failed=1)
        for failure in report.failures:
            self.stderr.write(f"{name}: {failure.name}: {failure.reason}")
        counts = {word: getattr(report, word, 0) for word in OUTCOME_LABELS}
        return Counter({**counts, "looked_at": 1, "unreadable": len(report.failures)})

    def _sync(self, identity: Identity, name: str, *, quiet: bool) -> SyncReport:
        with tqdm(desc=name, unit=" items", disable=quiet or None, leave=False) as bar:

            def step(page: Batch) -> None:
                bar.total = page.total or bar.total
                bar.update(len(page.seen))

            return sync(identity, step)


def _select_identities(options: dict[str, Any]) -> Any:
    """
    Return the accounts that are asked for, those that have waited longest first.
    """
    chosen = Identity.objects.filter(
        service__in=get_connector_classes(), state=Identity.State.ACTIVE
    )
    if options["due"]:
        chosen = chosen.due()
    if options["user"]:
        chosen = chosen.filter(user=get_user(options["user"]))
    if options["service"]:
        if options["service"] not in get_connector_classes():
            raise CommandError(f"--service takes {', '.join(get_connector_classes())}.")
        chosen = chosen.filter(service=options["service"])
    return chosen.order_by("next_sync_at", "pk")


def _summarize(done: Counter[str]) -> str:
    counts = ", ".join(f"{done[word]} {word}" for word in OUTCOME_LABELS)
    return (
        f"{done['looked_at']} looked at, {done['failed']} failed, "
        f"{done['passed_over']} passed over: {counts}."
    )
