"""How long the server takes to answer /healthz while it reads a megabyte of hard text.

    python -m tests.bench.latency FOLDER [TEXT_BYTES]

FOLDER is a model, of which a copy gets a context of 4,096 tokens: so the text is rendered and then
refused, and no prefill is measured. Every text stands in a message, in a tool's description, in the
arguments of an old call and in a schema. Ends in one JSON line.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from engine.cancellation import Cancellation
from engine.loading import open_model
from engine.models.folder import CONFIG_FILE
from engine.server.access import Access
from engine.server.run import LocalServer
from engine.thread import EngineThread
from engine.types import Ready

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
HEADERS = {"authorization": f"Bearer {KEY}"}
THAI = "ภาษาไทยเป็นภาษาที่มีการเขียนติดกันโดยไม่มีการเว้นวรรคระหว่างคำ"
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
Json = dict[str, Any]


def texts(size: int) -> dict[str, str]:
    return {
        "words": ("The quick brown fox jumps over the lazy dog. " * (size // 45 + 1))[:size],
        "dashes": "-" * size,
        "letters": "".join(random.Random(1).choices("acgt", k=size)),
        "Thai": (THAI * (size // len(THAI.encode()) + 1))[: size // 3],
        "base64": "".join(random.Random(2).choices(BASE64, k=size)),
        "spaces": " " * size,
    }


def question(text: str, *more: Json, **fields: Any) -> Json:
    return {"messages": [{"role": "user", "content": text}, *more], "max_tokens": 1, **fields}


def with_description(text: str) -> Json:
    tool = {"type": "function", "function": {"name": "f", "description": text}}
    return question("Hi", tools=[tool])


def with_arguments(text: str) -> Json:
    function = {"name": "f", "arguments": json.dumps({"x": text})}
    call = {"role": "assistant", "tool_calls": [{"id": "c", "function": function}]}
    return question("Hi", call, {"role": "tool", "tool_call_id": "c", "content": "ok"})


def with_schema(text: str) -> Json:
    schema = {"type": "object", "properties": {"x": {"type": "string", "description": text}}}
    form = {"type": "json_schema", "json_schema": {"name": "s", "schema": schema}}
    return question("Hi", response_format=form)


PLACES: dict[str, Callable[[str], Json]] = {
    "message": question,
    "description": with_description,
    "arguments": with_arguments,
    "schema": with_schema,
}


def watched(url: str, body: bytes) -> tuple[float, int, list[float]]:
    """Ask, and ask for /healthz all the while: seconds, status, and seconds of each look."""
    done = threading.Event()
    looks: list[float] = []

    def look() -> None:
        with httpx.Client(base_url=url, headers=HEADERS, timeout=600) as client:
            while not (looks and done.is_set()):
                begun = time.perf_counter()
                client.get("/healthz")
                looks.append(time.perf_counter() - begun)

    watcher = threading.Thread(target=look)
    watcher.start()
    begun = time.perf_counter()
    headers = HEADERS | {"content-type": "application/json"}
    status = httpx.post(
        f"{url}/v1/chat/completions", content=body, headers=headers, timeout=600
    ).status_code
    seconds = time.perf_counter() - begun
    done.set()
    watcher.join()
    return seconds, status, looks


def short_context(folder: Path, copy: Path) -> Path:
    shutil.copytree(folder, copy, symlinks=False)
    config = json.loads((copy / CONFIG_FILE).read_text("utf-8"))
    config["model"]["context_length"] = 4096
    (copy / CONFIG_FILE).write_text(json.dumps(config), "utf-8")
    return copy


def main() -> None:
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as copies:
        original = Path(sys.argv[1]).resolve()
        measure(short_context(original, Path(copies) / original.name), size)


def measure(folder: Path, size: int) -> None:
    engine = EngineThread(lambda path, _: open_model(path, Cancellation()))
    engine.load(folder)
    while not isinstance(engine.state, Ready):
        time.sleep(0.05)
    server = LocalServer(engine, Access(KEY), port=0)
    url = server.start()
    rows: list[Json] = []
    try:
        for name, text in texts(size).items():
            for place, body_of in PLACES.items():
                body = json.dumps({"model": folder.name, **body_of(text)}, ensure_ascii=False)
                seconds, status, looks = watched(url, body.encode())
                median, largest = statistics.median(looks) * 1000, max(looks) * 1000
                print(
                    f"{name:8} {place:12} {status} in {seconds:6.2f} s, "
                    f"/healthz {median:5.1f} ms, at most {largest:6.1f} ms",
                    flush=True,
                )
                rows.append(
                    {
                        "text": name,
                        "place": place,
                        "seconds": round(seconds, 3),
                        "median_ms": round(median, 2),
                        "most_ms": round(largest, 2),
                    }
                )
    finally:
        server.close()
        engine.close()
    print(json.dumps({"bench": "latency", "bytes": size, "rows": rows}))


if __name__ == "__main__":
    main()
