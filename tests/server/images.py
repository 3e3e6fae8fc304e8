"""
Images with metadata for tests.
"""

import io
import struct

from PIL import ExifTags, Image, ImageDraw

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt>{title}</rdf:Alt></dc:title>
<dc:description><rdf:Alt>{description}</rdf:Alt></dc:description>
<dc:subject><rdf:Bag>{tags}</rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""

DEFAULT = '<rdf:li xml:lang="x-default">{}</rdf:li>'


def xmp(title="", description="", tags=()):
    listed = "".join(f"<rdf:li>{tag}</rdf:li>" for tag in tags)
    texts = {"title": DEFAULT.format(title), "description": DEFAULT.format(description)}
    return XMP.format(**texts, tags=listed).encode()


def iptc(**records):
    """
    Return a JPEG APP13 segment with IPTC records.
    """
    numbers = {"title": 5, "description": 120, "tags": 25}
    data = b""
    for name, values in records.items():
        for value in [values] if isinstance(values, str) else values:
            text = value.encode()
            data += struct.pack(">BBBH", 0x1C, 2, numbers[name], len(text)) + text
    block = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)
    payload = b"Photoshop 3.0\x00" + block
    return b"\xff\xed" + struct.pack(">H", len(payload) + 2) + payload


def exif(date=None, offset=None, orientation=None, gps=None, description=None, **windows):
    """
    :param gps: latitude and longitude in degrees.
    :param windows: title and tags in Windows' format.
    """
    text = Image.Exif()
    details = text.get_ifd(ExifTags.IFD.Exif)
    if date:
        details[ExifTags.Base.DateTimeOriginal] = date
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    if orientation:
        text[ExifTags.Base.Orientation] = orientation
    if description:
        text[ExifTags.Base.ImageDescription] = description
    for name, tag in (("title", ExifTags.Base.XPTitle), ("tags", ExifTags.Base.XPKeywords)):
        if name in windows:
            text[tag] = windows[name].encode("utf-16-le") + b"\0\0"
    if gps:
        place = text.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef] = "N" if gps[0] >= 0 else "S"
        place[ExifTags.GPS.GPSLatitude] = (abs(gps[0]), 0.0, 0.0)
        place[ExifTags.GPS.GPSLongitudeRef] = "E" if gps[1] >= 0 else "W"
        place[ExifTags.GPS.GPSLongitude] = (abs(gps[1]), 0.0, 0.0)
    return text


def draw(path, size=(64, 48), *, format="JPEG", mode="RGB", iptc=b"", **saving):
    """
    Draw a picture with a red left half, so that its rotation is visible.
    """
    image = Image.new(mode, size, 255 if mode == "L" else "blue")
    ImageDraw.Draw(image).rectangle(
        (0, 0, size[0] // 2 - 1, size[1]), fill=0 if mode == "L" else "red"
    )
    buffer = io.BytesIO()
    image.save(buffer, format, **saving)
    content = buffer.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content[:2] + iptc + content[2:])
    return path
