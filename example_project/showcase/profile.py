"""
The page where a user picks their profile picture.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from django_trove.forms.photo_field import TrovePhotoField

from .models import Profile

__all__ = ["ProfileForm", "profile"]


class ProfileForm(forms.ModelForm):
    """
    A motto, and one of the user's photos.
    """

    picture = TrovePhotoField(snapshot=True, required=False, count=12, label="Profile picture")

    class Meta:
        model = Profile
        fields = ["motto", "picture"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].user = user


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """
    Show the profile and its form, and save it.
    """
    mine = Profile.objects.filter(user=request.user).first() or Profile(user=request.user)
    saved = {"motto": mine.motto, "picture": mine.picture}
    form = ProfileForm(request.POST or None, instance=mine, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return render(request, "showcase/profile.html", {"form": form, "saved": saved})
