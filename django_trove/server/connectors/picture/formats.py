"""
The formats of pictures and videos: by the suffix of a file's name, and by its first bytes.

The table does not depend on the machine's own list of media types.
"""

from __future__ import annotations

PICTURES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".mpo": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".heic": "image/heic",
    ".heics": "image/heic",
    ".heif": "image/heif",
    ".heifs": "image/heif",
    ".hif": "image/heif",
    ".avif": "image/avif",
}

RAW = {
    ".3fr": "image/x-hasselblad-3fr",
    ".arw": "image/x-sony-arw",
    ".cr2": "image/x-canon-cr2",
    ".cr3": "image/x-canon-cr3",
    ".crw": "image/x-canon-crw",
    ".dcr": "image/x-kodak-dcr",
    ".dng": "image/x-adobe-dng",
    ".erf": "image/x-epson-erf",
    ".fff": "image/x-hasselblad-fff",
    ".gpr": "image/x-gopro-gpr",
    ".iiq": "image/x-phaseone-iiq",
    ".kdc": "image/x-kodak-kdc",
    ".mef": "image/x-mamiya-mef",
    ".mos": "image/x-leaf-mos",
    ".mrw": "image/x-minolta-mrw",
    ".nef": "image/x-nikon-nef",
    ".nrw": "image/x-nikon-nrw",
    ".orf": "image/x-olympus-orf",
    ".pef": "image/x-pentax-pef",
    ".raf": "image/x-fuji-raf",
    ".raw": "image/x-panasonic-raw",
    ".rw2": "image/x-panasonic-rw2",
    ".rwl": "image/x-leica-rwl",
    ".sr2": "image/x-sony-sr2",
    ".srf": "image/x-sony-srf",
    ".srw": "image/x-samsung-srw",
    ".x3f": "image/x-sigma-x3f",
}

VIDEOS = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mp": "video/mp4",  # motion photos of Pixel phones
    ".mov": "video/quicktime",
    ".qt": "video/quicktime",
    ".3gp": "video/3gpp",
    ".3g2": "video/3gpp2",
    ".webm": "video/webm",
    ".mkv": "video/matroska",
    ".avi": "video/x-msvideo",
    ".mts": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".vob": "video/mpeg",
    ".wmv": "video/x-ms-wmv",
    ".asf": "video/x-ms-wmv",
    ".flv": "video/x-flv",
}

KNOWN_TYPES = frozenset((*PICTURES.values(), *RAW.values(), *VIDEOS.values()))

# Pictures that are not read, but reported.
UNSUPPORTED = frozenset(
    (
        ".bmp",
        ".dib",
        ".eps",
        ".exr",
        ".hdr",
        ".ico",
        ".j2k",
        ".jp2",
        ".jpf",
        ".jpx",
        ".jxl",
        ".jxr",
        ".pcx",
        ".ppm",
        ".psb",
        ".psd",
        ".svg",
        ".tga",
        ".wdp",
        ".xcf",
    )
)

BOX_VIDEOS = ("video/mp4", "video/quicktime", "video/3gpp", "video/3gpp2")
"""Videos that consist of boxes (ISO 14496-12)."""

HEADER_BYTES = 400

SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"II+\0": "image/tiff",
    b"MM\0+": "image/tiff",
    b"FUJIFILMCCD-RAW": RAW[".raf"],
    b"FOVb": RAW[".x3f"],
    b"IIRO": RAW[".orf"],
    b"IIRS": RAW[".orf"],
    b"MMOR": RAW[".orf"],
    b"IIU\0": RAW[".rw2"],
    b"\0MRM": RAW[".mrw"],
    b"II\x1a\0\0\0HEAPCCDR": RAW[".crw"],
    b"\0\0\1\xba": "video/mpeg",
    b"0&\xb2u\x8ef\xcf\x11": "video/x-ms-wmv",
    b"FLV\1": "video/x-flv",
}

BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"mif2": "image/heif",
    b"msf1": "image/heif",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"crx ": RAW[".cr3"],
    b"qt  ": "video/quicktime",
}
AUDIO_BRANDS = (b"M4A ", b"M4B ", b"M4P ", b"aax ")
QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def find_suffix(media_type: str) -> str:
    """
    Return the usual suffix of a media type, or "".
    """
    tables = (PICTURES, RAW, VIDEOS)
    pairs = (pair for table in tables for pair in table.items())
    return next((suffix for suffix, each in pairs if each == media_type), "")


def is_media_name(name: str) -> bool:
    """
    Return whether a file name has the suffix of a picture or a video, supported or not.
    """
    return is_picture_name(name) or is_video_name(name)


def is_picture_name(name: str) -> bool:
    return get_suffix(name) in PICTURES or is_raw_name(name) or get_suffix(name) in UNSUPPORTED


def is_raw_name(name: str) -> bool:
    return get_suffix(name) in RAW


def is_video_name(name: str) -> bool:
    return get_suffix(name) in VIDEOS


def detect_type(header: bytes, name: str = "") -> str:
    """
    Return the media type of a file, or "" if it is not supported. The content decides, because
    suffixes may be wrong; the suffix distinguishes RAW formats from TIFF, which most are based on.

    :param header: the first `HEADER_BYTES` of the file.
    :param name: the name of the file, if it is known.
    """
    found = next((kind for start, kind in SIGNATURES.items() if header.startswith(start)), "")
    if found == "image/tiff":
        return RAW.get(get_suffix(name)) or (RAW[".cr2"] if header[8:10] == b"CR" else found)
    return found or _detect_container(header)


def _detect_container(header: bytes) -> str:
    if header[4:8] == b"ftyp":
        return _detect_brand(header)
    if header[4:8] in QUICKTIME_BOXES:
        return "video/quicktime"
    if header.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(header[8:12], "")
    if header.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in header[:64] else "video/matroska"
    if header[:1] == header[188:189] == b"G" or header[4:5] == header[196:197] == b"G":
        return "video/mp2t"  # with and without time codes
    return ""


def _detect_brand(header: bytes) -> str:
    major = header[8:12]
    if major in AUDIO_BRANDS:
        return ""
    if major.startswith(b"3g"):
        return "video/3gpp2" if major.startswith(b"3g2") else "video/3gpp"
    found = BRANDS.get(major, "video/mp4")
    compatible = header[16 : min(int.from_bytes(header[:4]), HEADER_BYTES)]
    if found == "image/heif" and (b"avif" in compatible or b"avis" in compatible):
        return "image/avif"
    return found


def get_suffix(path: str) -> str:
    """
    Return the suffix of a path with slashes, in lower case. This is faster than `PurePath.suffix`.
    """
    name = path.rpartition("/")[2]
    position = name.rfind(".")
    return name[position:].lower() if 0 < position < len(name) - 1 else ""
