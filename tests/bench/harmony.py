"""What speaking Harmony costs: to load, to write a prompt, and for each token of an answer.

    .venv/bin/python -m tests.bench.harmony

The last line is one JSON object; times are the best of several rounds, as others may be at work.
"""

from __future__ import annotations

import json
import lzma
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from engine.formats.constraint import Constraint
from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import CHANNEL, MESSAGE
from engine.models.folder import TOKENIZER_FILE
from engine.protocols import OutputParser
from engine.types import ChatRequest, Message, Role, Tool

ROOT = Path(__file__).resolve().parents[2]
TOKENIZER = ROOT / "tests" / "data" / "gpt-oss" / "tokenizer.json.xz"
ROUNDS = 9
TOKENS = 8_000
PROMPT_TOKENS = 10_000
CITY = {"type": "object", "properties": {"city": {"type": "string", "description": "Where"}}}
TOOLS = tuple(Tool(f"tool_{number}", "Tells something.", CITY) for number in range(12))


def main() -> None:
    form, loading = load()
    text = (ROOT / "tests" / "bench" / "LOG.md").read_text("utf-8") * 10
    asked = conversation(form, text)
    answer = (CHANNEL, *form.words.final, MESSAGE, *form.encode(text)[:TOKENS])
    costs = {
        **loading,
        "prompt tokens": len(form.render(asked).ids),
        "render ms": best(lambda: form.render(asked)) * 1e3,
        "grammar ms": best(lambda: form.grammar(asked)) * 1e3,
        "parser us/token": best(lambda: parse(form.parser(asked), answer)) * 1e6 / TOKENS,
        "grammar us/token": best(lambda: follow(form.grammar(asked), answer)) * 1e6 / TOKENS,
    }
    print(json.dumps({name: round(cost, 3) for name, cost in costs.items()}))


def load() -> tuple[HarmonyFormat, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / TOKENIZER_FILE).write_bytes(lzma.decompress(TOKENIZER.read_bytes()))
        before, begun = resident(), time.perf_counter()
        form = HarmonyFormat.read(Path(folder))
        seconds = time.perf_counter() - begun
    return form, {"load s": seconds, "load MB": (resident() - before) / 1e6}


def conversation(form: HarmonyFormat, text: str) -> ChatRequest:
    """Messages of 200 tokens each, in turn."""
    size = 200 * len(text) // len(form.encode(text))
    messages = tuple(
        Message.of(role, text[at : at + size])
        for at, role in zip(
            range(0, PROMPT_TOKENS * size // 200, size),
            (Role.USER, Role.ASSISTANT) * PROMPT_TOKENS,
            strict=False,
        )
    )
    return ChatRequest(messages, tools=TOOLS)


def parse(parser: OutputParser, ids: Sequence[int]) -> None:
    for token in ids:
        parser.feed(token, None)


def follow(grammar: Constraint, ids: Sequence[int]) -> None:
    for token in ids:
        grammar.allowed()
        grammar.accept(token)


def resident() -> int:
    return psutil.Process().memory_info().rss


def best(work: Callable[[], object]) -> float:
    """Seconds."""
    times: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


if __name__ == "__main__":
    main()
