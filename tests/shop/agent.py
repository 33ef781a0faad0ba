"""An agent at work in the shop: the OpenAI Agents SDK with any model behind an OpenAI endpoint.

    OPENAI_API_KEY=... python -m tests.shop.agent BASE_URL MODEL [--api chat | responses]

Runs in the clients' environment, .cache/clients-python, which `make test-clients` makes. Prints
what became of each task, and how many were solved.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

from agents import (
    Agent,
    AgentsException,
    Model,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    TResponseInputItem,
    function_tool,
)
from openai import AsyncOpenAI, OpenAIError

from tests.shop.shop import Shop
from tests.shop.tasks import EXAMPLES, INSTRUCTIONS, TASKS, Example, Task

APIS = {"chat": OpenAIChatCompletionsModel, "responses": OpenAIResponsesModel}
MOST_TURNS = 12
UNTRACED = RunConfig(tracing_disabled=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`failings` is empty for a task that was solved."""

    task: Task
    calls: int
    answer: str
    failings: tuple[str, ...]

    def __str__(self) -> str:
        verdict = "FAILED" if self.failings else "solved"
        said = "; ".join((*self.failings, self.answer))
        return f"{self.task.name:14}{verdict}  {self.calls} calls  {said}"


async def work(model: Model, task: Task) -> Outcome:
    """One task in a shop of its own. Raises OpenAIError where the endpoint fails."""
    shop = Shop()
    agent = Agent(
        name="Clerk",
        instructions=INSTRUCTIONS,
        model=model,
        model_settings=ModelSettings(temperature=0),
        tools=[function_tool(tool) for tool in shop.tools.values()],
    )
    history: list[TResponseInputItem] = [*(item for e in EXAMPLES for item in items(e))]
    history.append({"role": "user", "content": task.question})
    try:
        run = await Runner.run(agent, history, max_turns=MOST_TURNS, run_config=UNTRACED)
    except AgentsException as error:  # such as too many turns, or a tool that does not exist
        return Outcome(task, len(shop.asked), "", (*task.failings(shop), str(error)))
    answer = str(run.final_output)
    silent = () if answer.strip() else ("the customer was told nothing",)
    return Outcome(task, len(shop.asked), answer, (*task.failings(shop), *silent))


def items(example: Example) -> Iterator[TResponseInputItem]:
    """The example as history, each result what the shop says."""
    shop = Shop()
    yield {"role": "user", "content": example.question}
    for name, arguments in example.calls:
        id = f"call_{name}_{'_'.join(map(str, arguments.values()))}".replace(" ", "_")
        text = json.dumps(arguments)
        yield {"type": "function_call", "call_id": id, "name": name, "arguments": text}
        result = shop.tools[name](**arguments)
        yield {"type": "function_call_output", "call_id": id, "output": result}
    yield {"role": "assistant", "content": example.answer}


async def score(model: Model) -> int:
    """How many tasks were solved; a line for each is printed."""
    solved = 0
    for task in TASKS:
        outcome = await work(model, task)
        print(outcome, flush=True)
        solved += not outcome.failings
    print(f"{solved} of {len(TASKS)} solved")
    return solved


async def main(base_url: str, model: str, api: str) -> None:
    async with AsyncOpenAI(base_url=base_url) as client:
        await score(APIS[api](model=model, openai_client=client))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.shop.agent")
    parser.add_argument("base_url", help="such as http://127.0.0.1:11500/v1")
    parser.add_argument("model")
    parser.add_argument("--api", choices=APIS, default="chat")
    try:
        asyncio.run(main(**vars(parser.parse_args())))
    except OpenAIError as error:
        parser.exit(1, f"The endpoint failed: {error}\n")
