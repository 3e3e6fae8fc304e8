from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.workspace import Workspace
from fake_services import serve_all

from ..processes import site_and_trove


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with serve_all(5) as services:
        ports = tuple(int(service.url.rpartition(":")[2]) for service in services.values())
        path = tmp_path_factory.mktemp("demo")
        with site_and_trove(path, every=6, service_ports=ports) as workspace:
            yield workspace
