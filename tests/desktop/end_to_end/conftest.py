"""One desktop for all tests here; each program that runs on it has a home of its own."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.desktop.end_to_end.program import Desktop


@pytest.fixture(scope="package")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Desktop]:
    if not sys.platform.startswith("linux"):
        pytest.skip("Xvfb and AT-SPI are parts of Linux")
    from tests.desktop.end_to_end.program import Desktop
    from tests.desktop.end_to_end.screen_reader import ScreenReader  # its jeepney is Linux's
    from tests.desktop.end_to_end.stage import raised_stage

    with (
        raised_stage(tmp_path_factory.mktemp("stage")) as stage,
        closing(ScreenReader(stage.bus)) as reader,
    ):
        yield Desktop(stage, reader)
