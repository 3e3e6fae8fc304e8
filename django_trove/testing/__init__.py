"""
A fake Trove for the tests of a site. It needs no network, server or keys.

    with fake_trove() as trove:
        trove.connect(user)
        trove.add_photo(title="Snow", tags=["snow"], date="2007-03-04")
        page = client.get("/gallery/")
        trove.down()

The client, its errors and the cache are the real ones. The fake replaces the `requests` session
(the setting `TROVE["SESSION"]`) and implements the protocol. In pytest, use the fixture
`fake_trove`.
"""

from .adapter import RecordedCall
from .context import fake_trove
from .fake import FakeTrove

__all__ = ["FakeTrove", "RecordedCall", "fake_trove"]
