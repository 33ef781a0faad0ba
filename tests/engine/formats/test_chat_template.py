"""Chat templates as models bring them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadModelFolder
from engine.formats.chat_template import ChatTemplate

SAID = [{"role": "user", "content": "Hi"}]
TEXT = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}{{ eos_token }}"


def write(folder: Path, config: Any = None, own: str | None = None) -> Path:
    if config is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    if own is not None:
        (folder / "chat_template.jinja").write_text(own, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("config", "own", "expected"),
    [
        (None, "{{ messages[0].content }}!", "Hi!"),
        ({"bos_token": "<s>", "eos_token": {"content": "</s>"}}, TEXT, "<s>Hi</s>"),
        ({"bos_token": "<s>", "eos_token": None, "chat_template": TEXT}, None, "<s>Hi"),
        (
            {
                "chat_template": [
                    {"name": "tool_use", "template": "x"},
                    {"name": "default", "template": "y"},
                ]
            },
            None,
            "y",
        ),
        ({"chat_template": "old"}, "new", "new"),
    ],
)
def test_a_template_is_found_with_its_tokens(
    tmp_path: Path, config: Any, own: str | None, expected: str
) -> None:
    assert ChatTemplate.read(write(tmp_path, config, own)).render(SAID) == expected


@pytest.mark.parametrize(
    ("config", "own", "words"),
    [
        (None, None, "has no chat template"),
        ({"chat_template": [{"name": "tool_use", "template": "x"}]}, None, "has no chat template"),
        (None, "{% if %}", "cannot be read"),
        ([], None, "cannot be read"),
    ],
)
def test_a_folder_without_a_template_says_so(
    tmp_path: Path, config: Any, own: str | None, words: str
) -> None:
    with pytest.raises(BadModelFolder, match=words):
        ChatTemplate.read(write(tmp_path, config, own))
