"""Counts the answers to 100 ordinary questions that repeat themselves.

    .venv/bin/python -m tests.bench.loops MODEL_FOLDER ANSWERS.jsonl [SAMPLING]

SAMPLING is JSON with fields of SamplingDefaults that replace the model's, for example
'{"dry_multiplier": 0}'. Each answer is written to ANSWERS.jsonl. The last line is one JSON object.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.cancellation import Cancellation
from engine.generate import generate
from engine.loading import open_model
from engine.model import Model
from engine.repetition import LoopDetector
from engine.types import ChatRequest, Finished, Message, Role, Sampling, TextDelta

QUESTIONS = Path(__file__).with_name("questions.txt")
MOST_TOKENS = 600
REPEATED_TOKENS = 200
"""How many tokens of repetition count as a loop here; the program ends loops much later."""


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    text: str
    tokens: list[int]
    is_whole: bool
    """The model ended the answer."""
    has_loop: bool


def main() -> None:
    folder, answers, *changes = sys.argv[1:]
    model = open_model(Path(folder), Cancellation())
    sampling = replace(model.info.sampling, **json.loads(changes[0] if changes else "{}"))
    model = replace(model, info=replace(model.info, sampling=sampling))
    found: list[Answer] = []
    with Path(answers).open("w", encoding="utf-8") as file:
        for seed, question in enumerate(QUESTIONS.read_text("utf-8").splitlines()):
            found.append(answer_of(model, question, seed))
            file.write(json.dumps(asdict(found[-1]), ensure_ascii=False) + "\n")
    print(json.dumps({**asdict(sampling), **summary(found)}))


def answer_of(model: Model, question: str, seed: int) -> Answer:
    request = ChatRequest(
        (Message.of(Role.USER, question),), Sampling(seed=seed), MOST_TOKENS, top_logprobs=0
    )
    events = [*generate(model, request, Cancellation())]
    deltas = [event for event in events if isinstance(event, TextDelta)]
    tokens = [entry.token_id for delta in deltas for entry in delta.logprobs]
    finished, detector = events[-1], LoopDetector(model.format.token_bytes, REPEATED_TOKENS)
    assert isinstance(finished, Finished)
    return Answer(
        question,
        "".join(delta.text for delta in deltas),
        tokens,
        is_whole=finished.reason == "stop" and not finished.is_loop,
        has_loop=any(detector.add(token) for token in tokens),
    )


def summary(answers: Sequence[Answer]) -> dict[str, float]:
    """Sum up all answers. `distinct` is the mean share of different ones among the runs of 4 tokens
    of an answer, 1 where no run occurs twice."""
    return {
        "answers": len(answers),
        "loops": sum(answer.has_loop for answer in answers),
        "whole": sum(answer.is_whole for answer in answers),
        "median_tokens": statistics.median(len(answer.tokens) for answer in answers),
        "distinct": round(statistics.mean(distinct(answer.tokens) for answer in answers), 3),
    }


def distinct(tokens: Sequence[int], length: int = 4) -> float:
    runs = [*zip(*(tokens[start:] for start in range(length)), strict=False)]
    return len({*runs}) / len(runs) if runs else 1.0


if __name__ == "__main__":
    main()
