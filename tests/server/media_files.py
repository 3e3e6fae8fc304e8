"""
Pictures and videos in formats that need a package, or that are built byte by byte.
"""

import io
import struct
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageDraw

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
IDENTITY = (1, 0, 0, 1)
SIDEWAYS = (0, 1, -1, 0)  # clockwise by 90 degrees


def two_colors(size=(64, 48)):
    image = Image.new("RGB", size, "blue")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="red")
    return image


def save(image, format, **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def heic(size=(64, 48), *, image=None, **options):
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs django-trove[heic]")
    buffer = io.BytesIO()
    file = pillow_heif.from_pillow(image or two_colors(size))
    file.save(buffer, quality=80, **options)
    return buffer.getvalue()


def avif(size=(64, 48), **options):
    return save(two_colors(size), "AVIF", **options)


def dng(size=(640, 480), *, preview=None, date=None, offset=None, orientation=1):
    """
    Return a DNG: a TIFF with a JPEG as its preview, and with the sensor's data in a sub-directory.
    """
    preview = preview or save(two_colors(size), "JPEG")
    sensor = bytes(64 * 48 * 2)
    positions = dict.fromkeys(("sub", "exif", "preview", "sensor"), 0)
    for _ in range(2):  # the second time, the positions are known
        content = b"II*\0" + struct.pack("<I", 8)
        content += tiff_directory(
            len(content),
            {
                254: ("I", 1),
                256: ("I", size[0]),
                257: ("I", size[1]),
                258: ("H", 8, 8, 8),
                259: ("H", 7),
                262: ("H", 6),
                271: ("s", b"Acme\0"),
                272: ("s", b"One\0\0"),
                273: ("I", positions["preview"]),
                274: ("H", orientation),
                277: ("H", 3),
                278: ("I", size[1]),
                279: ("I", len(preview)),
                330: ("I", positions["sub"]),
                34665: ("I", positions["exif"]),
                50706: ("B", 1, 4, 0, 0),
                50708: ("s", b"Acme One\0"),
            },
        )
        positions["sub"] = len(content)
        content += tiff_directory(
            len(content),
            {
                254: ("I", 0),
                256: ("I", 64),
                257: ("I", 48),
                258: ("H", 16),
                259: ("H", 1),
                262: ("H", 32803),
                273: ("I", positions["sensor"]),
                277: ("H", 1),
                278: ("I", 48),
                279: ("I", len(sensor)),
                33421: ("H", 2, 2),
                33422: ("B", 0, 1, 1, 2),
                50717: ("H", 65535),
            },
        )
        positions["exif"] = len(content)
        texts = {36867: date, 36881: offset}
        values = {tag: ("s", text.encode() + b"\0") for tag, text in texts.items() if text}
        content += tiff_directory(len(content), values)
        positions["preview"], content = len(content), content + preview
        positions["sensor"], content = len(content), content + sensor
    return content


def tiff_directory(start, entries):
    """
    :param start: position of the directory in the file.
    :param entries: type (of `struct`) and values by tag.
    """
    types = {"B": 1, "s": 2, "H": 3, "I": 4}
    head, data = struct.pack("<H", len(entries)), b""
    data_start = start + 2 + 12 * len(entries) + 4
    for tag, (kind, *values) in sorted(entries.items()):
        value = values[0] if kind == "s" else struct.pack(f"<{len(values)}{kind}", *values)
        head += struct.pack("<HHI", tag, types[kind], len(value) if kind == "s" else len(values))
        if len(value) > 4:
            head += struct.pack("<I", data_start + len(data))
            data += value + b"\0" * (len(value) % 2)
        else:
            head += value.ljust(4, b"\0")
    return head + bytes(4) + data


def box(type, content=b"", *, wide=False):
    if wide:
        return struct.pack(">I4sQ", 1, type, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, type) + content


def full_box(type, content, version=0):
    return box(type, bytes([version, 0, 0, 0]) + content)


def movie_header(created=None, seconds=5.0, *, version=0, scale=600):
    moment = int((created - EPOCH).total_seconds()) if created else 0
    number = "Q" if version else "I"
    times = struct.pack(
        f">{number}{number}I{number}", moment, moment, scale, round(seconds * scale)
    )
    return full_box(b"mvhd", times + bytes(80), version)


def track(size=(640, 360), matrix=IDENTITY, *, handler=b"vide", version=0):
    a, b, c, d = (number * 65536 for number in matrix)
    numbers = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    numbers += struct.pack(">II", size[0] << 16, size[1] << 16)
    header = full_box(b"tkhd", bytes(32 if version else 20) + bytes(16) + numbers, version)
    return box(b"trak", header + box(b"mdia", full_box(b"hdlr", bytes(4) + handler + bytes(13))))


def apple_metadata(**values):
    """
    Return a QuickTime `meta` box. An underscore in a key is a period.
    """
    names = [f"com.apple.quicktime.{key.replace('_', '.')}".encode() for key in values]
    keys = struct.pack(">I", len(names)) + b"".join(
        struct.pack(">I4s", len(name) + 8, b"mdta") + name for name in names
    )
    items = b"".join(
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0) + text.encode()))
        for number, text in enumerate(values.values(), 1)
    )
    handler = full_box(b"hdlr", bytes(4) + b"mdta" + bytes(13))
    return box(b"meta", handler + full_box(b"keys", keys) + box(b"ilst", items))


def user_text(type, text):
    """
    Return a text in QuickTime's format.
    """
    content = text.encode()
    return box(b"\xa9" + type, struct.pack(">HH", len(content), 0x15C7) + content)


def place_3gpp(latitude, longitude, name=b"Home\0"):
    numbers = (round(value * 65536) for value in (longitude, latitude, 12.0))
    return full_box(
        b"loci", b"\x15\xc7" + name + b"\0" + struct.pack(">iii", *numbers) + b"earth\0\0"
    )


def movie(*parts, brand=b"qt  ", before=b"", after=b""):
    """
    Return a video: a file type, media data, and the movie box at the end.
    """
    header, tracks = movie_header(), track()
    given = b"".join(parts)
    content = given if b"mvhd" in given else header + given
    content = content if b"trak" in content else content + tracks
    start = box(b"ftyp", brand + bytes(4) + brand)
    return start + before + box(b"mdat", bytes(100)) + box(b"moov", content) + after


def frame(size, position):
    image, x = two_colors(size), size[0] * position
    ImageDraw.Draw(image).rectangle((x, 0, x + 4, size[1]), fill="white")
    return image


def film(
    path,
    size=(320, 240),
    *,
    seconds=3,
    codec="libx264",
    container=None,
    rate=10,
    metadata=None,
    draw=None,
    options=None,
):
    """
    Encode a video: a red left half, with a bar that moves.

    :param draw: a function from the number of a frame to an image.
    :param options: options of the encoder.
    """
    av = pytest.importorskip("av", reason="needs django-trove[video]")
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=container) as output:
        output.metadata.update(metadata or {})
        stream = output.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        count = round(seconds * rate)
        for number in range(count):
            image = draw(number) if draw else frame(size, number / count)
            output.mux(stream.encode(av.VideoFrame.from_image(image)))
        output.mux(stream.encode())
    return path


def rotate(path):
    """
    Rotate an encoded video clockwise by changing the matrix of its track.
    """
    content = path.read_bytes()
    start = content.index(b"tkhd")
    head, tail = content[:start], content[start:]
    matrices = [track(matrix=matrix)[-85:-49] for matrix in (IDENTITY, SIDEWAYS)]
    assert matrices[0] in tail
    path.write_bytes(head + tail.replace(*matrices, 1))
