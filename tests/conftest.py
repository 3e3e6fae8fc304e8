from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.serializers import sort_dependencies
from django.db.models.signals import post_migrate
from django.dispatch import Signal
from hypothesis import settings as hypothesis_settings

from django_trove import signals
from django_trove.core.cache import last_errors, paused_until, process_memory
from django_trove.server import signals as server_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import DjangoDbBlocker
    from pytest_django.live_server_helper import LiveServer

# Containers often set PYTHONDONTWRITEBYTECODE. Then each process of pytest-xdist rewrites the
# assertions of all test files, and each process that a test starts compiles the package.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Property tests have no deadline, for busy machines. TEST_EXAMPLES is the number of their examples.
hypothesis_settings.register_profile(
    "django-trove", deadline=None, max_examples=int(os.environ.get("TEST_EXAMPLES", "25"))
)
hypothesis_settings.load_profile("django-trove")

# The files of these directories share a running demo. One worker runs them, so that the demo and
# Chromium start once. The listed files use other servers, and each line of them the same.
SHARED_DEMOS: dict[str, tuple[tuple[str, ...], ...]] = {
    "tests/browser": (
        ("test_default_templates.py", "test_map_clusters.py"),
        ("test_entered_services.py", "test_new_trove.py"),
        ("test_services.py",),
    ),
    "tests/integration": (
        ("test_asgi.py",),
        ("test_databases.py",),
        ("test_demo.py",),
        ("test_user_model.py",),
    ),
}
SIGNALS = [
    value
    for module in (signals, server_signals)
    for value in vars(module).values()
    if isinstance(value, Signal)
]
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="run only the tests that use the database, for another database or user model",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """
    Collect no garbage during the collection, and exclude the modules and the tests from later
    garbage collections, which would traverse them each time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-only"):
        selected = [item for item in items if uses_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if not uses_database(item)])
        items[:] = selected
    # pytest-django sorts by the use of the database. The longest scopes must start first, so that
    # no worker runs one when the others have ended.
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(SHARED_DEMOS)))


def uses_database(item: pytest.Item) -> bool:
    """
    Return whether pytest-django allows a test to use the database. It blocks access in all others.
    """
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


def pytest_xdist_auto_num_workers() -> int:
    """
    Return one more than the number of CPUs, because tests wait for browsers and other processes.
    """
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Callable[..., None]) -> object:
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return get_scope(nodeid)

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def get_scope(nodeid: str) -> str:
    """
    Return the directory of a test, or its file or the first of the files that share servers. Tests
    of a scope run in the same process.
    """
    path = nodeid.split("::", 1)[0]
    directory, _, name = path.rpartition("/")
    if directory not in SHARED_DEMOS:
        return path
    files = next((files for files in SHARED_DEMOS[directory] if name in files), None)
    return f"{directory}/{files[0]}" if files else directory


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """
    After a test with `transactional_db`, Django empties the database and sends `post_migrate`. Its
    receivers build the content types, permissions and sites. Insert the rows of the first time.
    """
    with django_db_blocker.unblock():
        models = sort_dependencies([(app, None) for app in apps.get_app_configs()])
        rows = {model: list(model._base_manager.all()) for model in models}

    def insert_rows(using: str, **options: Any) -> None:
        for model, objects in rows.items():
            model._base_manager.using(using).bulk_create(objects)

    post_migrate.receivers = []
    post_migrate.sender_receivers_cache.clear()
    post_migrate.connect(insert_rows, sender=apps.get_app_config("trove_server"), weak=False)


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """
    Create the test database before the server starts. Otherwise its name is still ":memory:", and
    the threads of the server share one connection.
    """
    return live_server


@pytest.fixture(autouse=True)
def _forget_cache_errors() -> None:
    """
    An error of the cache affects a process for some time.
    """
    paused_until.clear()
    last_errors.clear()
    process_memory().clear()


@pytest.fixture(autouse=True)
def _disconnect_receivers() -> Iterator[None]:
    """
    Disconnect the receivers of a test, so that they do not affect the next one.
    """
    before = {signal: list(signal.receivers) for signal in SIGNALS}
    yield
    for signal, receivers in before.items():
        if signal.receivers != receivers:
            signal.receivers = receivers
            signal.sender_receivers_cache.clear()
