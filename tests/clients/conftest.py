"""Real models behind a real server, for clients as they are."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from engine.loading import open_model
from engine.model import ModelOpener
from engine.models.folder import ModelFolder
from engine.remote.remote import Remote
from engine.server.access import Access
from engine.server.run import LocalServer
from engine.thread import EngineThread
from tests.engine.server.serving import KEY, WEB_PAGE


@dataclass(frozen=True)
class Endpoint:
    url: str
    model: str
    page_link: Callable[[], str]
    key: str = KEY


@contextmanager
def endpoint(model: ModelFolder | Remote, open_it: ModelOpener = open_model) -> Generator[Endpoint]:
    engine = EngineThread(open_it)
    server = LocalServer(engine, Access(KEY, WEB_PAGE), port=0)
    try:
        engine.load(model.path)
        yield Endpoint(f"{server.start()}/v1", model.id, server.page_link)
    finally:
        server.close()
        engine.close()


@pytest.fixture(scope="module")
def gpt_oss(tiny_gpt_oss_folder: ModelFolder) -> Generator[Endpoint]:
    """The tiny gpt-oss, which knows tests/tiny/conversations.py by heart."""
    with endpoint(tiny_gpt_oss_folder) as served:
        yield served


@pytest.fixture(scope="module")
def starter(starter_folder: ModelFolder) -> Generator[Endpoint]:
    with endpoint(starter_folder) as served:
        yield served
