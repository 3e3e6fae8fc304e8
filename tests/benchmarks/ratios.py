"""
Ratios of two measurements that alternate in one process.
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
    for _ in range(5):
        ours(), bare()
    gc.collect()
    pairs = [(_cpu(ours), _cpu(bare)) for _ in range(rounds)]
    measured = median(a for a, _ in pairs) / median(b for _, b in pairs)
    mark = "" if measured <= aim else "   MISSED"
    micro = [1e6 * median(times) for times in zip(*pairs, strict=True)]
    print(f"{name:45} {measured:5.2f}x  (aim {aim}x)  {micro[0]:9.0f} / {micro[1]:.0f} us{mark}")
    return measured


def _cpu(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
