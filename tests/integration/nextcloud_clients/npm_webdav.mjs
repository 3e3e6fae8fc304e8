// List, search and read files of a Nextcloud with the npm package webdav, and print JSON.
import { createClient } from "webdav";

const [url, username, password, search] = process.argv.slice(2);
const files = createClient(`${url}/remote.php/dav/files/ada`, { username, password });
const listed = await files.getDirectoryContents("/Photos", { details: true });
const path = listed.data.find((entry) => entry.type === "file").filename;
const dav = createClient(`${url}/remote.php/dav`, { username, password });
const found = await dav.search("/", { data: search, details: true });
const part = await files.customRequest(path, { method: "GET", headers: { Range: "bytes=0-3" } });
await files.moveFile(path, "/Photos/moved é.jpg");
await files.deleteFile("/Photos/moved é.jpg");
console.log(JSON.stringify({
  folders: listed.data.filter((entry) => entry.type === "directory").map((entry) => entry.basename).sort(),
  size: (await files.getFileContents("/Photos/Summer/IMG_0004.jpg")).length,
  found: found.data.results.map((entry) => Number(entry.props.fileid)).sort((a, b) => a - b),
  partStatus: part.status,
  partLength: (await part.arrayBuffer()).byteLength,
  isDeleted: !(await files.exists(path)),
}));
