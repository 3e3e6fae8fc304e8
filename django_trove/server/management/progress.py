"""
Progress bar for commands that sync an account.
"""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ..connectors.base import Batch
from ..models import Identity
from ..sync.engine import SyncFailed, sync


def sync_with_progress(command: BaseCommand, identity: Identity, *, quiet: bool) -> None:
    """
    Sync an account; list unreadable items, and print the counts.

    :param quiet: whether to hide the progress bar.
    :raises CommandError: if the sync fails.
    """
    with tqdm(unit=" files", disable=quiet or None, leave=False) as bar:

        def update_bar(batch: Batch) -> None:
            if batch.total is not None:
                bar.total = batch.total
                bar.update(len(batch.seen))

        try:
            report = sync(identity, update_bar)
        except SyncFailed as error:
            raise CommandError(str(error)) from None
    for failure in report.failures:
        command.stderr.write(f"{failure.name}: {failure.reason}")
    command.stdout.write(
        f"{report.added} added, {report.changed} changed, {report.removed} removed, "
        f"{report.unchanged} unchanged, {len(report.failures)} unreadable."
    )
