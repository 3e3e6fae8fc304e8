"""
JPEG files with the metadata a camera and a photo manager would write.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from .scene import Scene

__all__ = ["save"]

QUALITY = 85
EXIF, GPS = 0x8769, 0x8825
SIDEWAYS = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
{fields}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def save(image: Image.Image, scene: Scene, path: Path) -> None:
    """
    Write the picture beside its final name first, so that no half picture is ever seen.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    if scene.orientation in SIDEWAYS:
        image = image.transpose(SIDEWAYS[scene.orientation])
    try:
        image.save(
            unfinished, "JPEG", quality=QUALITY, optimize=True, exif=_exif(scene), xmp=_xmp(scene)
        )
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _exif(scene: Scene) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Trove", "Paintbox 1"
    exif[0x0112] = scene.orientation
    if scene.description:
        exif[0x010E] = scene.description
    if scene.taken:
        moment = scene.taken.strftime("%Y:%m:%d %H:%M:%S")
        offset = scene.taken.strftime("%z")
        exif[0x0132] = moment
        exif.get_ifd(EXIF).update({0x9003: moment, 0x9011: f"{offset[:3]}:{offset[3:]}"})
    if scene.place:
        exif.get_ifd(GPS).update(_gps(*scene.place))
    return exif


def _gps(latitude: float, longitude: float) -> dict[int, object]:
    return {
        0: b"\x02\x03\x00\x00",
        1: "N" if latitude >= 0 else "S",
        2: _degrees(latitude),
        3: "E" if longitude >= 0 else "W",
        4: _degrees(longitude),
    }


def _degrees(angle: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """
    Degrees, minutes and seconds; the seconds to a hundredth.
    """
    hundredths = round(abs(angle) * 360_000)
    minutes, seconds = divmod(hundredths, 6_000)
    return IFDRational(minutes // 60), IFDRational(minutes % 60), IFDRational(seconds, 100)


def _xmp(scene: Scene) -> bytes:
    fields = [_alternative("title", scene.title)]
    if scene.description:
        fields.append(_alternative("description", scene.description))
    tags = "".join(f"<rdf:li>{escape(tag)}</rdf:li>" for tag in scene.tags)
    fields.append(f"   <dc:subject><rdf:Bag>{tags}</rdf:Bag></dc:subject>")
    return PACKET.format(fields="\n".join(fields)).encode()


def _alternative(name: str, text: str) -> str:
    item = f'<rdf:li xml:lang="x-default">{escape(text)}</rdf:li>'
    return f"   <dc:{name}><rdf:Alt>{item}</rdf:Alt></dc:{name}>"
