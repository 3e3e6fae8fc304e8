import pytest

from django_trove.server.accounts.add import add_account
from django_trove.server.connectors.authorization import Authorization

pytestmark = pytest.mark.django_db


def test_long_ids_of_accounts_are_distinct(person):
    """
    An id may contain an address and a user name.
    """
    prefix = "https://nas.example/" + "ü" * 900
    ids = (f"{prefix}1", f"{prefix}2", f"{prefix}1")
    accounts = [
        add_account(person, "webdav", Authorization(token={}, service_id=each, name="NAS"))[0]
        for each in ids
    ]
    assert [account.pk for account in accounts] == [accounts[0].pk, accounts[1].pk, accounts[0].pk]
    assert accounts[0].pk != accounts[1].pk
    assert max(len(account.service_id) for account in accounts) <= 500
