"""What the API costs beside the bare engine, with a real model.

    .venv/bin/python -m tests.bench.api_overhead [MODEL_FOLDER]

Time to the first text and tokens per second of the same answer, from the engine's events and from
a stream over HTTP, in turn: for a prompt that is in the KV cache but for its last token, and for
one of some 500 tokens that is new. Then 32 clients at once, and the memory after 1,000 requests.
The last line is one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import httpx
import psutil

from engine.loading import open_model
from engine.server.access import Access
from engine.server.run import LocalServer
from engine.thread import EngineThread
from engine.types import (
    ChatRequest,
    Failed,
    Finished,
    GenerationEvent,
    Message,
    Role,
    Sampling,
    TextDelta,
)
from tests.conftest import STARTER

KEY = "k" * 43
QUESTION = "Tell a long story about a lighthouse."
LONG_QUESTION = "The keeper climbs the stairs, lights the lamp and looks out for ships. " * 30
Times = tuple[float, float]
TOKENS, ROUNDS, CLIENTS, REQUESTS = 128, 7, 32, 1000


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=STARTER)
def main(folder: Path) -> None:
    engine = EngineThread(open_model)
    engine.load(folder)
    server = LocalServer(engine, Access(KEY), port=0)
    url = server.start()
    body = {
        "model": folder.name,
        "messages": [{"role": "user", "content": QUESTION}],
        "temperature": 0,
    }
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as client:  # as a client's program is
            figures = compare(
                lambda text: by_engine(engine, text),
                lambda text: client.submit(by_http, url, asking(body, text)).result(),
            )
        figures |= asyncio.run(at_once(url, body))
        figures |= many(url, body)
    finally:
        server.close()
        engine.close()
    print(json.dumps(figures))


def compare(
    ask_engine: Callable[[str], Times], ask_by_http: Callable[[str], Times]
) -> dict[str, Any]:
    """Medians."""
    sides = {"engine": ask_engine, "http": ask_by_http}
    known: dict[str, list[Times]] = {name: [] for name in sides}
    new: dict[str, list[Times]] = {name: [] for name in sides}
    for number in range(ROUNDS):
        for name, ask in sides.items():
            new[name].append(ask(f"{name} {number}. {LONG_QUESTION}"))
            ask(QUESTION)
            known[name].append(ask(QUESTION))
    figures: dict[str, Any] = {}
    for name in sides:
        first, speed = (statistics.median(column) for column in zip(*known[name], strict=True))
        first_of_new = statistics.median(first for first, _ in new[name])
        figures |= {
            f"{name}_first_ms": round(first * 1e3, 2),
            f"{name}_first_of_new_ms": round(first_of_new * 1e3, 2),
            f"{name}_tok_s": round(speed, 1),
        }
    figures["speed_ratio"] = round(figures["http_tok_s"] / figures["engine_tok_s"], 4)
    print(figures, flush=True)
    return figures


def asking(body: dict[str, Any], text: str) -> dict[str, Any]:
    return body | {"messages": [{"role": "user", "content": text}]}


def by_engine(engine: EngineThread, text: str) -> Times:
    """Seconds to the first text, and tokens per second from there on."""
    times: list[float] = []
    ended = threading.Event()

    def hear(event: GenerationEvent) -> None:
        if isinstance(event, TextDelta):
            times.append(time.perf_counter())
        if isinstance(event, Finished | Failed):
            ended.set()

    request = ChatRequest(
        (Message.of(Role.USER, text),), Sampling(temperature=0), max_tokens=TOKENS
    )
    begun = time.perf_counter()
    engine.submit(request, hear)
    ended.wait()
    return times[0] - begun, (len(times) - 1) / (times[-1] - times[0])


def by_http(url: str, body: dict[str, Any]) -> Times:
    """With the least of clients: its own work is not the server's."""
    asked = json.dumps(body | {"stream": True, "max_tokens": TOKENS})
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    with closing(HTTPConnection(url.removeprefix("http://"))) as connection:
        connection.connect()
        times: list[float] = []
        begun = time.perf_counter()
        connection.request("POST", "/v1/chat/completions", asked, headers)
        for line in connection.getresponse():
            if b'"content":"' in line and b'"content":""' not in line:
                times.append(time.perf_counter())
    return times[0] - begun, (len(times) - 1) / (times[-1] - times[0])


async def at_once(url: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=None) as client:
        begun = time.perf_counter()
        asked = body | {"max_tokens": 16}
        answers = await asyncio.gather(
            *(client.post("/v1/chat/completions", json=asked) for _ in range(CLIENTS))
        )
        seconds = time.perf_counter() - begun
    texts = {answer.json()["choices"][0]["message"]["content"] for answer in answers}
    whole = all(answer.status_code == 200 for answer in answers) and len(texts) == 1
    return {"clients": CLIENTS, "each_whole_and_equal": whole, "seconds": round(seconds, 2)}


def many(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """Resident memory after a tenth of the requests, and after all."""
    process, short = psutil.Process(), {"model": body["model"], "input": QUESTION}
    sizes: list[float] = []
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=url, headers=headers, timeout=None) as client:
        for number in range(REQUESTS + 1):
            if number % (REQUESTS // 10) == 0:
                sizes.append(process.memory_info().rss / 2**20)
            client.post("/v1/responses", json=short | {"max_output_tokens": 2})
    return {"mib_after_tenth": round(sizes[1], 1), "mib_after_all": round(sizes[-1], 1)}


if __name__ == "__main__":
    main()
