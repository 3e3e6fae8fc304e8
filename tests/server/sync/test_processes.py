from datetime import timedelta

import pytest
from django.utils import timezone

from django_trove.server.accounts.add import add_folder
from django_trove.server.models import Identity, Item
from django_trove.server.sync.engine import SyncBusy, sync

from ..images import draw
from ..worker_processes import Workers, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PICTURES = 120


@pytest.fixture
def identity(person, tmp_path):
    for number in range(PICTURES):
        draw(tmp_path / "pictures" / f"{number:03}.jpg")
    return add_folder(person, tmp_path / "pictures")[0]


@pytest.fixture
def worker():
    workers = Workers()
    yield lambda: workers.start("trove_sync", "--verbosity=0")
    workers.end()


def test_sync_of_a_killed_worker_is_resumed(identity, worker):
    process = worker()
    wait_until(lambda: Item.objects.count() > 0, process)
    process.kill()
    process.wait(timeout=10)
    taken_in = Item.objects.count()
    assert 0 < taken_in < PICTURES
    with pytest.raises(SyncBusy):
        sync(identity)
    Identity.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    report = sync(identity)
    assert (report.added, report.unchanged) == (PICTURES - taken_in, 0)
    assert Item.objects.count() == PICTURES


def test_concurrent_workers_import_each_item_once(identity, worker):
    told = [process.communicate(timeout=60)[0] for process in (worker(), worker())]
    taken_in = [int(line.partition(" added")[0].rpartition(" ")[2]) for line in told]
    assert sum(taken_in) == Item.objects.count() == PICTURES
