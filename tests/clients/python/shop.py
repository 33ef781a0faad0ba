"""An agent at work: every task of the shop is solved, through either API."""

from __future__ import annotations

import pytest
from openai import AsyncOpenAI

from tests.clients.python.conftest import Endpoint
from tests.shop.agent import APIS, work
from tests.shop.tasks import TASKS, Task

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
async def test_a_task_is_solved(gpt_oss: Endpoint, api: str, task: Task) -> None:
    async with AsyncOpenAI(base_url=gpt_oss.url, api_key=gpt_oss.key, max_retries=0) as client:
        outcome = await work(APIS[api](model=gpt_oss.model, openai_client=client), task)
    assert not outcome.failings, outcome
