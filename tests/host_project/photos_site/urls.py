"""
The URLs of a site.
"""

from django.urls import include, path

from . import views

urlpatterns = [
    path("", views.Snow.as_view(), name="home"),
    path("photos/", views.paged, name="photos"),
    path("photos/<str:photo>/", views.OnePhoto.as_view(), name="photo"),
    path("photos.json", views.Some.as_view(paginate_by=50)),
    path("plain/", views.plain),
    path("awaited/", views.awaited),
    path("trove/", include("django_trove.urls")),
]
