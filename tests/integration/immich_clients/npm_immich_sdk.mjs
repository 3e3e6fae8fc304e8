// Read an Immich server with its official client, and print JSON.
import * as sdk from "@immich/sdk";

const [url, apiKey] = process.argv.slice(2);
sdk.init({ baseUrl: `${url}/api`, apiKey });
const ids = [];
let videoId = "";
let page = "1";
while (page) {
  const metadataSearchDto = { page: Number(page), size: 10, withExif: true };
  const { assets } = await sdk.searchAssets({ metadataSearchDto });
  ids.push(...assets.items.map((asset) => asset.id));
  videoId = assets.items.find((asset) => asset.type === "VIDEO")?.id ?? videoId;
  page = assets.nextPage;
}
const picture = await sdk.viewAsset({ id: ids[0], size: sdk.AssetMediaSize.Preview });
const video = await sdk.playAssetVideo({ id: videoId });
const original = await sdk.downloadAsset({ id: videoId });
console.log(JSON.stringify({
  ping: (await sdk.pingServer()).res,
  version: (await sdk.getServerVersion()).major,
  user: (await sdk.getMyUser()).name,
  permissions: (await sdk.getMyApiKey()).permissions,
  ids: ids.sort(),
  albums: (await sdk.getAllAlbums({})).map((album) => album.albumName).sort(),
  tags: (await sdk.getAllTags()).map((tag) => tag.value).sort(),
  total: (await sdk.getAssetStatistics({ isTrashed: false })).total,
  picture: picture.type,
  video: video.type,
  sizes: [video.size, original.size],
}));
