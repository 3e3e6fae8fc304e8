from __future__ import annotations

from itertools import islice
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from django_trove.client import Photo, QueryError, Result, TroveError
from django_trove.filters import Filters
from django_trove.generic import PhotoDetailView, PhotoListView
from django_trove.photos.page_urls import PageUrls
from django_trove.services import Trove

from .forms import FilterForm, ProfileForm
from .models import Profile

PHOTOS_PER_PAGE = 12
RELATED_PHOTOS = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """
    Show the user's photos, or a welcome page if no Trove is connected.
    """
    trove = Trove(request.user)
    if not trove.connected:
        return render(request, "photoblog/welcome.html", {"account": trove.account})
    photos: Result = Result()
    form = FilterForm(request.GET, trove=trove)
    if form.is_valid():
        try:
            page = request.GET.get("page")
            photos = trove.photos(**form.filters, page=page, count=PHOTOS_PER_PAGE)
        except QueryError as error:
            form.add_error(None, error.detail)
        except TroveError as error:
            photos = Result(error=error)
    context = {
        "filter_form": form,
        "photos": photos,
        "places": settings.PLACES,
        "page_urls": PageUrls(request),
    }
    return render(request, "photoblog/home.html", context)


@require_safe
@login_required
def photo_map(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET, trove=Trove(request.user))
    context = {"filter_form": form, "places": settings.PLACES, "page_urls": PageUrls(request)}
    return render(request, "photoblog/map.html", context)


@require_safe
@login_required
def activity(request: HttpRequest) -> HttpResponse:
    """
    Show the user's newest videos, status updates, check-ins and friends.
    """
    context = {"content_types": settings.TROVE["CONTENT_TYPES"]}
    return render(request, "photoblog/activity.html", context)


class PhotoPage(PhotoDetailView):
    """
    A photo, and further photos with its first tag.
    """

    template_name = "photoblog/photo.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"related": self.get_related_photos()} | super().get_context_data(**kwargs)

    def get_related_photos(self) -> list[Photo]:
        if not self.object or not self.object.tags:
            return []
        try:
            photos = self.trove.photos(tags=self.object.tags[:1], count=RELATED_PHOTOS + 1)
        except TroveError:
            return []
        others = (photo for photo in photos if photo.trove_id != self.object.trove_id)
        return list(islice(others, RELATED_PHOTOS))


class OfNamedUser:
    """
    The public photos of a user, visible to everyone.
    """

    requires_login = False

    def get_trove(self) -> Trove:
        users = get_user_model()._default_manager
        return Trove(get_object_or_404(users, username=self.kwargs["username"]))

    def get_page_urls(self) -> PageUrls:
        names = {"list": "public_photos", "photo": "public_photo"}
        return PageUrls(self.request, names, {"username": self.kwargs["username"]})


class PublicPhotos(OfNamedUser, PhotoListView):
    template_name = "photoblog/public_photos.html"
    filters: ClassVar[Filters] = {"public": True}


class PublicPhoto(OfNamedUser, PhotoDetailView):
    pass


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def edit_profile(request: HttpRequest) -> HttpResponse:
    profile = Profile.objects.filter(user=request.user).first() or Profile(user=request.user)
    saved = {"motto": profile.motto, "picture": profile.picture}
    form = ProfileForm(request.POST or None, instance=profile, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile has been saved.")
        return redirect("profile")
    return render(request, "photoblog/profile.html", {"form": form, "saved": saved})
