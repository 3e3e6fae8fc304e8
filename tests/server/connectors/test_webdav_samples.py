"""
Recorded lists of WebDAV servers.
"""

import pytest

from django_trove.server.connectors.remote_files.multistatus import find_path, parse_multistatus
from django_trove.server.connectors.webdav.listings import PROPERTIES

from .sample_files import SAMPLES


@pytest.mark.parametrize("sample", ["copyparty_propfind", "rclone_propfind", "wsgidav_propfind"])
def test_samples_of_servers_contain_the_same_resources(sample):
    found = parse_multistatus((SAMPLES / "webdav" / f"{sample}.xml").read_bytes(), PROPERTIES)
    folders = [find_path([found[0].href.strip("/")], each.href) for each in found]
    assert sorted(zip(folders, (each.is_folder for each in found), strict=True)) == [
        ("", True),
        ("README.md", False),
        ("broken", True),
        ("cameras", True),
        ("exif-org", True),
        ("gps", True),
    ]
    [file] = [each for each in found if not each.is_folder]
    assert (file.size, file.is_ok, file.covering_etag) == (894, True, "")
