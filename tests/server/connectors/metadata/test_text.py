# ruff: noqa: RUF001

import pytest
from PIL.ExifTags import Base

from django_trove.server.connectors.picture.metadata.text import (
    clean_caption,
    decode_bytes,
    decode_text,
    decode_user_comment,
)

from .blocks import (
    alternatives,
    ascii,
    bag,
    byte,
    iptc,
    jpeg,
    metadata,
    png,
    tiff,
    undefined,
    windows,
    xmp,
)

WINDOWS_1252 = bytes(code for code in range(0x80, 0x100) if code not in b"\x81\x8d\x8f\x90\x9d")
UTF_8 = "Zürich – Łódź, 東京"


def exif_description(content):
    return metadata(jpeg(exif=tiff({Base.ImageDescription: ascii(content)}))).description


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (UTF_8.encode(), UTF_8),
        (b"\xef\xbb\xbfZ\xc3\xbcrich", "Zürich"),
        ("It’s “Zoë”".encode("cp1252"), "It’s “Zoë”"),
        (b"10 \x80 \x85 caf\xe9 \x96 bar", "10 € … café – bar"),
        (b"caf\xe9", "café"),
        (b"caf\xe9 \x96", "café –"),
        (b"plain \x96", "plain –"),
        (b"\x93Zo\xeb\x94", "“Zoë”"),
        (b"caf\xe9 \x81\x8d\x8f\x90\x9d bar", "café  bar"),
        ("Zürich – Łódź, 東京".encode()[:-1], "Zürich – Łódź, 東"),
        ("Zürich – Łódź, 東京".encode()[:-2], "Zürich – Łódź, 東"),
        (b"Z\xc3\xbcrich \xe2\x80", "Zürich"),
        (b"plain \xe2\x80", "plain"),
        (b"plain \xc3", "plain"),
        (b"Z\xc3\xbcr\xffich", "Zür\ufffdich"),
        (b"\xfeZ\xc3\xbcrich \xe2\x80\x93", "\ufffdZürich –"),
        (b"It\xc2\x92s", "It’s"),
        ("Łódź".encode("utf-16"), "Łódź"),
        (b"\xfe\xff" + "Łódź".encode("utf-16-be"), "Łódź"),
        (b"\xff\xfeA\0\0", "A"),
        (b"Snow\0\0\0", "Snow"),
        (b"Snow\0garbage \xff\xfe", "Snow"),
        (b"\0\0Snow", "Snow"),
        (b"one\rtwo\r\nthree\nfour", "one\ntwo\nthree\nfour"),
        (b"a\x01\x02\x0b\x1fb\x7f", "ab"),
        (b"   ", ""),
        (b"", ""),
    ],
)
def test_encodings(content, text):
    """
    UTF-8, also truncated or with a bad byte, Windows-1252 and UTF-16 with a byte order mark.
    """
    assert decode_text(content) == text
    assert exif_description(content) == text
    assert metadata(jpeg(iptc=iptc((120, content)))).description == text


def test_all_characters_of_windows_1252():
    expected = WINDOWS_1252.decode("cp1252")
    assert decode_text(b"A " + WINDOWS_1252) == f"A {expected}"


@pytest.mark.parametrize("declared", [b"\x1b%G", b"\x1b-A", b"\x1b.A", b"junk", b""])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_text_of_iptc_is_decisive_not_the_declared_encoding(declared, encoding):
    block = iptc(((1, 90), declared), (5, "Ümlaut – “Zoë”".encode(encoding)))
    assert metadata(jpeg(iptc=block)).title == "Ümlaut – “Zoë”"


def test_utf_8_type_of_exif_3():
    content = "Łódź".encode()
    tags = {Base.ImageDescription: (129, len(content), content)}
    assert metadata(jpeg(exif=tiff(tags))).description == "Łódź"


def test_texts_of_windows():
    tags = {
        Base.XPTitle: windows("Łódź"),
        Base.XPComment: windows("By the river"),
        Base.XPKeywords: windows("city;river, bank"),
    }
    found = metadata(jpeg(exif=tiff(tags)))
    assert (found.title, found.description) == ("Łódź", "By the river")
    assert found.tags == ("city", "river", "bank")


def test_text_of_windows_with_an_odd_number_of_bytes():
    tags = {Base.XPTitle: byte("Łódź".encode("utf-16-le") + b"\0")}
    assert metadata(jpeg(exif=tiff(tags))).title == "Łódź"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"ASCII\0\0\0By the river", "By the river"),
        (b"ASCII\0\0\0By the river\0\0\0", "By the river"),
        (b"ASCII\0\0\0Z\xc3\xbcrich", "Zürich"),
        (b"UNICODE\0" + "Łódź".encode("utf-16-le"), "Łódź"),
        (b"UNICODE\0" + "Łódź 1".encode("utf-16-be"), "Łódź 1"),
        (b"UNICODE\0" + "Łódź".encode("utf-16"), "Łódź"),
        (b"UNICODE\0" + "東京".encode("utf-16-le"), "東京"),
        (b"UNICODE\0By the river", "By the river"),
        (b"JIS\0\0\0\0\0" + "東京".encode("iso2022_jp"), "東京"),
        (b"\0\0\0\0\0\0\0\0By the river", "By the river"),
        (b"By the river", "By the river"),
        (b"ASCII\0\0\0", ""),
        (b"UNICODE\0", ""),
        (b"\0" * 300, ""),
        (b" " * 300, ""),
        (b"", ""),
    ],
)
def test_user_comment(content, text):
    assert decode_user_comment(content, "<") == text
    block = tiff(exif={Base.UserComment: undefined(content)})
    assert metadata(jpeg(exif=block)).description == text


@pytest.mark.parametrize(
    "text",
    [
        "OLYMPUS DIGITAL CAMERA",
        "OLYMPUS DIGITAL CAMERA         ",
        "SONY DSC",
        "KODAK Digital Still Camera",
        "MINOLTA DIGITAL CAMERA",
        "KONICA MINOLTA DIGITAL CAMERA",
        "SANYO DIGITAL CAMERA",
        "DIGITAL CAMERA",
        "DCIM\\100MEDIA\\DJI_0001.JPG",
        "DCIM/100GOPRO/GOPR0001.JPG",
        "Exif_JPEG_PICTURE",
        "Exif JPEG",
        "Samsung",
        "SAMSUNG CAMERA PICTURES",
        "Untitled",
        "default",
        "<Digimax S500 / Kenox S500 / Digimax Cyber 530>",
        "<Digimax i50 MP3, Samsung #1 MP3>",
        "ASCII",
        "charset=Ascii",
        "oplus_1048608",
        "rhdr",
        "mde_soft",
        "a5cb01550dbb9a6bf732f87e413f6e231cc4581e6a5be800fb0871dce0760cd5",
        "D41D8CD98F00B204E9800998ECF8427E",
        "123e4567-e89b-12d3-a456-426614174000",
        '{"source":"camera","zoom":1}',
    ],
)
def test_boilerplate_of_cameras_is_no_caption(text):
    assert clean_caption(text) == ""
    assert exif_description(text) == ""
    packet = xmp(
        alternatives("dc:title", text.replace("<", "&lt;"))
        + alternatives("dc:description", text.replace("<", "&lt;"))
    )
    found = metadata(jpeg(xmp=packet, iptc=iptc((5, text), (120, text))))
    assert (found.title, found.description) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "My first digital camera",
        "Olympus Mons",
        "Samsung's headquarters",
        "Normandy",
        "<3",
        "DSC",
        "The default",
        "Untitled (1962)",
        "Burst of colors",
        "decade",
        "Dave",
        "030904-A-2140D-006",
        "2012-12-22-10-37-28",
        "1234567890123456",
        "Facade",
        "{family}",
        "Camera",
    ],
)
def test_captions_of_people_are_kept(text):
    assert clean_caption(text) == text


def test_boilerplate_does_not_hide_the_description_of_another_standard():
    block = tiff({Base.ImageDescription: ascii("OLYMPUS DIGITAL CAMERA")})
    packet = xmp(alternatives("dc:description", "By the river"))
    assert metadata(jpeg(exif=block, xmp=packet)).description == "By the river"


def test_long_texts_are_limited():
    assert len(exif_description(b"x" * 60_000)) == 10_000
    assert len(decode_text("é".encode() * 1_000_000)) == 10_000


PACKET = xmp(alternatives("dc:title", "Łódź – “Zoë”") + bag("dc:subject", "snow", "ice"))


@pytest.mark.parametrize(
    "content",
    [
        PACKET,
        PACKET + b'nd="r"?></rdf:RDF>',
        PACKET + b"\0" * 100,
        b"\0\xff\xfejunk <a " + PACKET + b"</a> \xff\0",
        PACKET.replace(b"</x:xmpmeta>", b""),
        PACKET[PACKET.index(b"<rdf:RDF") : PACKET.index(b"</x:xmpmeta>")],
        PACKET[: PACKET.index(b"</rdf:Description>")],
        PACKET[: PACKET.index(b"</rdf:Description>")] + b"<broken",
        PACKET.replace("Łódź".encode(), "Łó\x01dź\x0b".encode()),
        PACKET.replace("Łódź".encode(), "Łódź&#0;&#x1F;&#xD800;&#x110000;".encode()),
        PACKET.replace(b"snow", b"sn\0ow"),
        PACKET.replace(b"xmpmeta", b"xapmeta"),
        PACKET.replace(b"</rdf:Description>", b"&nbsp;</rdf:Description>"),
        PACKET.decode().encode("utf-16"),
        PACKET.decode().encode("utf-16-le"),
        PACKET.decode().encode("utf-16-be"),
        b"\xfe\xff" + PACKET.decode().encode("utf-16-be"),
        b"odd" + PACKET.decode().replace("\ufeff", "").encode("utf-16-le"),
        b"even" + PACKET.decode().replace("\ufeff", "").encode("utf-16-be"),
    ],
)
def test_packet_of_xmp_in_any_condition(content):
    """
    Junk around the packet, a missing end, invalid characters, references and encodings.
    """
    found = metadata(png(xmp=content) if b"\0" not in content else jpeg(xmp=content))
    assert (found.title, found.tags) == ("Łódź – “Zoë”", ("snow", "ice"))


def test_packet_with_a_bad_byte():
    packet = PACKET.replace(b"snow", b"sn\xffow")
    found = metadata(jpeg(xmp=packet))
    assert (found.title, found.tags) == ("Łódź – “Zoë”", ("sn\ufffdow", "ice"))


def test_packet_in_windows_1252():
    packet = xmp(alternatives("dc:title", "Zürich")).decode().replace("\ufeff", "")
    assert metadata(jpeg(xmp=packet.encode("cp1252"))).title == "Zürich"


def test_ampersand_that_is_not_escaped():
    packet = xmp(alternatives("dc:title", "Q&A & R&amp;D &#38; S&T;"))
    assert metadata(jpeg(xmp=packet)).title == "Q&A & R&D & S&T;"


def test_several_packets():
    first, second = xmp(alternatives("dc:title", "First")), xmp(bag("dc:subject", "snow"))
    for picture in (jpeg(xmp=[first, second]), jpeg(xmp=first + second)):
        found = metadata(picture)
        assert (found.title, found.tags) == ("First", ("snow",))


def test_language_of_texts():
    german = '<rdf:li xml:lang="de">Schnee</rdf:li>'
    english = '<rdf:li xml:lang="x-default">Snow</rdf:li>'
    packet = xmp(
        f"<dc:title><rdf:Alt>{german}{english}</rdf:Alt></dc:title>"
        f"<dc:description><rdf:Alt>{german}</rdf:Alt></dc:description>"
    )
    found = metadata(jpeg(xmp=packet))
    assert (found.title, found.description) == ("Snow", "Schnee")


def test_properties_without_lists_and_as_attributes():
    packet = xmp("<dc:title>Snow</dc:title>", 'dc:description="White"')
    found = metadata(jpeg(xmp=packet))
    assert (found.title, found.description) == ("Snow", "White")


def test_metadata_of_ingredients_is_ignored():
    """
    Photoshop stores the metadata of embedded pictures.
    """
    inner = f"<rdf:Description>{alternatives('dc:title', 'Other')}</rdf:Description>"
    packet = xmp(f"<xmpMM:Pantry><rdf:Bag><rdf:li>{inner}</rdf:li></rdf:Bag></xmpMM:Pantry>")
    assert metadata(jpeg(xmp=packet)).title == ""


def test_utf_16_with_an_incomplete_character():
    assert decode_bytes(b"\xff\xfeA\0B") == "A"
