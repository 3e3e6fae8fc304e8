"""
Taking in what an account holds, before the eyes of whoever runs a command.
"""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ..connectors.base import Batch
from ..models import Identity
from ..sync.engine import SyncFailed, sync


def sync_with_progress(command: BaseCommand, identity: Identity, *, quiet: bool) -> None:
    """
    Take in an account, with a progress bar; name what can't be read, and count the rest.

    :param quiet: whether to do without the bar.
    :raises CommandError: if it can't be read at all.
    """
    with tqdm(unit=" files", disable=quiet or None, leave=False) as bar:

        def step(page: Batch) -> None:
            if page.total is not None:
                bar.total = page.total
                bar.update(len(page.seen))

        try:
            report = sync(identity, step)
        except SyncFailed as failed:
            raise CommandError(str(failed)) from None
    for failure in report.failures:
        command.stderr.write(f"{failure.name}: {failure.reason}")
    command.stdout.write(
        f"{report.added} added, {report.changed} changed, {report.removed} removed, "
        f"{report.unchanged} unchanged, {len(report.failures)} unreadable."
    )
