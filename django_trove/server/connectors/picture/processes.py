"""
Reading of pictures in one process per CPU.

They are started by `subprocess`. `multiprocessing` would run the main module of the project again,
and a daemonic process, such as a worker of Celery, cannot use it.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Timer
from typing import Any

from ..messages import Message as _
from .errors import TooLarge, Unreadable
from .formats import is_video_name
from .memory import MEGABYTE, get_limit, limit_memory
from .reader import Picture, read
from .worker import READY

FEW_PICTURES = 8  # starting the processes takes as long as reading some pictures
MIN_MEMORY = 128 * MEGABYTE  # per process
MAX_SECONDS = 120.0  # per picture
WORKER_MODULE = f"{__package__}.worker"


class PictureReader:
    """
    Reads pictures in other processes, and in this one if they cannot be started.

    The processes share the memory limit. A picture that requires more than the share of a process
    is read in this process while the others are idle.
    """

    def __init__(self, executor: ThreadPoolExecutor | None, share: int) -> None:
        """
        :param executor: has one thread per process. None to read in this process.
        :param share: maximum memory for decoding an image in one of the processes, in bytes.
        """
        self._executor = executor
        self._share = share
        self._count = 0
        self._running: set[Future[Picture]] = set()
        self._workers: SimpleQueue[Worker] = SimpleQueue()
        self._can_start = True

    def submit(self, path: Path) -> Callable[[], Picture]:
        """
        Start to read a file. Return a function that returns the picture, and raises `Unreadable` as
        `read` does.

        Videos are read in this process: their poster depends on the memory limit.
        """
        self._count += 1
        if not self._executor or self._count <= FEW_PICTURES or is_video_name(path.name):
            return partial(read, path)
        future = self._executor.submit(self._read_in_worker, path)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return partial(self._get_picture, path, future)

    def _get_picture(self, path: Path, future: Future[Picture]) -> Picture:
        try:
            return future.result()
        except TooLarge:
            wait(set(self._running))
            return read(path)

    def _read_in_worker(self, path: Path) -> Picture:
        worker = self._take_worker()
        if not worker:
            with limit_memory(self._share):
                return read(path)
        picture = worker.read(path, self._share)
        self._workers.put(worker)
        if isinstance(picture, Unreadable):
            raise picture
        return picture

    def _take_worker(self) -> Worker | None:
        with suppress(Empty):
            return self._workers.get_nowait()
        worker = start_worker() if self._can_start else None
        self._can_start = worker is not None
        return worker

    def close(self) -> None:
        if self._executor:
            self._executor.shutdown(cancel_futures=True)
        with suppress(Empty):
            while True:
                self._workers.get_nowait().stop()


class Worker:
    """
    A process that reads one picture at a time.
    """

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(  # noqa: S603  without input of users
            [sys.executable, "-P", "-m", WORKER_MODULE],
            env=os.environ | {"PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def is_ready(self) -> bool:
        return bool(self._receive() == READY)

    def read(self, path: Path, limit: int) -> Picture | Unreadable:
        """
        :raises Unreadable: if the process crashes or does not respond. It cannot be used again.
        """
        try:
            pickle.dump((path, limit), self._process.stdin)  # type: ignore[arg-type]
            self._process.stdin.flush()  # type: ignore[union-attr]
            picture: Picture | Unreadable = self._receive()
        except (OSError, EOFError, pickle.UnpicklingError):
            self.stop()
            raise Unreadable(_("The process that reads files crashed or took too long.")) from None
        return picture

    def _receive(self) -> Any:
        timer = Timer(MAX_SECONDS, self._process.kill)
        timer.start()
        try:
            return pickle.load(self._process.stdout)  # type: ignore[arg-type]  # noqa: S301
        finally:
            timer.cancel()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def start_worker() -> Worker | None:
    """
    Return None if the process cannot be started, for example because Python is embedded.
    """
    if not Path(sys.executable or "").name.lower().startswith(("python", "pypy")):
        return None
    try:
        worker = Worker()
    except OSError:
        return None
    with suppress(OSError, EOFError, pickle.UnpicklingError):
        if worker.is_ready():
            return worker
    worker.stop()
    return None


@contextmanager
def open_picture_reader() -> Iterator[PictureReader]:
    """
    Yield a reader that uses one process per CPU, but at most one per `MIN_MEMORY` of the limit.
    """
    count = min(_count_cpus(), get_limit() // MIN_MEMORY)
    executor = ThreadPoolExecutor(count, "picture-reader") if count > 1 else None
    reader = PictureReader(executor, get_limit() // max(count, 1))
    try:
        yield reader
    finally:
        reader.close()


def _count_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
