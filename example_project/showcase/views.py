"""
The gallery, the map, and one photo large.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from django_trove.client import NotFound, QueryError, Result, TroveError
from django_trove.services import Trove

from .forms import FilterForm

__all__ = ["home", "on_map", "photo"]

PHOTOS_ON_A_PAGE = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """
    Show the visitor's photos, or how to get them here.
    """
    trove = Trove(request.user)
    if not trove.connected:
        return render(request, "showcase/welcome.html", {"account": trove.account})
    photos: Result = Result()
    form = FilterForm(request.GET, trove=trove)
    if form.is_valid():
        try:
            page = request.GET.get("page")
            photos = trove.photos(**form.filters, page=page, count=PHOTOS_ON_A_PAGE)
        except QueryError as error:
            form.add_error(None, error.detail)
        except TroveError as error:
            photos = Result(error=error)
    context = {"filter_form": form, "photos": photos, "places": settings.PLACES}
    return render(request, "showcase/home.html", context)


@require_safe
@login_required
def on_map(request: HttpRequest) -> HttpResponse:
    """
    Show where the visitor's photos were taken.
    """
    form = FilterForm(request.GET, trove=Trove(request.user))
    return render(request, "showcase/map.html", {"filter_form": form, "places": settings.PLACES})


@require_safe
@login_required
def photo(request: HttpRequest, trove_id: str) -> HttpResponse:
    """
    Show one photo with its facts.
    """
    try:
        shown = Trove(request.user).photo(trove_id)
    except (NotFound, QueryError):
        raise Http404("There is no such photo in your Trove.") from None
    except TroveError:
        return render(request, "showcase/trouble.html", status=502)
    return render(request, "showcase/photo.html", {"photo": shown})
