import pytest
from django.db import connection

from django_trove.server.checks.database import check_collation

pytestmark = pytest.mark.django_db
mysql = pytest.mark.skipif(connection.vendor != "mysql", reason="requires MySQL or MariaDB")


def test_a_case_sensitive_database_has_no_warning():
    assert check_collation(databases=["default"]) == []
    assert check_collation() == []


def test_ids_are_case_sensitive(make_identity):
    first, second = (make_identity(service_id=name) for name in ("Ab", "aB"))
    assert first.pk != second.pk


@mysql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("collation", "ids"), [
    ("utf8mb4_general_ci", ["trove_server.W008"]), ("utf8mb4_bin", []),
])  # fmt: skip
def test_a_case_insensitive_collation_is_a_warning(collation, ids):
    column = "ALTER TABLE trove_server_item MODIFY service_id varchar(500) COLLATE {} NOT NULL"
    with connection.cursor() as cursor:
        cursor.execute(column.format(collation))
        results = [message.id for message in check_collation(databases=["default"])]
        cursor.execute(column.format("utf8mb4_bin"))
    assert results == ids
