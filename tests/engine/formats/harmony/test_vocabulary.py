from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadModelFolder
from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import (
    CALL,
    END,
    LOGITS,
    ORDINARY_TOKENS,
    RETURN,
    START,
    Vocabulary,
)


def test_the_tokens_are_openais_own(vocabulary: Vocabulary) -> None:
    vocabulary.check()
    assert vocabulary.tiktoken_file().startswith(b"IQ== 0\n")
    assert len(vocabulary.tokens) == ORDINARY_TOKENS
    assert vocabulary.controls["<|call|>"] == CALL


def test_control_tokens_and_unknown_ids_have_no_bytes(vocabulary: Vocabulary) -> None:
    for token in (START, END, RETURN, 200_019, LOGITS, 10**9, -1):
        assert vocabulary.bytes_of(token) == b""


def test_control_tokens_are_named_where_bytes_are_asked_for(form: HarmonyFormat) -> None:
    assert form.token_bytes(START) == b"<|start|>"
    assert form.token_bytes(form.encode("é")[0]) == "é".encode()
    assert form.token_bytes(LOGITS + 5) == b""


def test_other_tokens_are_refused(tmp_path: Path, gpt_oss_tokenizer: Path) -> None:
    text = gpt_oss_tokenizer.read_text("utf-8")
    (tmp_path / "tokenizer.json").write_text(text.replace('"!": 0', '"!!!!!": 0', 1), "utf-8")
    with pytest.raises(BadModelFolder, match="not the one of gpt-oss"):
        HarmonyFormat.read(tmp_path)


def test_another_pattern_is_refused(tmp_path: Path, gpt_oss_tokenizer: Path) -> None:
    text = gpt_oss_tokenizer.read_text("utf-8")
    (tmp_path / "tokenizer.json").write_text(text.replace("{1,3}", "{1,4}"), "utf-8")
    with pytest.raises(BadModelFolder, match="not the one of gpt-oss"):
        HarmonyFormat.read(tmp_path)


def test_other_control_tokens_are_refused(tmp_path: Path, gpt_oss_tokenizer: Path) -> None:
    text = gpt_oss_tokenizer.read_text("utf-8")
    (tmp_path / "tokenizer.json").write_text(text.replace("<|call|>", "<|cell|>"), "utf-8")
    with pytest.raises(BadModelFolder, match="other control tokens"):
        HarmonyFormat.read(tmp_path)


SPLIT = '"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "a"}}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"added_tokens": [], "model": {"vocab": 3}}',
        f'{{"added_tokens": [3], {SPLIT}, "model": {{"vocab": {{}}}}}}',
        f'{{"added_tokens": [], {SPLIT}, "model": {{"vocab": {{"a": "b"}}}}}}',
        f'{{"added_tokens": [], {SPLIT}, "model": {{"vocab": 3}}}}',
        '{"added_tokens": [], "pre_tokenizer": null, "model": {"vocab": {}}}',
        '{"added_tokens": ' + "[" * 100_000,
    ],
)
def test_a_damaged_tokenizer_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokenizer.json").write_text(text, "utf-8")
    with pytest.raises(BadModelFolder, match="is damaged"):
        HarmonyFormat.read(tmp_path)


def test_a_missing_tokenizer_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadModelFolder, match="cannot be read"):
        HarmonyFormat.read(tmp_path)
