"""
Ratios measured side by side in one process and one run.
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
    Print and return how much more CPU time `ours` takes than `bare`: the median over rounds in
    which the two take turns, so that a noisy machine disturbs both alike.

    :param aim: the ratio that we want to stay below; it is printed, never asserted.
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
