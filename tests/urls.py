from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("trove/", include("django_trove.urls")),
    path("", include("django_trove.server.urls")),
]
