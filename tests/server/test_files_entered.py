import pytest

from django_trove.client.content import Photo

from ..profiling import files_entered

pytestmark = pytest.mark.django_db

PHOTOS = "/v1/oauth/photos/"


def test_a_content_request_enters_few_files(caller, index):
    index(Photo(id="1", tags=("snow",)))
    caller.get(PHOTOS)
    entered = files_entered(lambda: caller.get(PHOTOS))
    # The project of the tests contains the site app, too, which receives the signals of requests.
    files = sorted(name for name in entered if not name.startswith("backends/"))
    assert len(files) <= 33, files
