"""How far the starter's logits are from transformers' in float32, on the same GGUF.

    make oracle

Prints one JSON line each for the model as it is shipped (int8 activations) and for the same
weights with float32 activations, whose kernels are slow: it shows that the weights lose nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from engine.cancellation import Cancellation
from engine.formats.template import TemplateFormat
from engine.models.folder import ModelFolder
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.devices import choose_placement
from engine.types import ChatRequest, Message, Role
from installers import starter
from tests.float32 import float32_copy
from tests.oracle.environment import run_in_oracle

ROOT = Path(__file__).resolve().parents[2]
TOKENS = 64
QUESTIONS = (
    "Name three primary colours.",
    "What is the capital of France?",
    "Explain how a bicycle stays upright.",
    "Write a short poem about the sea.",
    "List five uses of a paper clip.",
    "Why is the sky blue?",
    "Translate 'good morning' into Spanish.",
    "What is 17 + 25?",
    "Give me a recipe for pancakes.",
    "Who wrote Hamlet?",
    "def fibonacci(n):  # finish this function",
    "Summarise: the train was late, so we missed the ferry and slept in the harbour.",
    "What do plants need to grow?",
    "Tell me a joke about computers.",
    "Describe a snowflake to someone who has never seen snow.",
    "What is the difference between a lake and a pond?",
    "Write a polite e-mail that declines an invitation.",
    "How many minutes are there in a day?",
    "Was bedeutet das Wort Feuer?",
    "Name a fruit that is yellow and one that is red.",
    "What is JSON? Show an example.",
    "Count from one to ten.",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        reference = reference_answers(folder)
        shipped = ROOT / "resources" / "models" / starter.FOLDER
        report("as shipped, int8 activations", shipped, reference)
        exact = float32_copy(shipped, folder / "float32")
        report("float32 activations", exact, reference)


def reference_answers(folder: Path) -> dict[str, Any]:
    """By transformers, in its own environment; prompts and answers as token ids."""
    prompts, out = folder / "prompts.json", folder / "reference.npz"
    prompts.write_text(json.dumps({"questions": QUESTIONS, "tokens": TOKENS}), "utf-8")
    gguf = starter.fetch(ROOT, Path(sys.executable), folder)
    run_in_oracle("reference.py", gguf, prompts, out)
    return dict(np.load(out))


def report(name: str, path: Path, reference: dict[str, Any]) -> None:
    """Both are fed the reference's answer, so that one different token does not end the matter."""
    folder = ModelFolder.read(path)
    decoder = OnnxDecoder.open(folder, choose_placement([]), Cancellation())
    form = TemplateFormat.read(path, folder.stop_tokens)
    differences, spreads, equal = [], [], 0
    for number, question in enumerate(QUESTIONS):
        prompt = form.render(ChatRequest((Message.of(Role.USER, question),))).ids
        assert prompt == reference[f"prompt.{number}"].tolist(), f"other ids for {question!r}"
        answer = reference[f"tokens.{number}"].tolist()
        expected = reference[f"logits.{number}"]
        ours = teacher_forced(decoder, prompt, answer)
        differences.append(np.abs(ours - expected))
        spreads.append(expected.std(axis=1).mean())
        equal += int((ours.argmax(axis=1) == np.array(answer)).sum())
    total = len(QUESTIONS) * TOKENS
    result = {
        "model": name,
        "largest_difference": round(float(max(d.max() for d in differences)), 6),
        "mean_difference": round(float(np.mean([d.mean() for d in differences])), 6),
        "standard_deviation_of_logits": round(float(np.mean(spreads)), 3),
        "equal_greedy_tokens": f"{equal} of {total}",
        "share": round(equal / total, 4),
    }
    print(json.dumps(result), flush=True)


def teacher_forced(decoder: OnnxDecoder, prompt: list[int], answer: list[int]) -> Any:
    """Logits [len(answer), vocabulary] before each token of the answer."""
    cancellation = Cancellation()
    decoder.reset()
    rows = [decoder.prefill(prompt, cancellation).all().copy()]
    rows += [decoder.decode(token, cancellation).all().copy() for token in answer[:-1]]
    return np.stack(rows)


if __name__ == "__main__":
    main()
