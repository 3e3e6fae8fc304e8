"""
Progress bar for commands that sync an account.
"""

from __future__ import annotations

import re
from collections import defaultdict

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ..connectors.base import Batch, ItemFailure
from ..models import Identity
from ..sync import SyncReport
from ..sync.engine import SyncFailed, sync

CONTROL = re.compile("[\0-\x1f\x7f-\x9f]")  # in file names: control sequences of terminals
MAX_LISTED = 20  # items with the same reason


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
    write_failures(command, report)
    skipped = sum(failure.count for failure in report.skipped)
    command.stdout.write(
        f"{report.added} added, {report.changed} changed, {report.removed} removed, "
        f"{report.unchanged} unchanged, {len(report.failures)} unreadable"
        f"{f', {skipped} skipped' if skipped else ''}."
    )


def write_failures(command: BaseCommand, report: SyncReport, prefix: str = "") -> None:
    """
    List the items that were not imported. Only the first ones with the same reason are listed.
    """
    by_reason: defaultdict[str, list[ItemFailure]] = defaultdict(list)
    for failure in (*report.failures, *report.skipped):
        by_reason[failure.reason].append(failure)
    for reason, failures in by_reason.items():
        for failure in failures[:MAX_LISTED]:
            items = f" ({failure.count} items)" if failure.count > 1 else ""
            name = CONTROL.sub("?", failure.name)
            command.stderr.write(f"{prefix}{name}{items}: {reason}")
        others = sum(failure.count for failure in failures[MAX_LISTED:])
        if others:
            command.stderr.write(f"{prefix}{others} more items: {reason}")
