from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ....core.management import get_user
from ....core.outages import DATABASE_ERRORS, log_database_error
from ...accounts.content_types import join_names
from ...accounts.removal import resume_deletions
from ...connectors.base import Batch
from ...connectors.registry import get_connector_classes
from ...models import Identity
from ...sync.engine import DATABASE_MESSAGE, SyncBusy, SyncFailed, sync
from ...sync.expiry import delete_expired_items
from ...sync.ingest import SyncReport
from ...tasks import enqueue_deletion, request_sync
from ..progress import write_failures

OUTCOME_LABELS = ("added", "changed", "removed", "unchanged", "unreadable")

KEPT_MESSAGE = (
    "{} items were not found, but were kept. {} If they were deleted, run the command again with "
    "--confirm-removals."
)

PERMISSION_MESSAGE = "The service has not permitted: {}. The user can reconnect the account."


class Command(BaseCommand):
    help = (
        "Sync accounts one after another. Run it from cron with --due. Several processes can run "
        "at once: each account is synced by one of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--due", action="store_true", help="only accounts that are due")
        parser.add_argument("--user", default="", help="only accounts of this user name")
        parser.add_argument("--service", default="", help="only accounts at this service")
        parser.add_argument(
            "--confirm-removals",
            action="store_true",
            help="remove items that the last sync did not find, although the listing was doubtful",
        )
        parser.add_argument(
            "--enqueue", action="store_true", help="enqueue tasks for the project's workers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.results: Counter[str] = Counter()
        try:
            self._run(options)
        except DATABASE_ERRORS as error:
            log_database_error(error)
            self.stdout.write(_summarize(self.results))
            raise CommandError(DATABASE_MESSAGE) from None

    def _run(self, options: dict[str, Any]) -> None:
        # The ids are read at once: a cursor would be lost with the connection.
        pks = list(_select_identities(options).values_list("pk", flat=True))
        if options["confirm_removals"]:
            Identity.objects.filter(pk__in=pks).confirm_removals()
        delete_expired_items()
        if options["enqueue"]:
            self._enqueue(options)
            return
        resume_deletions()
        for pk in pks:
            selected = _select_identities(options).filter(
                pk=pk
            )  # another process may have synced it
            if identity := selected.select_related("user").first():
                self.results += self._sync_identity(identity, quiet=options["verbosity"] == 0)
        self.stdout.write(_summarize(self.results))
        if self.results["failed"]:
            raise CommandError(
                f"{self.results['failed']} accounts failed. The reasons are printed above."
            )

    def _enqueue(self, options: dict[str, Any]) -> None:
        for identity in Identity.objects.being_deleted():
            enqueue_deletion(identity)
        enqueued = sum(map(request_sync, list(_select_identities(options))))
        self.stdout.write(f"{enqueued} accounts enqueued.")

    def _sync_identity(self, identity: Identity, *, quiet: bool) -> Counter[str]:
        name = f"{identity.user.get_username()} {identity}"
        try:
            report = self._sync(identity, name, quiet=quiet)
        except SyncBusy:
            return Counter(skipped=1)
        except SyncFailed as error:
            self.stderr.write(f"{name}: {error}")
            return Counter(failed=1)
        write_failures(self, report, f"{name}: ")
        if report.kept:
            self.stderr.write(f"{name}: {KEPT_MESSAGE.format(report.kept, report.kept_reason)}")
        if report.unpermitted:
            types = join_names(report.unpermitted)
            self.stderr.write(f"{name}: {PERMISSION_MESSAGE.format(types)}")
        counts = {label: getattr(report, label, 0) for label in OUTCOME_LABELS}
        return Counter({**counts, "synced": 1, "unreadable": len(report.failures)})

    def _sync(self, identity: Identity, name: str, *, quiet: bool) -> SyncReport:
        with tqdm(desc=name, unit=" items", disable=quiet or None, leave=False) as bar:

            def update_bar(batch: Batch) -> None:
                bar.total = batch.total or bar.total
                bar.update(len(batch.seen))

            return sync(identity, update_bar)


def _select_identities(options: dict[str, Any]) -> Any:
    """
    Return the selected accounts, longest overdue first.
    """
    identities = Identity.objects.filter(
        service__in=get_connector_classes(), state=Identity.State.ACTIVE
    )
    if options["due"]:
        identities = identities.due()
    if options["user"]:
        identities = identities.filter(user=get_user(options["user"]))
    if options["service"]:
        if options["service"] not in get_connector_classes():
            raise CommandError(f"--service must be one of {', '.join(get_connector_classes())}.")
        identities = identities.filter(service=options["service"])
    return identities.order_by("next_sync_at", "pk")


def _summarize(results: Counter[str]) -> str:
    counts = ", ".join(f"{results[label]} {label}" for label in OUTCOME_LABELS)
    return (
        f"{results['synced']} synced, {results['failed']} failed, "
        f"{results['skipped']} skipped: {counts}."
    )
