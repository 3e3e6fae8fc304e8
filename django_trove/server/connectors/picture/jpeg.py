"""
JPEG files, including incomplete ones.
"""

from __future__ import annotations

import re

from PIL import JpegImagePlugin

from ..messages import Message as _
from .errors import Damaged, Unreadable

START_OF_SCAN = b"\xff\xda"
MAX_SCANS = 200  # cameras and programs write about 10
END = b"\xff\xd9"
MIN_SHARE = 0.9  # of the rows
LAST_COEFFICIENT = 63
SCAN = re.compile(rb"\xff\xda\0[\x08\x0a\x0c\x0e]([\1-\4])")


class JpegFile(JpegImagePlugin.JpegImageFile):
    """
    A JPEG whose end may be missing: many cameras and transfers omit the end marker, or lose the
    last bytes. If more is missing, the file is damaged: half a picture is not shown.

    The number of scans is limited, because a small file can contain thousands, and each takes as
    long as a picture.
    """

    is_ended = False
    _scans, _last_byte = 0, b""

    def _read_dpi_from_exif(self) -> None:
        """
        Do nothing. Pillow before version 13 copies the content of each EXIF tag, also if all share
        the same content: a file of 3 MB requires 6 GB.
        """

    def load_read(self, read_bytes: int) -> bytes:
        content = super().load_read(read_bytes)
        self._scans += (self._last_byte + content).count(START_OF_SCAN)
        self._last_byte = content[-1:]
        if self._scans > MAX_SCANS:
            raise Unreadable(_("The picture has too many scans."))
        if content or self.is_ended:
            return content
        self.is_ended = True
        if not self._is_nearly_complete():
            raise Damaged
        return END

    def _is_nearly_complete(self) -> bool:
        box = self.im.getbbox()  # rows that are not decoded yet are black
        if box is None and len(self.layer) > 0:
            return self._has_last_scans()
        return box is not None and box[3] >= self.height * MIN_SHARE

    def _has_last_scans(self) -> bool:
        """
        Return whether a JPEG with several scans, which is decoded at its end, has a final scan of
        each component. The last one may be incomplete: it only refines the picture.
        """
        if self.fp is None:
            return False
        self.fp.seek(0)
        content = self.fp.read()
        final: set[int] = set()
        for match in SCAN.finditer(content):
            count, start = match[1][0], match.end()
            spectral_end, approximation = content[start + 2 * count + 1 : start + 2 * count + 3]
            if spectral_end == LAST_COEFFICIENT and not approximation & 0x0F:
                final.update(content[start : start + 2 * count : 2])
        return final >= {layer[0] for layer in self.layer}
