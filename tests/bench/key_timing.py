"""Whether the time of a refusal tells how much of a key is right.

    .venv/bin/python -m tests.bench.key_timing

Keys that are wrong in their first and in their last character, in turn, thousands of times: the
guard by itself, and over HTTP. Prints medians and how far apart they are, beside how far apart two
halves of the same key's times are: that is chance. The last line is one JSON object.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, cast

from starlette.datastructures import Headers

from engine.server.access import Access
from engine.server.guard import Guard
from tests.engine.server.serving import KEY, serving

KEYS = {"first": "x" + KEY[1:], "last": KEY[:-1] + "x"}
IN_GUARD, BY_HTTP = 100_000, 5_000


def main() -> None:
    figures = in_guard() | by_http()
    print(json.dumps(figures))


def in_guard() -> dict[str, float]:
    guard = Guard(cast("Any", None), Access(KEY), 4141)
    headers = {name: Headers({"authorization": f"Bearer {key}"}) for name, key in KEYS.items()}
    return compared("guard_ns", lambda name: guard._has_key(headers[name]), IN_GUARD, 1e9)


def by_http() -> dict[str, float]:
    with serving() as served, closing(HTTPConnection("127.0.0.1", served.server.port)) as client:

        def ask(name: str) -> None:
            client.request("GET", "/v1/models", headers={"authorization": f"Bearer {KEYS[name]}"})
            client.getresponse().read()

        return compared("http_us", ask, BY_HTTP, 1e6)


def compared(unit: str, ask: Callable[[str], object], times: int, scale: float) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in KEYS}
    chance = random.Random(0)
    for _ in range(times):
        for name in chance.sample([*KEYS], len(KEYS)):
            begun = time.perf_counter()
            ask(name)
            found[name].append((time.perf_counter() - begun) * scale)
    first, last = (statistics.median(taken) for taken in found.values())
    halves = [statistics.median(found["first"][half::2]) for half in (0, 1)]
    return {
        f"{unit}_wrong_at_first": round(first, 2),
        f"{unit}_wrong_at_last": round(last, 2),
        f"{unit}_apart": round(last - first, 2),
        f"{unit}_chance": round(abs(halves[0] - halves[1]), 2),
    }


if __name__ == "__main__":
    main()
