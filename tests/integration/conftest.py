from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.workspace import Workspace

from ..processes import site_and_trove


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with site_and_trove(tmp_path_factory.mktemp("demo"), every=6) as home:
        yield home
