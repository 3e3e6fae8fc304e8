"""
Read an Immich server with the client of Home Assistant, and print JSON.
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

from aiohttp import ClientSession
from aioimmich import Immich


async def main(url, key):
    address = urlsplit(url)
    async with ClientSession() as session:
        immich = Immich(session, key, address.hostname, address.port, use_ssl=False)
        await immich.async_setup()
        assets = await immich.search.async_get_all()
        picture = await immich.assets.async_view_asset(assets[0].asset_id, "preview")
        video_id = next(asset.asset_id for asset in assets if asset.asset_type == "VIDEO")
        stream = await immich.assets.async_play_video_stream(video_id)
        video = await stream.readexactly(8)
        values = {
            "version": immich.api.version.major,
            "user": (await immich.users.async_get_my_user()).name,
            "ids": sorted(asset.asset_id for asset in assets),
            "albums": sorted(
                {album.album_name for album in await immich.albums.async_get_all_albums()}
            ),
            "tags": sorted(tag.value for tag in await immich.tags.async_get_all_tags()),
            "picture": picture[:2].hex(),
            "video": video[4:].decode(),
        }
    sys.stdout.write(json.dumps(values))


asyncio.run(main(*sys.argv[1:]))
