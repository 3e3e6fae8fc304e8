import pytest
from PIL.ExifTags import Base

from django_trove.server.connectors.picture.metadata.tags import build_tags

from .blocks import bag, iptc, jpeg, metadata, png, tiff, tiff_picture, webp, windows, xmp

REGION = (
    '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>{}</rdf:Bag>'
    "</mwg-rs:RegionList></mwg-rs:Regions>"
)
MICROSOFT_REGION = (
    '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>{}</rdf:Bag></MPRI:Regions>'
    "</MP:RegionInfo>"
)


def read_tags(body="", attributes=""):
    return metadata(jpeg(xmp=xmp(body, attributes))).tags


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        (bag("dc:subject", "snow", "ice"), ("snow", "ice")),
        ("<dc:subject>snow, ice; frost</dc:subject>", ("snow", "ice", "frost")),
        (bag("dc:subject", "snow;ice"), ("snow", "ice")),
        (bag("dc:subject", "Doe, Jane"), ("Doe, Jane",)),
        (bag("lr:hierarchicalSubject", "Places|Italy|Rome"), ("Places", "Italy", "Rome")),
        (bag("digiKam:TagsList", "Places/Italy/Rome"), ("Places", "Italy", "Rome")),
        (bag("MicrosoftPhoto:LastKeywordXMP", "Places/Italy"), ("Places", "Italy")),
        (bag("mediapro:CatalogSets", "Trips|Rome"), ("Trips", "Rome")),
        (bag("acdsee:keywords", "snow"), ("snow",)),
        (
            '<mwg-kw:Keywords rdf:parseType="Resource"><mwg-kw:Hierarchy><rdf:Bag>'
            '<rdf:li rdf:parseType="Resource"><mwg-kw:Keyword>Italy</mwg-kw:Keyword>'
            '<mwg-kw:Children><rdf:Bag><rdf:li><rdf:Description mwg-kw:Keyword="Rome"/></rdf:li>'
            "</rdf:Bag></mwg-kw:Children></rdf:li></rdf:Bag></mwg-kw:Hierarchy></mwg-kw:Keywords>",
            ("Italy", "Rome"),
        ),
        (bag("Iptc4xmpExt:PersonInImage", "Ada"), ("Ada",)),
        (
            "<acdsee:categories>&lt;Categories&gt;&lt;Category Assigned=&quot;0&quot;&gt;Places"
            "&lt;Category Assigned=&quot;1&quot;&gt;Rome&lt;/Category&gt;&lt;/Category&gt;"
            "&lt;/Categories&gt;</acdsee:categories>",
            ("Rome",),
        ),
        (
            REGION.format(
                '<rdf:li><rdf:Description mwg-rs:Name="Ada" mwg-rs:Type="Face"/></rdf:li>'
            ),
            ("Ada",),
        ),
        (
            REGION.format(
                '<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ada</mwg-rs:Name></rdf:li>'
                '<rdf:li rdf:parseType="Resource"><mwg-rs:Type>Focus</mwg-rs:Type></rdf:li>'
                '<rdf:li mwg-rs:Name="12345" mwg-rs:Type="BarCode"/>'
            ),
            ("Ada",),
        ),
        (
            MICROSOFT_REGION.format(
                '<rdf:li MPReg:PersonDisplayName="Ada"/>'
                '<rdf:li><rdf:Description MPReg:PersonDisplayName="Bob"/></rdf:li>'
            ),
            ("Ada", "Bob"),
        ),
        (bag("lr:hierarchicalSubject", "darktable|format|jpg", "People|Ada"), ("People", "Ada")),
        (bag("digiKam:TagsList", "_Digikam_Internal_Tags_/Pick Label None", "Ada"), ("Ada",)),
    ],
)
def test_keywords_in_all_fields_where_programs_write_them(body, tags):
    assert read_tags(body) == tags


def test_namespaces_without_a_slash():
    packet = xmp(bag("MicrosoftPhoto:LastKeywordXMP", "Places/Italy"))
    packet = packet.replace(b"ns.microsoft.com/photo/1.0/", b"ns.microsoft.com/photo/1.0")
    assert metadata(jpeg(xmp=packet)).tags == ("Places", "Italy")


def test_renamed_namespace_of_catalog_sets():
    packet = xmp(bag("mediapro:CatalogSets", "Trips|Rome"))
    renamed = b"ns.microsoft.com/expressionmedia/1.0/"
    packet = packet.replace(b"ns.iview-multimedia.com/mediapro/1.0/", renamed)
    assert metadata(jpeg(xmp=packet)).tags == ("Trips", "Rome")


def test_duplicates_in_another_case_are_removed():
    tags = read_tags(
        bag("dc:subject", "Rome", "ROME", "Places|Italy|Rome")
        + bag("lr:hierarchicalSubject", "places|Italy|Rome")
    )
    assert tags == ("Rome", "Places", "Italy")


@pytest.mark.parametrize(
    ("keyword", "tags"),
    [
        ("Places|Italy|Rome", ("Places", "Italy", "Rome")),
        ("Places/Italy/Rome", ("Places", "Italy", "Rome")),
        ("AC/DC", ("AC/DC",)),
        ("1/2/2012", ("1/2/2012",)),
        ("https://example.org/a", ("https://example.org/a",)),
        ("|Italy||", ("Italy",)),
        (" snow ", ("snow",)),
        ("", ()),
    ],
)
def test_hierarchies_in_flat_keywords(keyword, tags):
    """
    A slash may be part of a keyword.
    """
    assert build_tags([keyword]) == tags
    assert metadata(jpeg(iptc=iptc((25, keyword)))).tags == tags


def test_flat_keyword_that_is_a_known_hierarchy():
    """
    Windows writes hierarchies to dc:subject, too.
    """
    body = bag("dc:subject", "Places/Italy", "AC/DC")
    body += bag("MicrosoftPhoto:LastKeywordXMP", "Places/Italy")
    assert read_tags(body) == ("Places", "Italy", "AC/DC")
    assert build_tags(["AC/DC"], bar_paths=["AC/DC"]) == ("AC/DC",)


def test_keywords_of_all_standards_are_merged():
    found = metadata(
        jpeg(
            exif=tiff({Base.XPKeywords: windows("sun;Sea")}),
            xmp=xmp(bag("dc:subject", "sea")),
            iptc=iptc((25, "sea"), (25, "sand")),
        )
    )
    assert found.tags == ("sea", "sand", "sun")


def test_number_of_keywords_is_limited():
    assert len(read_tags(bag("dc:subject", *range(2_000)))) == 100


def test_keywords_are_read_in_all_formats():
    packet, block = xmp(bag("dc:subject", "snow")), iptc((25, "ice"))
    for picture in (jpeg, png, tiff_picture):
        assert metadata(picture(xmp=packet, iptc=block)).tags == ("snow", "ice")
    assert metadata(webp(xmp=packet)).tags == ("snow",)
