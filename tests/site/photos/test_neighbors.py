import pytest
from django.contrib.auth import get_user_model

from django_trove.photos.neighbors import MAX_SIMULTANEOUS, Neighbors, find_neighbors
from django_trove.services import Trove
from django_trove.signals import call_made

pytestmark = pytest.mark.django_db
SIMULTANEOUS = "2007-03-04 21:08:12"
DATES = ["2007-03-03", "2009-05-06", "2008-05-06", SIMULTANEOUS, SIMULTANEOUS, SIMULTANEOUS]


@pytest.fixture
def user(fake_trove):
    user = get_user_model().objects.create_user("ada")
    fake_trove.connect(user)
    return user


@pytest.fixture
def trove(user):
    return Trove(user)


def add_photos(fake_trove, *dates):
    return [fake_trove.add_photo(date=date) for date in dates]


def list_photos(trove):
    """
    Return all photos, the newest first.
    """
    return list(trove.photos(count=100))


def test_neighbors_follow_the_order_of_the_list(fake_trove, trove):
    add_photos(fake_trove, *DATES)
    photos = list_photos(trove)
    assert [find_neighbors(trove, each) for each in photos] == [
        Neighbors(newer, older)
        for newer, older in zip([None, *photos], [*photos[1:], None], strict=False)
    ]


def test_two_calls(fake_trove, trove):
    photo = add_photos(fake_trove, *DATES)[0]
    calls = []

    def record(call, **kwargs):
        calls.append(call)

    call_made.connect(record)
    find_neighbors(trove, photo)
    assert len(calls) == 2


def test_none_if_the_trove_is_down(fake_trove, trove):
    photo = add_photos(fake_trove, *DATES)[0]
    fake_trove.down()
    assert find_neighbors(trove, photo) == Neighbors()


def test_none_among_too_many_photos_of_one_second(fake_trove, trove):
    add_photos(fake_trove, *[SIMULTANEOUS] * (2 * MAX_SIMULTANEOUS + 1))
    assert find_neighbors(trove, list_photos(trove)[MAX_SIMULTANEOUS]) == Neighbors()


def test_none_without_a_date(fake_trove, trove):
    undated, _dated = add_photos(fake_trove, None, "2007-03-04")
    assert find_neighbors(trove, undated) == Neighbors()


def test_public_photos_only_for_others(fake_trove, trove):
    oldest, newest = add_photos(fake_trove, "2007-03-04", "2009-03-04")
    fake_trove.add_photo(date="2008-03-04", public=False)
    assert find_neighbors(trove, newest).older != oldest
    assert find_neighbors(trove.as_seen_by(None), newest) == Neighbors(None, oldest)


def test_neighbors_of_a_video_are_photos_and_videos(fake_trove, user, settings):
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos", "videos"]}
    fake_trove.connect(user)
    [photo] = add_photos(fake_trove, "2007-03-04")
    video = fake_trove.add_video(date="2008-03-04")
    assert find_neighbors(Trove(user), video) == Neighbors(None, photo)
