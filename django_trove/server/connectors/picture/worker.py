"""
A process that reads pictures. `processes` starts it.

It receives pairs of a path and a memory limit, and sends a `Picture` or `Unreadable` for each, both
pickled. It ends with its parent process.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from .errors import Unreadable
from .memory import limit_memory
from .reader import Picture, read

READY = "ready"


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent process
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries may print
        _send(READY, output)
        while request := _receive(sys.stdin.buffer):
            _send(_read(*request), output)


def _receive(requests: BinaryIO) -> tuple[Path, int] | None:
    try:
        request: tuple[Path, int] = pickle.load(requests)  # noqa: S301  from the parent process
    except EOFError:
        return None
    return request


def _read(path: Path, limit: int) -> Picture | Unreadable:
    try:
        with limit_memory(limit):
            return read(path)
    except Unreadable as error:
        return error


def _send(value: object, output: BinaryIO) -> None:
    pickle.dump(value, output)
    output.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the parent process was killed
        os._exit(1)
