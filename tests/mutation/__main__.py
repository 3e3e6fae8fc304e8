"""
Introduce small faults into the critical modules, one at a time, and run their tests.

    python -m tests.mutation [--group search] [--module client/codec/items.py] [--sample 40]

The faults are those of Cosmic Ray. They are applied to copies of the working tree. A fault that no
test detects is printed as a diff. `modules.toml` lists the modules with their tests, and
`accepted.toml` the faults that do not change the behavior.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from itertools import islice

from tests.mutation.faults import Fault, find_positions, iter_faults
from tests.mutation.runner import run_faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", default="")
    parser.add_argument("--module", default="")
    parser.add_argument("--sample", type=int, default=None, help="number of faults")
    parser.add_argument("--seconds", type=float, default=86_400, help="stop after this time")
    parser.add_argument(
        "--seed",
        type=int,
        default=time.time_ns() % 1000,
        help="order of the faults",
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minimum", type=float, default=0, help="percentage of detected faults")
    arguments = parser.parse_args()
    positions = list(find_positions(arguments.group, arguments.module))
    if not positions:
        parser.error("modules.toml contains no such group or module.")
    random.Random(arguments.seed).shuffle(positions)
    print(f"{len(positions)} positions (--seed {arguments.seed})")
    faults = islice(iter_faults(positions), arguments.sample)
    results: dict[Fault, bool] = {}
    for fault, detected in run_faults(faults, arguments.seconds, arguments.workers):
        results[fault] = detected
        print("." if detected else f"\nNot detected: {fault}", end="\n"[detected:], flush=True)
    if not results:
        sys.exit("No fault was tried: the time was over, or all are accepted.")
    score = 100 * sum(results.values()) / len(results)
    print(f"\n{sum(results.values())} of {len(results)} faults were detected ({score:.0f} %).")
    if next(faults, None):
        print("Not all were tried: the time was over.")
    sys.exit(score < arguments.minimum)


if __name__ == "__main__":
    main()
