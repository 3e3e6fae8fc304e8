import pytest
from django.contrib.auth.models import User

from django_trove.server.accounts.profile import build_profile
from django_trove.server.models.identities import first_name

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "name", "first"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace"}, "Ada Lovelace", "Ada"),
        ({"first_name": "Mary Ann", "last_name": "Evans"}, "Mary Ann Evans", "Mary Ann"),
        ({"last_name": "Lovelace"}, "Lovelace", "Lovelace"),
        ({}, "ada", "ada"),
    ],
)
def test_names(make_person, fields, name, first):
    profile = build_profile(make_person(**fields), with_email=False)
    assert (profile.name, profile.first_name) == (name, first)


def test_user_model_without_first_name():
    class Account:
        def get_full_name(self):
            return "Ada Lovelace"

    assert first_name(Account()) == "Ada"
    assert first_name(User(username="ada")) == "ada"
