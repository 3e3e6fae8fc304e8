"""
AVIF pictures, including ones with damaged metadata.
"""

from __future__ import annotations

import io
import re
from typing import BinaryIO

from PIL import AvifImagePlugin, Image

MAX_REPAIRED_BYTES = 128 * 1024 * 1024

# The entry of EXIF in the list of items: the version, flags, ids and protection precede its type.
EXIF_ITEM = re.compile(rb"(infe(?:\x02.{7}|\x03.{9}))Exif", re.DOTALL)


def open_avif(file: BinaryIO) -> Image.Image:
    """
    Open a picture. The decoder rejects a picture with invalid EXIF. In a copy of such a file, the
    item has a type that is ignored.
    """
    try:
        return AvifImagePlugin.AvifImageFile(file)
    except Exception:  # Pillow raises many types for damaged metadata
        file.seek(0)
        content = EXIF_ITEM.sub(rb"\1skip", file.read(MAX_REPAIRED_BYTES))
        return AvifImagePlugin.AvifImageFile(io.BytesIO(content))
