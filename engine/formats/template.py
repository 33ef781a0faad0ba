"""Models whose conversations are written by a Jinja chat template, such as the starter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from llguidance import LLTokenizer
from tokenizers import Tokenizer

from engine.cancellation import Cancellation
from engine.errors import BadModelFolder, BadRequest
from engine.formats.byte_level import token_bytes
from engine.formats.chat_template import ChatTemplate
from engine.formats.constraint import Constraint, ConstraintMaker, HeldSchema
from engine.formats.text import TextParser
from engine.models.folder import TOKENIZER_FILE
from engine.protocols import Prompt
from engine.types import ChatRequest, Role, ToolMode

NO_TOOLS = "The loaded model cannot use tools."
NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)]
"""Unicode reserves these for internal use: they never stand in real text."""


class TemplateFormat:
    """A ChatFormat of a tokenizer, a chat template and the ids that end an answer."""

    def __init__(
        self, tokenizer: Tokenizer, template: ChatTemplate, stop_tokens: Iterable[int]
    ) -> None:
        self._tokenizer = tokenizer
        # What is encoded below is always text between control tokens, never one of them.
        self._tokenizer.encode_special_tokens = True
        self._controls = control_tokens(tokenizer)
        self._template = template
        self._stop_tokens = frozenset(stop_tokens)

    @cached_property
    def _constraints(self) -> ConstraintMaker:
        """Made where it is first asked for: it takes a moment."""
        size = self._tokenizer.get_vocab_size()
        end = min(self._stop_tokens)
        return ConstraintMaker(LLTokenizer(self._tokenizer.to_str(), size, end, slices=[]), size)

    @classmethod
    def read(cls, folder: Path, stop_tokens: Iterable[int]) -> TemplateFormat:
        """From tokenizer.json and the chat template. Raises BadModelFolder."""
        try:
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        except Exception as error:  # tokenizers raises bare Exception
            raise BadModelFolder(f"{folder / TOKENIZER_FILE} is damaged: {error}") from None
        if not is_byte_level(tokenizer):
            raise BadModelFolder(
                f"{folder / TOKENIZER_FILE} is of a kind that Hearth cannot read: its tokens are "
                "not of bytes, as those of GPT-2 and most newer models are."
            )
        return cls(tokenizer, ChatTemplate.read(folder), stop_tokens)

    @property
    def stop_tokens(self) -> frozenset[int]:
        return self._stop_tokens

    def encode(self, text: str) -> Sequence[int]:
        """Encode as a batch of one: unlike `encode`, that lets other threads run meanwhile."""
        return self._tokenizer.encode_batch_fast([text], add_special_tokens=False)[0].ids

    def render(self, request: ChatRequest, cancellation: Cancellation | None = None) -> Prompt:
        """The prompt's ids, ready for the assistant's answer.

        Raises BadRequest where the template refuses the conversation, and for tools, of which
        these models know nothing; Cancelled between two messages.
        """
        if request.tools and request.tool_choice.mode is not ToolMode.NONE:
            raise BadRequest(
                f"{NO_TOOLS} Leave 'tools' out, or set 'tool_choice' to 'none'.", "tools"
            )
        if any(message.role is Role.TOOL or message.tool_calls for message in request.messages):
            raise BadRequest(f"{NO_TOOLS} Leave out calls and their results.", "messages")
        disguise = _Disguise(self._controls, [message.text for message in request.messages])
        messages = [
            {"role": _role(message.role), "content": disguise.put_on(message.text)}
            for message in request.messages
        ]
        try:
            prompt = self._template.render(messages)
        except TemplateError as error:
            raise BadRequest(
                f"This model cannot read such a conversation: {error}", "messages"
            ) from None
        return Prompt(self._encode(prompt, disguise, cancellation or Cancellation()))

    def parser(self, request: ChatRequest) -> TextParser:
        return TextParser(self.token_bytes, {*self._stop_tokens, *self._controls.values()})

    def grammar(
        self, request: ChatRequest, cancellation: Cancellation | None = None
    ) -> Constraint | None:
        answer = request.json_answer
        if answer is None:
            return None
        end = f"<[{min(self._stop_tokens)}]>"

        def write(rules: Sequence[str]) -> str:
            return f"start: answer {end}\nanswer: {rules[0]}"

        return self._constraints.make(write, [HeldSchema.of_answer(answer)], cancellation)

    def token_bytes(self, token: int) -> bytes:
        return token_bytes(self._tokenizer.id_to_token(token) or "")

    def _encode(self, prompt: str, disguise: _Disguise, cancellation: Cancellation) -> list[int]:
        ids: list[int] = []
        for piece in _split(prompt, self._controls):
            cancellation.check()
            control = self._controls.get(piece)
            if control is not None:
                ids.append(control)
            elif piece:
                text = disguise.take_off(piece)
                ids += self.encode(text)
        return ids


class _Disguise:
    """Hides control tokens that people wrote in their messages from the split by control tokens.

    A user who writes <|im_end|> means these ten letters: to take them as the end of the turn would
    let a pasted page speak in the system's name.
    """

    def __init__(self, controls: Mapping[str, int], texts: Sequence[str]) -> None:
        self._controls = sorted(controls, key=len, reverse=True)
        used = set("".join(texts))
        self._open, self._close = [mark for mark in NONCHARACTERS if mark not in used][:2]

    def put_on(self, text: str) -> str:
        for number, control in enumerate(self._controls):
            text = text.replace(control, f"{self._open}{number}{self._close}")
        return text

    def take_off(self, text: str) -> str:
        mark = re.compile(f"{self._open}(\\d+){self._close}")
        return mark.sub(lambda found: self._controls[int(found[1])], text)


def control_tokens(tokenizer: Tokenizer) -> dict[str, int]:
    """Text to id of the added tokens that are marked special."""
    added = tokenizer.get_added_tokens_decoder()
    return {token.content: number for number, token in added.items() if token.special}


def is_byte_level(tokenizer: Tokenizer) -> bool:
    """Whether a token's text is bytes in GPT-2's alphabet."""
    decoder: dict[str, Any] = json.loads(tokenizer.to_str())["decoder"] or {}
    kinds: list[dict[str, Any]] = [decoder, *decoder.get("decoders", ())]
    return any(kind.get("type") == "ByteLevel" for kind in kinds)


def _split(prompt: str, controls: Iterable[str]) -> list[str]:
    """The prompt cut before and after each control token, longest names first."""
    names = sorted(controls, key=len, reverse=True)
    return re.split(f"({'|'.join(map(re.escape, names))})", prompt) if names else [prompt]


def _role(role: Role) -> str:
    return "system" if role is Role.DEVELOPER else str(role)
