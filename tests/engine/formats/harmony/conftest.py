"""The real tokens of gpt-oss, read once for all tests of this room."""

from __future__ import annotations

from pathlib import Path

import openai_harmony
import pytest

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import Vocabulary
from tests.harmony_oracle import load_encoding


@pytest.fixture(scope="session")
def vocabulary(gpt_oss_tokenizer: Path) -> Vocabulary:
    return Vocabulary.read(gpt_oss_tokenizer)


@pytest.fixture(scope="session")
def encoding(vocabulary: Vocabulary) -> openai_harmony.HarmonyEncoding:
    return load_encoding(vocabulary)


@pytest.fixture(scope="session")
def shared_form(vocabulary: Vocabulary) -> HarmonyFormat:
    return HarmonyFormat(vocabulary)


@pytest.fixture
def form(shared_form: HarmonyFormat) -> HarmonyFormat:
    """As if it had just been read: it remembers nothing of other tests."""
    shared_form.forget()
    return shared_form
