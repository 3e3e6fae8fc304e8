"""
Metadata in picture files.
"""

from __future__ import annotations

import hashlib
from typing import Any

from PIL import Image

from .exif import open_exif, read_exif, read_windows_fields
from .fields import MAX_BLOCK_BYTES, Metadata, merge_metadata, read_or_default
from .iptc import read_iptc
from .tiff import TiffFile
from .xmp import read_xmp_packet

XMP_START = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_XMP_START = b"http://ns.adobe.com/xmp/extension/\0"
EXTENDED_XMP_HEADER = len(EXTENDED_XMP_START) + 40  # its GUID, length and offset
IPTC_RESOURCE, DIGEST_RESOURCE = 0x0404, 0x0425  # of Photoshop
IPTC_TAG, XMP_TAG = 33_723, 700  # of TIFF


def read_metadata(image: Image.Image) -> Metadata:
    """
    Read EXIF, XMP and IPTC, in the order of the Metadata Working Group: EXIF, then XMP, then IPTC,
    unless IPTC was changed after XMP. Damaged metadata is ignored.
    """
    file = read_or_default(lambda: _open_exif(image), None)
    exif = read_or_default(lambda: read_exif(file), Metadata()) if file else Metadata()
    windows = read_or_default(lambda: read_windows_fields(file), Metadata()) if file else Metadata()
    packets = read_or_default(lambda: _find_xmp(image, file), b"")
    xmp = read_or_default(lambda: read_xmp_packet(packets), Metadata())
    block, is_newer = read_or_default(lambda: _find_iptc(image, file), (b"", False))
    iptc = read_or_default(lambda: read_iptc(block), Metadata())
    return merge_metadata(exif, *([iptc, xmp] if is_newer else [xmp, iptc]), windows)


def _open_exif(image: Any) -> TiffFile:
    if image.format == "TIFF":
        return TiffFile(image.fp)
    if image.format == "PNG":
        image.load()  # its metadata may follow the pixels
    return open_exif(image.info.get("exif") or _read_raw_profile(image, "exif"))


def _find_xmp(image: Any, file: TiffFile | None) -> bytes:
    """
    Return the packets of a picture, one after the other.
    """
    segments = [content for _, content in getattr(image, "applist", ())]
    packets = [part.removeprefix(XMP_START) for part in segments if part.startswith(XMP_START)]
    extended = sorted(part for part in segments if part.startswith(EXTENDED_XMP_START))
    packets.append(b"".join(part[EXTENDED_XMP_HEADER:] for part in extended))
    if any(packets):
        return b"\n".join(packets)
    packet = image.info.get("xmp") or _read_raw_profile(image, "xmp")
    if image.format == "TIFF" and file:
        packet = file.root.content(XMP_TAG)
    return packet.encode() if isinstance(packet, str) else bytes(packet)


def _find_iptc(image: Any, file: TiffFile | None) -> tuple[bytes, bool]:
    """
    Return the block, and whether it was changed after the digest that XMP programs store.
    """
    if image.format == "TIFF" and file:
        return file.root.content(IPTC_TAG), False
    resources = image.info.get("photoshop")
    if not isinstance(resources, dict):
        return _read_raw_profile(image, "iptc"), False
    block, digest = resources.get(IPTC_RESOURCE, b""), resources.get(DIGEST_RESOURCE)
    current = hashlib.md5(block, usedforsecurity=False).digest()
    return block, digest is not None and digest != current


def _read_raw_profile(image: Any, name: str) -> bytes:
    """
    Return the content of ImageMagick's format in PNG: a name, a size and hexadecimal lines.
    """
    text = image.info.get(f"Raw profile type {name}", "")
    lines = text[: 3 * MAX_BLOCK_BYTES].split("\n")[3:]
    return bytes.fromhex("".join(lines))
