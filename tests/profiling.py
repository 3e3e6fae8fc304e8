"""
Measurements of the package's code paths.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import django_trove

ROOT = str(Path(django_trove.__file__).parent) + "/"


def files_entered(call: Callable[[], object]) -> set[str]:
    """
    Return the files of the package whose functions are entered during a call, in this thread.
    """
    files: set[str] = set()

    def profile(frame: FrameType, event: str, arg: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(ROOT):
            files.add(frame.f_code.co_filename.removeprefix(ROOT))

    previous = sys.getprofile()
    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(previous)
    return files
