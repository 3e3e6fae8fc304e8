"""
Damaged, hostile and unusual archives: each file is imported or reported, the rest is imported.
"""

import gzip
import io
import os
import struct
import tarfile
import zipfile

import pytest

from django_trove.server.connectors import archives
from django_trove.server.connectors.archives import part, tar_archive, zip_archive
from django_trove.server.connectors.takeout import items
from django_trove.server.sync import SyncFailed

from .takeout_export import (
    ALBUM,
    EXPORT,
    YEAR,
    import_export,
    jpeg,
    pack,
    pack_tar,
    photo,
    reasons,
    titles,
    write,
)


def rename(path, old, new):
    """
    Replace a name by one of the same length, in the local header and in the central directory.
    """
    content = path.read_bytes()
    assert len(old) == len(new)
    assert content.count(old) == 2
    path.write_bytes(content.replace(old, new))
    return path


def remove_utf8_marks(path):
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = content.find(signature)
        while start >= 0:
            content[start + offset + 1] &= ~8
            start = content.find(signature, start + 1)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["Fußball.jpg", "Ж.txt"], ids=["picture", "other"])
def test_name_in_a_zip_that_is_not_utf8_is_reported(tmp_path, name):
    """
    The name is marked as UTF-8, but is not: `zipfile` rejects the whole file.
    """
    path = pack(tmp_path / "a.zip", EXPORT | {f"{YEAR}/{name}": jpeg("red")})
    letters = next(letter for letter in name if not letter.isascii()).encode()
    rename(path, letters, b"\xdf\xff")
    index = import_export(path)
    assert titles(index) == ["bare", "sea", "snow"]
    assert list(reasons(index).values()) == ["The file name is not UTF-8."]


def test_name_in_a_zip_without_the_mark_is_utf8_or_code_page_437(tmp_path):
    files = photo(YEAR, "Fußball.jpg", "red") | photo(YEAR, "写真.jpg", "blue")
    assert titles(import_export(remove_utf8_marks(pack(tmp_path / "a.zip", files)))) == [
        "Fußball",
        "写真",
    ]
    path = pack(tmp_path / "b.zip", {f"{YEAR}/FuXball.jpg": jpeg("red")})
    index = import_export(rename(path, b"FuXball", b"Fu\xe1ball"))
    assert (titles(index), reasons(index)) == (["Fußball"], {})


@pytest.mark.parametrize("name", [b"Fu\xdfball.jpg", b"Fu\xdfball.txt", b"Fu\xdf/ball.jpg"])
def test_name_in_a_folder_that_is_not_utf8_is_reported(tmp_path, name):
    write(tmp_path, EXPORT)
    path = (tmp_path / YEAR).as_posix().encode() + b"/" + name
    (tmp_path / YEAR / "Fu").mkdir()
    if b"/" in name:
        os.mkdir(path.rpartition(b"/")[0])
    with open(path, "wb") as file:
        file.write(jpeg("red"))
    index = import_export(tmp_path)
    assert titles(index) == ["bare", "sea", "snow"]
    [(reported, reason)] = reasons(index).items()
    assert (reported, reason) == (
        f"{YEAR}/{name.split(b'/')[0].decode('utf-8', 'backslashreplace')}",
        "The file name is not UTF-8.",
    )


def test_name_in_a_tar_file_that_is_not_utf8_is_reported(tmp_path):
    path = tmp_path / "a.tgz"
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as packed:
        for name, content in (EXPORT | {f"{YEAR}/Fu\udcdfball.jpg": jpeg("red")}).items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    index = import_export(path)
    assert titles(index) == ["bare", "sea", "snow"]
    assert reasons(index) == {f"{YEAR}/Fu\\xdfball.jpg": "The file name is not UTF-8."}


@pytest.mark.parametrize("packed", [pack, pack_tar], ids=["zip", "tar"])
def test_paths_outside_of_the_archive_are_reported(tmp_path, packed):
    outside = tmp_path / "outside.jpg"
    files = {
        **EXPORT,
        f"{YEAR}/../../../../outside.jpg": jpeg("red"),
        f"/{YEAR}/root.jpg": jpeg("green"),
        f"{YEAR}/back.jpg".replace("/", "\\"): jpeg("yellow"),
        "C:\\" + f"{YEAR}/drive.jpg".replace("/", "\\"): jpeg("cyan"),
    }
    (tmp_path / "a").mkdir()
    index = import_export(packed(tmp_path / "a" / "takeout.bin", files))
    assert titles(index) == ["back", "bare", "drive", "root", "sea", "snow"]
    assert list(reasons(index).values()) == ["The path of the file is invalid."]
    assert not outside.exists()


def test_links_and_devices_in_a_tar_file_are_ignored(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(jpeg("red"))
    path = tmp_path / "a.tgz"
    with tarfile.open(path, "w:gz") as packed:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"{YEAR}/link-{kind[0]}.jpg")
            info.type, info.linkname = kind, str(tmp_path / "secret.jpg")
            packed.addfile(info)
        for name, content in photo(YEAR, "a.jpg").items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    assert titles(import_export(path)) == ["a"]


def test_repeated_name_in_a_zip_is_reported(tmp_path):
    path = pack(tmp_path / "a.zip", EXPORT)
    repeated = {"sea.jpg": jpeg("red", (50, 20)), "bare.jpg": jpeg("black")}
    with zipfile.ZipFile(path, "a") as packed:
        for name, content in repeated.items():
            with pytest.warns(UserWarning, match="Duplicate name"):
                packed.writestr(f"{YEAR}/{name}", content)
    index = import_export(path)
    assert index.photos["AF1Qsea"].width == 50
    assert list(reasons(index)) == [f"{YEAR}/sea.jpg"]


def test_encrypted_and_damaged_files_in_a_zip_are_reported(tmp_path):
    path = pack(tmp_path / "a.zip", EXPORT)
    content = bytearray(path.read_bytes())
    start = content.index(jpeg("black"))
    content[start : start + 40] = b"\xff" * 40
    entry = content.index(f"{YEAR}/sea.jpg".encode(), content.index(b"PK\1\2")) - 46
    content[entry + 8] |= 1  # encrypted
    path.write_bytes(content)
    index = import_export(path)
    assert titles(index) == ["snow"]
    assert set(reasons(index)) == {f"{YEAR}/bare.jpg", f"{YEAR}/sea.jpg"}
    assert all("zip" in reason for reason in reasons(index).values())


def test_zip64_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    path = pack(tmp_path / "a.zip", EXPORT)
    monkeypatch.undo()
    assert b"PK\6\6" in path.read_bytes()
    assert titles(import_export(path)) == ["bare", "sea", "snow"]


@pytest.mark.parametrize("damage", ["cut", "empty", "zeros", "directory"])
def test_incomplete_zip_is_reported_and_the_other_parts_are_imported(tmp_path, damage):
    """
    An interrupted download.
    """
    good = pack(tmp_path / "takeout-001.zip", EXPORT)
    bad = pack(tmp_path / "takeout-002.zip", photo(ALBUM, "new.jpg", "red"))
    content = bad.read_bytes()
    entry = content.index(b"PK\1\2")
    damaged = {
        "cut": content[: len(content) // 2],
        "empty": b"",
        "zeros": bytes(len(content)),
        "directory": content[:entry] + b"XX" + content[entry + 2 :],
    }
    bad.write_bytes(damaged[damage])
    index = import_export(good, bad)
    assert titles(index) == ["bare", "sea", "snow"]
    assert "Download this part" in reasons(index)[str(bad)]
    with pytest.raises(SyncFailed, match="Download this part"):
        import_export(bad)


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["tar", "tgz"])
@pytest.mark.parametrize("cut", [2700, 3000, 3500, 20_000, -1])
def test_incomplete_tar_file_is_imported_up_to_the_damage(tmp_path, compress, cut):
    """
    `tarfile` ignores a missing end, unless it is in the content of a file.
    """
    files = photo(YEAR, "a.jpg") | photo(YEAR, "b.jpg", "red")
    files[f"{YEAR}/b.jpg"] += os.urandom(50_000)
    plain = pack_tar(tmp_path / "plain.tar", files, "w:").read_bytes().rstrip(b"\0")
    path = tmp_path / "a.tgz"
    path.write_bytes(compress(plain[:cut]))
    index = import_export(path)
    assert titles(index)[:1] == ["a"]
    assert "Download this part" in reasons(index)["a.tgz"]


def test_incomplete_compressed_tar_file_is_reported(tmp_path):
    path = pack_tar(tmp_path / "a.tgz", EXPORT)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SyncFailed, match="Download this part"):
        import_export(path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.rar", b"Rar!\x1a\7\0", "neither a zip file nor"),
        ("a.jpg", jpeg(), "neither a zip file nor"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "neither a zip file nor"),
        ("a.gz", gzip.compress(b"no tar file", mtime=0), "Unpack it"),
    ],
    ids=["rar", "picture", "7z", "gz"],
)
def test_other_format_is_reported_without_the_advice_to_download_again(
    tmp_path, name, content, words
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SyncFailed, match=words) as failure:
        import_export(tmp_path / name)
    assert "ownload" not in str(failure.value)


@pytest.mark.parametrize("mode", ["w:gz", "w:", "w:bz2", "w:xz"])
def test_tar_file_is_imported_whatever_its_suffix_is(tmp_path, mode):
    path = pack_tar(tmp_path / "takeout.zip", EXPORT, mode)
    assert titles(import_export(path)) == ["bare", "sea", "snow"]


def test_large_files_are_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(items, "MAX_PICTURE_BYTES", 100)
    write(tmp_path / "folder", EXPORT)
    pack(tmp_path / "a.zip", EXPORT)
    for path in (tmp_path / "folder", tmp_path / "a.zip"):
        assert set(reasons(import_export(path)).values()) == {"The file is too large."}


def test_decompression_bomb_in_a_zip_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_archive, "SMALL_FILE", 100_000)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{YEAR}/bomb.mp4", bytes(10_000_000))
        for name, content in EXPORT.items():
            packed.writestr(name, content)
    index = import_export(path)
    assert titles(index) == ["bare", "sea", "snow"]
    assert reasons(index) == {f"{YEAR}/bomb.mp4": "The file is too large."}


def test_size_in_the_header_of_a_zip_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr(items, "MAX_PICTURE_BYTES", 50_000)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{YEAR}/bomb.jpg", bytes(1_000_000))
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<L", 1_000_000), struct.pack("<L", 10)))
    assert len(reasons(import_export(path))) == 1


def test_decompression_bomb_in_a_tar_file_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(tar_archive, "FREE_BYTES", 1000)
    path = pack_tar(tmp_path / "a.tgz", EXPORT | {f"{YEAR}/bomb.mp4": bytes(10_000_000)})
    index = import_export(path)
    assert titles(index) == ["bare", "sea", "snow"]
    assert "too much data" in reasons(index)["a.tgz"]


def test_temporary_directory_without_room_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(tar_archive, "FREE_BYTES", 2**62)
    path = pack_tar(tmp_path / "a.tgz", EXPORT)
    with pytest.raises(SyncFailed, match=r"Set TMPDIR .* unpack the export"):
        import_export(path)

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(part.tempfile, "mkstemp", full)
    with pytest.raises(SyncFailed, match="Set TMPDIR"):
        import_export(pack(tmp_path / "a.zip", EXPORT))


def test_long_unpacking_is_stopped(tmp_path, monkeypatch):
    """
    The lease of the account would expire.
    """
    monkeypatch.setattr(archives, "MAX_UNPACK_SECONDS", -1)
    with pytest.raises(SyncFailed, match="Unpack it and specify the folder"):
        import_export(pack_tar(tmp_path / "a.tgz", EXPORT))


def test_temporary_files_are_deleted(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(part.tempfile, "tempdir", str(temporary))
    for path in (pack(tmp_path / "a.zip", EXPORT), pack_tar(tmp_path / "a.tgz", EXPORT)):
        assert len(import_export(path).photos) == 3
        assert not list(temporary.iterdir())
