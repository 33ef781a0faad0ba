"""openai-harmony's vocabulary file, made from gpt-oss's tokenizer.json: nothing is downloaded."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from engine.formats.byte_level import byte_of_character

ORDINARY_TOKENS = 199_998


def write_tiktoken_file(tokenizer: Path, folder: Path) -> None:
    """o200k_base.tiktoken in `folder`: one line "base64 rank" for each ordinary token."""
    vocabulary = json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"]
    byte_of = byte_of_character()
    lines = [b""] * ORDINARY_TOKENS
    for token, rank in vocabulary.items():
        if rank < ORDINARY_TOKENS:
            lines[rank] = base64.b64encode(bytes(byte_of[c] for c in token)) + b" %d\n" % rank
    (folder / "o200k_base.tiktoken").write_bytes(b"".join(lines))
