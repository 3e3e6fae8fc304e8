"""
Runs of the tests of a fault, each in a copy of the working tree.
"""

from __future__ import annotations

import compileall
import importlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

from tests.mutation.faults import ROOT, Fault

TIMEOUT = 240  # seconds for all tests of a fault; a fault that causes a loop is detected by it
TEST_TIMEOUT = 60  # seconds for one test
ARGUMENTS = [
    "-x",
    "-q",
    "-n0",
    "--nomigrations",  # creates the database in half the time
    "-p",
    "no:cacheprovider",
    "--hypothesis-seed=0",
    f"--timeout={TEST_TIMEOUT}",
    "-Wignore::pytest.PytestAssertRewriteWarning",  # preloaded plugins
]
# Imported once, before the processes are forked.
PRELOADED = (
    "PIL.Image",
    "cryptography.fernet",
    "dateutil.parser",
    "django.contrib.admin",
    "django.core.management",
    "django.db.models",
    "django.test",
    "hypothesis.strategies",
    "oauthlib.oauth1",
    "pytest_django.plugin",
    "requests_oauthlib",
)


@dataclass
class Run:
    fault: Fault
    copy: Path
    process: BaseProcess
    deadline: float


def run_faults(
    faults: Iterator[Fault], seconds: float, workers: int
) -> Iterator[tuple[Fault, bool]]:
    """
    Run the tests of each fault and yield whether they detect it. After `seconds`, stop all runs.
    """
    for name in PRELOADED:
        importlib.import_module(name)
    started = time.monotonic()
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as directory:
        copies = [Path(directory, str(number)) for number in range(workers)]
        for copy in copies:
            copy_working_tree(copy)
        waiting = True
        while runs or waiting:
            if time.monotonic() - started > seconds:
                for run in runs:
                    os.killpg(run.process.pid or 0, signal.SIGKILL)
                    run.process.join()
                return
            while copies and waiting:
                fault = next(faults, None)
                waiting = fault is not None
                if fault:
                    runs.append(start_run(fault, copies.pop()))
            time.sleep(0.05)
            for run in list(runs):
                detected = poll_run(run)
                if detected is not None:
                    runs.remove(run)
                    copies.append(run.copy)
                    yield run.fault, detected


def copy_working_tree(target: Path) -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listing.stdout.splitlines()):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    # The size and the time of a module can be the same with and without a fault.
    compileall.compile_dir(
        target / "django_trove", quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH
    )


def start_run(fault: Fault, copy: Path) -> Run:
    (copy / "django_trove" / fault.path).write_text(fault.code)
    process = multiprocessing.get_context("fork").Process(target=run_tests, args=(fault, copy))
    process.start()
    return Run(fault, copy, process, time.monotonic() + TIMEOUT)


def run_tests(fault: Fault, copy: Path) -> None:
    os.setsid()
    os.chdir(copy)
    output = os.open(copy / "output.log", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for name in list(sys.modules):
        if name.partition(".")[0] in {"django_trove", "tests"}:
            del sys.modules[name]
    sys.path[:] = [str(copy), *(path for path in sys.path if path not in {"", str(ROOT)})]
    os._exit(pytest.main([*ARGUMENTS, *fault.tests]))


def poll_run(run: Run) -> bool | None:
    """
    Return None if the tests have not ended.
    """
    if run.process.is_alive():
        if time.monotonic() < run.deadline:
            return None
        os.killpg(run.process.pid or 0, signal.SIGKILL)
    run.process.join()
    shutil.copy2(ROOT / "django_trove" / run.fault.path, run.copy / "django_trove" / run.fault.path)
    return run.process.exitcode != 0
