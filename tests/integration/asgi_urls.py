"""
Pages of a site under ASGI: async views, and sync views of the package in threads.
"""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

from django_trove.backends.clients import get_client
from django_trove.client import Photo, Result
from django_trove.generic import PhotoDetailView, PhotoListView
from django_trove.middleware import TroveHttpRequest
from django_trove.photos_json import PhotosJSON
from django_trove.services import Trove

TEMPLATE = "{{ photos.count }} {% load trove %}{% trove_gallery request.user count=2 %}"


async def ping(request: TroveHttpRequest) -> HttpResponse:
    return HttpResponse("pong")


async def tagged(request: TroveHttpRequest, tag: str) -> JsonResponse:
    photos = await request.trove.aphotos(tags=tag)
    return JsonResponse([photo.title for photo in photos], safe=False)


async def gathered(request: TroveHttpRequest) -> JsonResponse:
    calls = (request.trove.aphotos(tags=tag) for tag in ("snow", "ice", "sea"))
    return JsonResponse([len(photos) for photos in await asyncio.gather(*calls)], safe=False)


async def everything(request: TroveHttpRequest) -> JsonResponse:
    trove = Trove(await request.auser())
    account = await trove.aaccount()
    return JsonResponse(
        [
            [photo.id async for photo in trove.aiter_photos(count=2)],
            (await trove.aphoto("t1")).title,
            (await trove.auser_info()).name,
            dict(await trove.aservices()),
            await trove.aconnected(),
            account.name if account else None,
        ],
        safe=False,
    )


async def rendered(request: TroveHttpRequest) -> HttpResponse:
    photos = await request.trove.aphotos(count=2)
    return HttpResponse(await sync_to_async(draw)(request, photos))


def draw(request: TroveHttpRequest, photos: Result[Photo]) -> str:
    return engines["django"].from_string(TEMPLATE).render({"photos": photos}, request)


async def blocks_by_query(request: TroveHttpRequest) -> HttpResponse:
    return HttpResponse(Trove(await request.auser()).photos())


async def blocks_by_call(request: TroveHttpRequest) -> HttpResponse:
    account = await request.trove.aaccount()
    assert account
    return HttpResponse(get_client(account.token).get_photos())


urlpatterns = [
    path("ping/", ping),
    path("tagged/<str:tag>/", tagged),
    path("gathered/", gathered),
    path("everything/", everything),
    path("rendered/", rendered),
    path("blocks-by-query/", blocks_by_query),
    path("blocks-by-call/", blocks_by_call),
    path("photos/", PhotoListView.as_view()),
    path("photos/<str:trove_id>/", PhotoDetailView.as_view()),
    path("photos.json", PhotosJSON.as_view()),
    path("trove/", include("django_trove.urls")),
]
