import os
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from django_trove.server.accounts.add import add_folder
from django_trove.server.models import Identity, Item
from django_trove.server.models.identities import QUEUE_SECONDS

from ..images import draw
from ..worker_processes import Workers, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

FOLDERS, PICTURES = 4, 30
QUERY_SCRIPT = """
from django.contrib.auth import get_user_model
from django_trove.client.query import Query
from django_trove.server.search.engine import search
result = search(get_user_model().objects.get(), Query(force_update=True), "")
print(result.total_number_of_results, result.updating)
"""
REDIS = os.environ.get("TEST_REDIS", "")


class DatabaseWorkers(Workers):
    def __init__(self, **settings):
        tasks = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
        super().__init__(TASKS=tasks, **settings)

    def worker(self):
        return self.start("db_worker", "--interval=0.1", "--no-startup-delay", "-v0")


class RedisWorkers(Workers):
    def __init__(self, **settings):
        from tests.settings import INSTALLED_APPS

        super().__init__(
            TASKS={"default": {"BACKEND": "django_tasks_rq.RQBackend"}},
            RQ_QUEUES={"default": {"URL": REDIS}},
            INSTALLED_APPS=[*INSTALLED_APPS, "django_rq", "django_tasks_rq"],
            **settings,
        )

    def worker(self):
        return self.start("rqworker", "--job-class=django_tasks_rq.Job", "-v0")


@pytest.fixture(params=["database", "redis"])
def workers(request):
    if request.param == "redis" and not REDIS:
        pytest.skip("TEST_REDIS names no Redis server: the workers on Redis were NOT tried")
    if request.param == "database" and connection.vendor == "sqlite":
        pytest.skip(
            "the workers of two processes on one table were NOT tried: that is PostgreSQL's"
        )
    workers = (RedisWorkers if request.param == "redis" else DatabaseWorkers)(
        TROVE_SERVER={"SYNC_SLICE_SECONDS": 0.05}
    )
    yield workers
    workers.end()


@pytest.fixture
def folders(person, tmp_path):
    for folder in range(FOLDERS):
        for number in range(PICTURES):
            draw(tmp_path / f"folder{folder}" / f"{number:03}.jpg")
    return [add_folder(person, tmp_path / f"folder{number}")[0] for number in range(FOLDERS)]


def all_synced():
    return not Identity.objects.filter(last_synced_at=None).exists()


def test_two_workers_import_each_item_once(workers, folders):
    both = [workers.worker(), workers.worker()]
    assert workers.run("trove_sync", "--enqueue") == f"{FOLDERS} accounts enqueued.\n"
    wait_until(all_synced, both[0])
    assert Item.objects.count() == FOLDERS * PICTURES
    wait_until(lambda: not Identity.objects.exclude(lease="").exists(), both[0])
    Identity.objects.filter(pk=folders[0].pk).mark_for_deletion()
    workers.run("trove_sync", "--enqueue", "--due")
    wait_until(lambda: not Identity.objects.filter(pk=folders[0].pk).exists(), both[1])
    assert Item.objects.count() == (FOLDERS - 1) * PICTURES


def test_task_of_a_killed_worker_is_resumed(workers, folders):
    Identity.objects.exclude(pk=folders[0].pk).delete()
    first = workers.worker()
    workers.run("trove_sync", "--enqueue")
    wait_until(Item.objects.exists, first)
    workers.kill(first)
    Identity.objects.exclude(lease="").update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    # The worker may have been killed between taking a task from the queue and starting it.
    Identity.objects.update(queued_at=timezone.now() - timedelta(seconds=QUEUE_SECONDS + 1))
    if not all_synced():
        workers.run("trove_sync", "--enqueue", "--due")
    second = workers.worker()
    wait_until(all_synced, second)
    assert Item.objects.count() == PICTURES


def test_force_update_waits_for_the_workers(workers, folders):
    both = [workers.worker(), workers.worker()]
    assert workers.run("shell", "-v0", "-c", QUERY_SCRIPT).split()[-2:] == ["120", "False"]
    assert all(worker.poll() is None for worker in both)
