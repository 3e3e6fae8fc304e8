"""
Texts in metadata: their encodings, and texts that cameras write.
"""

from __future__ import annotations

import codecs
import re

MAX_LENGTH = 10_000
MAX_BYTES = 4 * MAX_LENGTH
MAX_BOILERPLATE_LENGTH = 2_000

CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")

# Characters of Windows-1252 that were decoded as Latin-1, in which they are control characters.
WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# Titles and descriptions that cameras and programs write by themselves, in any case.
BOILERPLATE = frozenset(
    """
    ascii
    binary comment
    casio computer co.,ltd
    charset=ascii
    created by imlib
    created with gimp
    default
    digital camera
    digital still camera
    dvc 10.1 hdmi
    exif_jpeg_picture
    iclarified
    jpeg
    kodak digital still camera
    konica minolta digital camera
    minolta digital camera
    moultrie digital game camera
    my beautiful picture
    olympus digital camera
    picasa
    samsung
    samsung camera pictures
    scanner
    screenshot
    sony dsc
    unicode
    untitled
    x-default
    """.strip().split("\n    ")
)
BOILERPLATE_FORMAT = re.compile(
    r"DCIM[\\/].*"  # "DCIM\100MEDIA\DJI_0001.JPG"
    r"|DCIM\w*|(?i:exif[_ ]jpeg\w*)"
    r"|<[^<>]*(?i:samsung|digimax|kenox)[^<>]*>"  # "<Digimax S500 / Kenox S500>"
    r"|[A-Z0-9][A-Z0-9 .,&-]* DIGITAL (STILL )?CAMERA"
    r"|oplus_\d+"  # OnePlus and Oppo
    r"|(?i:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|\{\s*\"[^\"]*\"\s*:.*\}"  # JSON
    # Modes of Huawei's cameras
    r"|(?:btf|btr|bty|cof|dav|edf|fbt|frem|fshbty|frontbhdp|hdrpl|mde|mon|nfd|nor|ozcaod|oznor|ptr"
    r"|qrf|rbt|rhdr|rpt|sdr)(?:_\w+|hdr|mdn|WO|HDRB)?",
    re.DOTALL,
)


def clean_text(value: str) -> str:
    """
    Return a text without control characters.
    """
    text = value[: 2 * MAX_LENGTH].replace("\r\n", "\n").replace("\r", "\n").translate(WINDOWS_1252)
    return CONTROL.sub("", text).strip()[:MAX_LENGTH]


def clean_caption(value: str) -> str:
    """
    Return a title or a description; "" if the camera wrote it.
    """
    text = clean_text(value)
    if len(text) > MAX_BOILERPLATE_LENGTH:
        return text
    is_boilerplate = text.casefold() in BOILERPLATE or BOILERPLATE_FORMAT.fullmatch(text)
    return "" if is_boilerplate else text


def decode_text(value: bytes) -> str:
    """
    Decode a text that a NUL terminates.
    """
    value = value[:MAX_BYTES]
    if not value.startswith(UTF_16_MARKS):
        value = value.strip(b"\0").partition(b"\0")[0]
    return clean_text(decode_bytes(value))


def decode_bytes(value: bytes) -> str:
    """
    Decode UTF-16 with a byte order mark, UTF-8 with few errors, or Windows-1252. The text itself
    is decisive, because programs declare other encodings than they write.
    """
    if value.startswith(UTF_16_MARKS):
        return value.decode("utf-16", "ignore")
    try:
        return value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _decode_damaged(value, error)


def decode_utf_16(value: bytes, order: str = "<") -> str:
    """
    Decode UTF-16.

    :param order: "<" or ">", if the text does not show its byte order.
    """
    if value.startswith(UTF_16_MARKS):
        return clean_text(value[:MAX_BYTES].decode("utf-16", "ignore"))
    high, low = value[:MAX_BYTES:2].count(0), value[1:MAX_BYTES:2].count(0)
    if high != low:
        order = ">" if high > low else "<"
    codec = "utf-16-be" if order == ">" else "utf-16-le"
    return clean_text(value[:MAX_BYTES].decode(codec, "ignore").partition("\0")[0])


def decode_user_comment(value: bytes, order: str) -> str:
    """
    Decode EXIF's UserComment. Its first 8 bytes name the encoding.
    """
    code, comment = value[:8].rstrip(b"\0 ").upper(), value[8:MAX_BYTES]
    if code == b"UNICODE" and (b"\0" in comment or not comment.isascii()):
        return decode_utf_16(comment, order)
    if code == b"JIS":
        return clean_text(comment.decode("iso2022_jp", "ignore"))
    return decode_text(comment if code in (b"", b"ASCII", b"UNICODE") else value)


def _decode_damaged(value: bytes, error: UnicodeDecodeError) -> str:
    text = value.decode("utf-8", "replace")
    errors = text.count("\ufffd")
    characters = sum(character > "\x7f" for character in text) - errors
    is_truncated = error.end == len(value) and _is_start_of_character(value[error.start :])
    if errors <= characters or is_truncated:
        return text.rstrip("\ufffd")
    return value.decode("latin-1")  # `clean_text` adds the other characters of Windows-1252


def _is_start_of_character(end: bytes) -> bool:
    """
    Return whether the last bytes are the start of a character in UTF-8. In texts in Windows-1252, a
    single byte from 0xE0 is a letter, such as é.
    """
    return len(end) > 1 or b"\xc2" <= end < b"\xe0"
