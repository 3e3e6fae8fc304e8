"""
Metadata in picture files.
"""

from __future__ import annotations

import hashlib
from typing import Any, BinaryIO

from PIL import Image
from PIL.ExifTags import Base

from .exif import open_exif, read_exif, read_windows_fields
from .fields import MAX_BLOCK_BYTES, Metadata, merge_metadata, read_or_default
from .iptc import read_iptc
from .tiff import TiffFile
from .xmp import read_packet_orientation, read_xmp_packet

XMP_START = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_XMP_START = b"http://ns.adobe.com/xmp/extension/\0"
EXTENDED_XMP_HEADER = len(EXTENDED_XMP_START) + 40  # its GUID, length and offset
IPTC_RESOURCE, DIGEST_RESOURCE = 0x0404, 0x0425  # of Photoshop
IPTC_TAG, XMP_TAG = 33_723, 700  # of TIFF
ORIENTATIONS = range(1, 9)


def read_metadata(image: Image.Image) -> Metadata:
    """
    Read EXIF, XMP and IPTC. Damaged metadata is ignored.
    """
    file = read_or_default(lambda: _open_exif(image), None)
    packets = read_or_default(lambda: _find_xmp(image, file), b"")
    block, is_newer = read_or_default(lambda: _find_iptc(image, file), (b"", False))
    return _read_standards(file, packets, block, is_iptc_newer=is_newer)


def read_tiff_metadata(file: BinaryIO) -> Metadata:
    """
    Read the metadata of a file that is based on TIFF, such as most RAW files.
    """
    tiff = read_or_default(lambda: TiffFile(file), None)
    if not tiff:
        return Metadata()
    return _read_standards(tiff, tiff.root.content(XMP_TAG), tiff.root.content(IPTC_TAG))


def read_orientation(image: Image.Image) -> int:
    """
    Return the orientation, 1 to 8; 1 is upright.
    """
    file = read_or_default(lambda: _open_exif(image), None)
    value = file.root.number(Base.Orientation) if file else 0
    if not value:
        packets = read_or_default(lambda: _find_xmp(image, file), b"")
        value = read_or_default(lambda: read_packet_orientation(packets), 0)
    return int(value) if value in ORIENTATIONS else 1


def read_tiff_orientation(file: BinaryIO) -> int:
    """
    Return the orientation of a file that is based on TIFF; 0 if it is unknown.
    """
    tiff = read_or_default(lambda: TiffFile(file), None)
    value = tiff.root.number(Base.Orientation) if tiff else 0
    return int(value) if value in ORIENTATIONS else 0


def _read_standards(
    file: TiffFile | None, packets: bytes, block: bytes, *, is_iptc_newer: bool = False
) -> Metadata:
    """
    Merge the standards in the order of the Metadata Working Group: EXIF, then XMP, then IPTC,
    unless IPTC was changed after XMP.
    """
    exif = read_or_default(lambda: read_exif(file), Metadata()) if file else Metadata()
    windows = read_or_default(lambda: read_windows_fields(file), Metadata()) if file else Metadata()
    xmp = read_or_default(lambda: read_xmp_packet(packets), Metadata())
    iptc = read_or_default(lambda: read_iptc(block), Metadata())
    return merge_metadata(exif, *([iptc, xmp] if is_iptc_newer else [xmp, iptc]), windows)


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
