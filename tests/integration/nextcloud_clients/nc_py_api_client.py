"""
Log in to a Nextcloud with nc-py-api, and list, search, upload, move and delete files.

Prints the URL of the login page, reads a line when it is allowed, and prints JSON.
"""

import json
import sys

from nc_py_api import Nextcloud

nextcloud = Nextcloud(nextcloud_url=sys.argv[1])
login = nextcloud.loginflow_v2.init("nc-py-api")
print(login.login, flush=True)
sys.stdin.readline()
nextcloud.loginflow_v2.poll(login.token, timeout=5)

files = nextcloud.files
found = files.find(["like", "mime", "image/%"])
since = ["and", "like", "mime", "image/%", "gt", "last_modified", "2010-01-03T00:00:00Z"]
before = files.by_path("").etag
uploaded = files.upload("New/ä & b.txt", b"\xff\x00")
moved = files.move("New/ä & b.txt", "Photos/c.txt")
result = {
    "user": nextcloud.user,
    "folders": sorted(node.user_path for node in files.listdir("Photos") if node.is_dir),
    "found": sorted([node.info.fileid, node.user_path] for node in found),
    "found_since": len(files.find(since)),
    "by_id": files.by_id(found[0].file_id).user_path == found[0].user_path,
    "is_same_id": files.by_path("Photos/c.txt").file_id == uploaded.file_id,
    "is_root_changed": files.by_path("").etag != before,
    "content": list(files.download("Photos/c.txt")),
}
files.delete("Photos/c.txt")
result["is_deleted"] = "Photos/c.txt" not in [node.user_path for node in files.listdir("Photos")]
print(json.dumps(result))
