"""Decoders as optimum exports them: imported, asked, and compared with transformers.

make test-oracle
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.cancellation import Cancellation, Cancelled
from engine.generate import generate
from engine.loading import open_model
from engine.model import Model
from engine.models.folder import find_models
from engine.models.importing import copy_in, use_in_place
from engine.types import ChatRequest, Finished, Message, Role, Sampling, TextDelta
from tests.oracle.environment import run_in_oracle

QUESTION = ChatRequest((Message.of(Role.USER, "Grüß Gott, what is the weather in Paris?"),))
EXACT = 1e-4
"""The logits' standard deviation is about 3."""

Reference = dict[str, NDArray[Any]]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    run_in_oracle("optimum_export.py", folder)
    return folder


@pytest.fixture(params=["llama", "qwen2", "gpt2"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reference(exports: Path, name: str) -> Reference:
    return dict(np.load(exports / f"{name}.npz"))


@pytest.fixture
def model(exports: Path, name: str, tmp_path: Path) -> Model:
    """Imported as a user would, found, and opened."""
    use_in_place(exports / name, tmp_path)
    (found,) = find_models([tmp_path])
    return open_model(found.path, Cancellation())


def test_the_prompt_is_transformers_own(model: Model, reference: Reference) -> None:
    assert model.format.render(QUESTION).ids == reference["prompt"].tolist()


@pytest.mark.parametrize("chunk", [1000, 7])
def test_every_logit_is_transformers_own(model: Model, reference: Reference, chunk: int) -> None:
    check_answer(model, reference, chunk)


def check_answer(model: Model, reference: Reference, chunk: int = 1000) -> None:
    """The prompt as far as it is not in the cache, then each token of the answer."""
    prompt: list[int] = reference["prompt"].tolist()
    start = model.decoder.reuse(prompt)
    logits = None
    for begin in range(start, len(prompt), chunk):
        logits = model.decoder.prefill(prompt[begin : begin + chunk], Cancellation())
    for token, expected in zip(reference["tokens"].tolist(), reference["logits"], strict=True):
        assert logits is not None
        assert np.abs(logits.all() - expected).max() < EXACT
        logits = model.decoder.decode(token, Cancellation())


def test_conversations_come_and_go(model: Model, reference: Reference) -> None:
    """One that goes on, one that goes back, one that waited, and one after a cancel."""
    prompt: Sequence[int] = reference["prompt"].tolist()
    check_answer(model, reference)
    assert model.decoder.reuse([*prompt, 5]) == len(prompt)
    check_answer(model, reference)
    model.decoder.reuse([*range(30, 90)] * 9)
    model.decoder.prefill([*range(30, 90)] * 9, Cancellation())
    check_answer(model, reference)
    cancelled = Cancellation()
    cancelled.set()
    with pytest.raises(Cancelled):
        model.decoder.decode(5, cancelled)
    check_answer(model, reference)


def test_it_answers_a_question(model: Model) -> None:
    greedy = ChatRequest(QUESTION.messages, sampling=Sampling(temperature=0), max_tokens=8)
    *said, finished = generate(model, greedy, Cancellation())
    assert isinstance(finished, Finished)
    assert any(isinstance(event, TextDelta) for event in said)


def test_a_copy_is_whole_too(exports: Path, name: str, tmp_path: Path) -> None:
    copied = copy_in(exports / name, tmp_path, lambda *_: None, Cancellation())
    assert [found.id for found in find_models([tmp_path])] == [copied.id] == [name]
    assert open_model(copied.path, Cancellation()).info.context_length == 2048
