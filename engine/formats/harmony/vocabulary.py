"""The tokens of gpt-oss: the control tokens by name, the others' bytes from tokenizer.json."""

from __future__ import annotations

import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.errors import BadModelFolder
from engine.formats.byte_level import token_bytes

ENDOFTEXT, RETURN, CONSTRAIN, CHANNEL = 199999, 200002, 200003, 200005
START, END, MESSAGE, CALL = 200006, 200007, 200008, 200012

CONTROLS = {
    "<|endoftext|>": ENDOFTEXT,
    "<|return|>": RETURN,
    "<|constrain|>": CONSTRAIN,
    "<|channel|>": CHANNEL,
    "<|start|>": START,
    "<|end|>": END,
    "<|message|>": MESSAGE,
    "<|call|>": CALL,
}

STOPS = frozenset({ENDOFTEXT, RETURN, CALL})
"""What ends an answer. END is not among them: it ends a message, and more may follow."""

ORDINARY_TOKENS = 199_998
LOGITS = 201_088
"""The width of the output layer; most of the ids beyond the control tokens have no text."""

O200K_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
PATTERN_SHA256 = "2d1b8dc11e89af71459b36004f698ab3693f59fd84f63e8ec2b49564ab857420"
"""Of o200k_base.tiktoken, and of its pattern, as OpenAI publishes them (openai/tiktoken)."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`tokens` are the bytes of the ordinary tokens by id, `controls` the others' names to ids;
    `pattern` is the regular expression that splits text before the merges."""

    tokens: Sequence[bytes]
    controls: Mapping[str, int]
    pattern: str

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """From a tokenizer.json. Raises BadModelFolder."""
        try:
            text = path.read_text("utf-8")
            # The merges, four fifths of the file, follow from the ranks: they are not parsed.
            vocabulary = cast("dict[str, int]", _value(text, "vocab"))
            added = cast("list[dict[str, Any]]", _value(text, "added_tokens"))
            pattern = _pattern(_value(text, "pre_tokenizer"))
            controls = {str(one["content"]): int(one["id"]) for one in added}
            tokens = _in_order(vocabulary)
        except OSError as error:
            raise BadModelFolder(f"{path} cannot be read: {error}") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadModelFolder(f"{path} is damaged: {error}") from None
        if not controls.items() >= CONTROLS.items():
            raise BadModelFolder(f"{path} has other control tokens than gpt-oss.")
        return cls(tokens, controls, pattern)

    def bytes_of(self, token: int) -> bytes:
        """Empty for control tokens and for ids that stand for nothing."""
        return self.tokens[token] if 0 <= token < len(self.tokens) else b""

    def check(self) -> None:
        """Raises BadModelFolder for other tokens, or another pattern, than those of gpt-oss."""
        found = hash_of(self.tiktoken_file()), hash_of(self.pattern.encode())
        if found != (O200K_SHA256, PATTERN_SHA256):
            raise BadModelFolder("The model's tokenizer.json is not the one of gpt-oss.")

    def tiktoken_file(self) -> bytes:
        """Write the ordinary tokens as o200k_base.tiktoken has them."""
        return b"".join(
            [
                binascii.b2a_base64(token, newline=False) + b" %d\n" % rank
                for rank, token in enumerate(self.tokens)
            ]
        )


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _in_order(vocabulary: Mapping[str, int]) -> list[bytes]:
    tokens = [b""] * ORDINARY_TOKENS
    for token, rank in vocabulary.items():
        if 0 <= rank < ORDINARY_TOKENS:
            tokens[rank] = token_bytes(token)
    return tokens


def _value(text: str, key: str) -> Any:
    """The value of the first `key` in a JSON text, without parsing what stands before and after."""
    at = text.index(":", text.index(f'"{key}"')) + 1
    while text[at].isspace():
        at += 1
    return json.JSONDecoder().raw_decode(text, at)[0]


def _pattern(pre_tokenizer: Any) -> str:
    for step in pre_tokenizer.get("pretokenizers", [pre_tokenizer]):
        if step["type"] == "Split":
            return str(step["pattern"]["Regex"])
    raise ValueError("it has no pattern that splits text")
