"""Random sequences of prompts, steps and cancels on every layout of the KV cache.

Whatever came before, the logits are those of a decoder that has seen nothing else.
HEARTH_SEQUENCES=10000 runs so many sequences for each layout.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.cancellation import Cancellation, Cancelled
from engine.models.convert.gpt_oss import convert
from engine.models.convert.gpt_oss_weights import RECIPES
from engine.models.folder import ModelFolder
from engine.protocols import NextLogits
from engine.runtime import decoder, rows
from engine.runtime.decoder import OnnxDecoder
from engine.runtime.kvcache import common_prefix
from engine.runtime.placement import Placement, on_cpu
from engine.selftest.checkpoint import write_checkpoint
from engine.types import Device
from tests.engine.runtime.sessions import CapturingSession, InterruptedSession
from tests.public_layouts import as_onnxruntime

WINDOW = 8
SEQUENCES = int(os.environ.get("HEARTH_SEQUENCES", "60"))
CPU = on_cpu(Device("the CPU", "It is a test."), threads=1)
LAYOUTS = {
    "windowed with slack": replace(CPU, window_slack=9, saved_bytes=200_000),
    "windowed without slack": replace(
        CPU, window_slack=0, is_captured=True, run_sizes=(1, 4, 16), saved_bytes=200_000
    ),
    "full length": replace(CPU, saved_bytes=200_000),
    "concatenated": replace(CPU, saved_bytes=200_000),
}
CLOSE = 2e-4
"""Of logits whose standard deviation is about 1: float32 adds up in another order."""
GARBAGE = 7.7

ids = st.lists(st.integers(0, 30), max_size=40)
lost = st.one_of(st.floats(0, 0.99), st.integers(1, 16))
"""How much of an earlier prompt is left out: a share, or so many tokens of its end."""


@dataclass(frozen=True)
class Layout:
    """A model whose cache is laid out in one way, open for any number of decoders."""

    folder: ModelFolder
    placement: Placement
    session: ort.InferenceSession
    reference: OnnxDecoder

    def expected(self, tokens: Sequence[int]) -> np.ndarray:
        """Return the logits after `tokens` of a decoder that has seen nothing else."""
        self.reference.reset()
        return self.reference.prefill(tokens, Cancellation()).all().copy()


@pytest.fixture(scope="module")
def windowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four random layers in float32, two of them with a window of 8 tokens."""
    root = tmp_path_factory.mktemp("sequences")
    source = write_checkpoint(root / "checkpoint", layers=4, hidden=64, experts=4, window=WINDOW)
    (source / "tokenizer.json").write_text("{}", "utf-8")
    convert(source, root / "windowed", RECIPES["float32"], lambda *_: None, Cancellation())
    return root / "windowed"


@pytest.fixture(scope="module")
def full(windowed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a public export: every buffer has full length, every position its logits."""
    folder = tmp_path_factory.mktemp("sequences") / "full"
    shutil.copytree(windowed, folder)
    as_onnxruntime(folder)
    return folder


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest, windowed: Path, full: Path) -> Layout:
    name = request.param
    folder = ModelFolder.read(windowed if name.startswith("windowed") else full)
    reference = OnnxDecoder.open(folder, CPU, Cancellation())
    if name == "concatenated":
        folder = replace(folder, shares_buffers=False)
    placement = LAYOUTS[name]
    session = placement.load(folder, placement.session_options(), Cancellation())
    if placement.is_captured:
        session = cast("ort.InferenceSession", CapturingSession(session))
    return Layout(folder, placement, session, reference)


class Sequences(RuleBasedStateMachine):
    """Prompts share their beginnings with earlier ones, so that the cache goes back and forth."""

    prompts = Bundle("prompts")

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self._layout = layout
        self._session = InterruptedSession(layout.session)
        session = cast("ort.InferenceSession", self._session)
        self._patches = [
            patch.object(rows, "FIRST_CAPACITY_TOKENS", 16),
            patch.object(decoder, "WORTH_SAVING_TOKENS", 4),
        ]
        for one in self._patches:
            one.start()
        self._decoder = OnnxDecoder(session, layout.folder, layout.placement)
        self._session.on_torn = self._scramble
        self._tokens: list[int] = []
        self._turn: list[int] = []

    def teardown(self) -> None:
        for one in self._patches:
            one.stop()

    @initialize(target=prompts)
    def begin(self) -> list[int]:
        return []

    @rule(target=prompts, before=prompts, lost=lost, more=ids, chunk=st.integers(1, 40))
    def ask(self, before: list[int], lost: float, more: list[int], chunk: int) -> list[int]:
        """Prefill a prompt that begins as an earlier one does."""
        shared = round(len(before) - (lost if lost >= 1 else lost * len(before)))
        prompt = [*before[: max(0, shared)], *more, 0]
        kept = self._reuse(prompt)
        logits = [
            self._decoder.prefill(prompt[start : start + chunk], Cancellation())
            for start in range(kept, len(prompt), chunk)
        ]
        self._tokens = self._turn = prompt
        self._check(logits[-1])
        return prompt

    @rule(target=prompts, steps=st.integers(1, 24), token=st.integers(0, 30))
    @precondition(lambda self: self._tokens)
    def decode(self, steps: int, token: int) -> list[int]:
        """Answer: the conversation so far can be continued or branched from."""
        answer = [(token + step) % 31 for step in range(steps)]
        logits = [self._decoder.decode(one, Cancellation()) for one in answer]
        self._tokens = [*self._tokens, *answer]
        self._check(logits[-1])
        return self._tokens

    @rule()
    @precondition(lambda self: self._tokens)
    def ask_again(self) -> None:
        """Ask for what is there: only its last token runs."""
        assert self._reuse(self._tokens) == len(self._tokens) - 1
        self._check(self._decoder.prefill(self._tokens[-1:], Cancellation()))

    @rule()
    @precondition(lambda self: self._turn)
    def regenerate(self) -> None:
        """Go back to the end of the last prompt, whatever was decoded after it."""
        assert self._reuse(self._turn) == len(self._turn) - 1
        self._tokens = self._turn
        self._check(self._decoder.prefill(self._turn[-1:], Cancellation()))

    @rule(before=prompts, more=ids, runs=st.integers(1, 6), chunk=st.integers(2, 40))
    def cancel(self, before: list[int], more: list[int], runs: int, chunk: int) -> None:
        """Cancel a prefill in its n-th run, wherever that is."""
        prompt = [*before, *more, 1, 2]
        cancellation = Cancellation()
        left = iter(range(runs - 1, -1, -1))
        self._session.on_run = lambda: None if next(left, 0) else cancellation.set()
        kept = self._reuse(prompt)
        try:
            for start in range(kept, len(prompt), chunk):
                self._decoder.prefill(prompt[start : start + chunk], cancellation)
        except Cancelled:
            pass
        self._session.on_run = lambda: None
        self._tokens, self._turn = [*self._decoder.tokens], []
        assert self._tokens == prompt[: len(self._tokens)]

    @rule()
    def reset(self) -> None:
        self._decoder.reset()
        self._tokens = self._turn = []

    def _reuse(self, prompt: list[int]) -> int:
        before = [*self._decoder.tokens]
        kept = self._decoder.reuse(prompt)
        assert [*self._decoder.tokens] == prompt[:kept]
        assert kept < len(prompt)
        if not self._layout.folder.window.layers:
            assert kept >= min(common_prefix(before, prompt), len(prompt) - 1)
        return kept

    def _check(self, logits: NextLogits) -> None:
        assert [*self._decoder.tokens] == self._tokens
        found, expected = logits.all(), self._layout.expected(self._tokens)
        assert np.abs(found - expected).max() < CLOSE

    def _scramble(self) -> None:
        """Leave nothing of the rows that an interrupted run may have touched."""
        filled = len(self._decoder.tokens)
        cache: Any = self._decoder._cache
        windows = self._layout.folder.window.layers
        for (layer, _), past, present in cache.values():
            first = 0 if layer in windows else filled
            for value in (past, present):
                if layer in windows or value is present:
                    value.numpy()[0, :, first:] = GARBAGE


def test_whatever_came_before_the_logits_are_a_fresh_decoders(layout: Layout) -> None:
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    machine = cast("type[Sequences]", lambda: Sequences(layout))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=slow,
        ),
    )
