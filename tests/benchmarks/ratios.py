"""
Measurements of CPU time that alternate in one process.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from statistics import median


def ratio(
    name: str,
    ours: Callable[[], object],
    bare: Callable[[], object],
    *,
    aim: float,
    rounds: int = 60,
) -> float:
    """
    Print and return the ratio of the CPU times of `ours` and `bare`: the median over rounds in
    which the two alternate, so that other load affects both equally.

    :param aim: the maximum to aim for. It is printed, but not asserted.
    """
    first, second = _measure((ours, bare), rounds)
    measured = first / second
    mark = "" if measured <= aim else "   MISSED"
    micro = f"{1e6 * first:9.0f} / {1e6 * second:.0f} us"
    print(f"{name:45} {measured:5.2f}x  (aim {aim}x)  {micro}{mark}")
    return measured


def duration(
    name: str,
    ours: Callable[[], object],
    bare: Callable[[], object] = lambda: None,
    *,
    aim: float,
    rounds: int = 60,
) -> float:
    """
    Print and return the CPU time of `ours` in milliseconds, minus that of `bare`.
    """
    first, second = (1000 * seconds for seconds in _measure((ours, bare), rounds))
    measured = first - second
    mark = "" if measured <= aim else "   MISSED"
    print(f"{name:45} {measured:5.2f} ms (aim {aim} ms) {first:.2f} - {second:.2f} ms{mark}")
    return measured


def _measure(calls: tuple[Callable[[], object], ...], rounds: int) -> list[float]:
    for _ in range(5):
        for call in calls:
            call()
    gc.collect()
    times = [[_cpu(call) for call in calls] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]


def _cpu(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
