"""
A fake Trove for the tests of a site: no network, no server, no keys.

    with fake_trove() as trove:
        trove.connect(user)
        trove.add_photo(title="Snow", tags=["snow"], date="2007-03-04")
        page = client.get("/gallery/")
        trove.down()

The client, its errors and the cache are the real ones. The fake stands where the network would be,
in the `requests` session that the setting `TROVE["SESSION"]` names, and answers as the protocol
says. In pytest it is the fixture `fake_trove`.
"""

from .adapter import RecordedCall
from .context import fake_trove
from .fake import FakeTrove

__all__ = ["FakeTrove", "RecordedCall", "fake_trove"]
