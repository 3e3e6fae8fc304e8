from __future__ import annotations

import pytest
from django.urls import reverse

from django_trove.models import TroveAccount
from django_trove.services import Trove

CONNECT, CALLBACK = reverse("django_trove:connect"), reverse("django_trove:callback")


@pytest.mark.django_db(transaction=True)
def test_a_user_connects_and_sees_their_photos(browser, user, pretend):
    """
    Click, say yes at the Trove, come back, see photos.
    """
    to_the_trove = browser.post(CONNECT, {"next": "/gallery/"})
    assert to_the_trove.status_code == 302
    assert to_the_trove.url.startswith(f"{pretend.url}/v1/oauth/authorize/?oauth_token=")

    arrived = browser.get(pretend.allow(to_the_trove.url))
    assert (arrived.status_code, arrived.url) == (302, "/gallery/")

    account = TroveAccount.objects.get()
    assert (account.user, account.name) == (user, "Ann at the Trove")
    assert [p.title for p in Trove(user).photos()] == ["Snow 0", "Snow 1", "Snow 2"]
