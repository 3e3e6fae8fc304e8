"""
TIFF pictures, including ones with damaged metadata.
"""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, TiffImagePlugin

from .metadata import find_damaged_tags

MAX_REPAIRED_BYTES = 128 * 1024 * 1024
UNSUPPORTED_TYPE = b"\0\0"


class TiffPicture(TiffImagePlugin.TiffImageFile):
    """
    A picture that Pillow does not rotate when it is loaded: damaged metadata prevents this.
    """

    def _open(self) -> None:
        super()._open()
        self._size = self._tile_size  # before rotation

    def load_end(self) -> None:
        self._close_exclusive_fp_after_loading = not self.is_animated


def open_tiff(file: BinaryIO) -> Image.Image:
    """
    Open a picture. Pillow skips the tags after one whose value is outside of the file, also those
    of the picture. In a copy of such a file, the damaged tags have a type that Pillow ignores.
    """
    positions = find_damaged_tags(file)
    file.seek(0)
    if not positions:
        return TiffPicture(file)
    content = bytearray(file.read(MAX_REPAIRED_BYTES))
    for position in positions:
        content[position + 2 : position + 4] = UNSUPPORTED_TYPE
    return TiffPicture(io.BytesIO(content))
