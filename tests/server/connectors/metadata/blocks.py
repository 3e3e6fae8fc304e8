"""
Metadata blocks, and pictures that contain them, valid or not.
"""

import io
import struct
from hashlib import md5

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from django_trove.server.connectors.picture import read
from django_trove.server.connectors.picture.metadata import read_metadata

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "mediapro": "http://ns.iview-multimedia.com/mediapro/1.0/",
    "acdsee": "http://ns.acdsee.com/iptc/1.0/",
    "mwg-kw": "http://www.metadataworkinggroup.com/schemas/keywords/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
}
HEADER = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
XMP_START = b"http://ns.adobe.com/xap/1.0/\0"


# Values of TIFF tags: type, count and content in the byte order "<".


def ascii(text):
    content = (text.encode() if isinstance(text, str) else text) + b"\0"
    return 2, len(content), content


def byte(content):
    return 1, len(content), content


def undefined(content):
    return 7, len(content), content


def short(*numbers):
    return 3, len(numbers), struct.pack(f"<{len(numbers)}H", *numbers)


def long(*numbers):
    return 4, len(numbers), struct.pack(f"<{len(numbers)}L", *numbers)


def rational(*pairs):
    return 5, len(pairs), b"".join(struct.pack("<LL", *pair) for pair in pairs)


def srational(*pairs):
    return 10, len(pairs), b"".join(struct.pack("<ll", *pair) for pair in pairs)


def double(*numbers):
    return 12, len(numbers), struct.pack(f"<{len(numbers)}d", *numbers)


def windows(text):
    return byte(text.encode("utf-16-le") + b"\0\0")


def tiff(tags=None, exif=None, gps=None, pixels=b""):
    """
    Return a TIFF file: a header, the directories, and their values.
    """
    tags = dict(tags or {})
    for pointer, child in ((IFD.Exif, exif), (IFD.GPSInfo, gps)):
        if child is not None:
            tags[pointer] = long(0)
    if pixels:
        tags[Base.StripOffsets] = long(8)
    position = 8 + len(pixels)
    children = {}
    root_size = _directory_size(tags)
    end = position + root_size
    for pointer, child in ((IFD.Exif, exif), (IFD.GPSInfo, gps)):
        if child is not None:
            tags[pointer] = long(end)
            children[pointer] = _directory(child, end)
            end += len(children[pointer])
    header = b"II*\0" + struct.pack("<L", position)
    return header + pixels + _directory(tags, position) + b"".join(children.values())


def _directory_size(tags):
    return len(_directory(tags, 0))


def _directory(tags, position):
    rows, values = b"", b""
    start = position + 2 + 12 * len(tags) + 4
    for tag, (kind, count, content) in sorted(tags.items()):
        location = content.ljust(4, b"\0")
        if len(content) > 4:
            location = struct.pack("<L", start + len(values))
            values += content + b"\0" * (len(content) % 2)
        rows += struct.pack("<HHL", tag, kind, count) + location
    return struct.pack("<H", len(tags)) + rows + b"\0\0\0\0" + values


def gps(latitude, longitude, north_south="N", east_west="E"):
    """
    :param latitude: a value of a tag.
    """
    tags = {GPS.GPSLatitude: latitude, GPS.GPSLongitude: longitude}
    if north_south is not None:
        tags[GPS.GPSLatitudeRef] = ascii(north_south)
    if east_west is not None:
        tags[GPS.GPSLongitudeRef] = ascii(east_west)
    return tags


def xmp(body="", attributes=""):
    """
    :param body: elements of the description.
    :param attributes: of the description.
    """
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return (
        f'{HEADER}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}>'
        f'<rdf:Description rdf:about="" {attributes}>{body}</rdf:Description>'
        f'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def bag(name, *items):
    listed = "".join(f"<rdf:li>{item}</rdf:li>" for item in items)
    return f"<{name}><rdf:Bag>{listed}</rdf:Bag></{name}>"


def alternatives(name, text, language="x-default"):
    return f'<{name}><rdf:Alt><rdf:li xml:lang="{language}">{text}</rdf:li></rdf:Alt></{name}>'


def iptc(*fields):
    """
    :param fields: number in record 2 or (record, number), and content.
    """
    block = b""
    for key, content in fields:
        record, number = key if isinstance(key, tuple) else (2, key)
        value = content.encode() if isinstance(content, str) else content
        block += struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
    return block


def jpeg(*, exif=b"", xmp=(), iptc=b"", digest=None):
    """
    :param exif: without its header.
    :param xmp: one packet or several ones.
    :param digest: of the IPTC block; True for the right one.
    """
    packets = [xmp] if isinstance(xmp, bytes) else xmp
    segments = [(0xE1, b"Exif\0\0" + exif)] if exif else []
    segments += [(0xE1, XMP_START + packet) for packet in packets if packet]
    if iptc:
        resources = _resource(0x0404, iptc)
        if digest:
            resources += _resource(0x0425, md5(iptc).digest() if digest is True else digest)
        segments.append((0xED, b"Photoshop 3.0\0" + resources))
    content = _save("JPEG")
    return content[:2] + b"".join(_segment(*segment) for segment in segments) + content[2:]


def _resource(number, content):
    size = struct.pack(">I", len(content))
    return (
        b"8BIM" + struct.pack(">H", number) + b"\0\0" + size + content + b"\0" * (len(content) % 2)
    )


def _segment(marker, content):
    return struct.pack(">BBH", 0xFF, marker, min(len(content) + 2, 65_535)) + content[:65_533]


def png(*, exif=b"", xmp=b"", iptc=b""):
    text = PngInfo()
    if xmp:
        text.add(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)
    if iptc:
        lines = f"\niptc\n{len(iptc):8}\n{iptc.hex()}\n"
        text.add_text("Raw profile type iptc", lines, zip=True)
    return _save("PNG", pnginfo=text, exif=exif)


def webp(*, exif=b"", xmp=b"", iptc=b""):
    return _save("WEBP", exif=exif, xmp=xmp)


def avif(*, exif=b"", xmp=b"", iptc=b""):
    return _replace_exif(exif, lambda block: _save("AVIF", exif=block, xmp=xmp))


def heif(*, exif=b"", xmp=b"", iptc=b""):
    from pillow_heif import from_pillow

    def save(block):
        buffer = io.BytesIO()
        from_pillow(Image.new("RGB", (64, 64), "blue")).save(buffer, exif=block, xmp=xmp)
        return buffer.getvalue()

    return _replace_exif(exif, save)


def require_encoder(build):
    """
    Skip the test if the extra for HEIF is not installed.
    """
    if build is heif:
        pytest.importorskip("pillow_heif")


def _replace_exif(block, save):
    """
    Save a picture with a valid block, because encoders parse it, and replace it.
    """
    block = block.ljust(64 + len(block) % 2, b"\0")
    block += b"\0" * (len(block) % 2)
    valid = tiff({Base.Make: ascii("x" * (len(block) - 27))})
    content = save(valid)
    assert content.count(valid) == 1
    return content.replace(valid, block)


def tiff_picture(*, tags=None, exif=None, gps=None, xmp=b"", iptc=b""):
    """
    Return a TIFF picture of 4 x 4 gray pixels.
    """
    tags = {
        Base.ImageWidth: short(4),
        Base.ImageLength: short(4),
        Base.BitsPerSample: short(8),
        Base.Compression: short(1),
        Base.PhotometricInterpretation: short(1),
        Base.SamplesPerPixel: short(1),
        Base.RowsPerStrip: short(4),
        Base.StripByteCounts: long(16),
        **(tags or {}),
    }
    if xmp:
        tags[700] = byte(xmp)
    if iptc:
        tags[33_723] = undefined(iptc)
    return tiff(tags, exif, gps, pixels=bytes(range(0, 256, 16)))


def _save(format, **options):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "blue").save(buffer, format, **options)
    return buffer.getvalue()


def metadata(content):
    """
    Return the metadata of a picture, read in the same way as by connectors.
    """
    return read(io.BytesIO(content)).metadata


def metadata_only(content):
    """
    Return the metadata without decoding the picture.
    """
    with Image.open(io.BytesIO(content)) as image:
        return read_metadata(image)
