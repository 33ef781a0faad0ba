"""HarmonyFormat: how gpt-oss is spoken to, and how it answers."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import openai_harmony as harmony

from engine.errors import BadModelFolder, BadRequest
from engine.formats.constraint import Constraint
from engine.formats.harmony.grammar import HarmonyGrammars
from engine.formats.harmony.memory import WrittenMessages
from engine.formats.harmony.parser import HarmonyParser, Words
from engine.formats.harmony.prompt import Written, messages_of
from engine.formats.harmony.tool_names import ToolNames
from engine.formats.harmony.vocabulary import START, STOPS, Vocabulary
from engine.models.folder import TOKENIZER_FILE
from engine.protocols import Prompt
from engine.types import ChatRequest, Role

ENCODINGS_FOLDER = "TIKTOKEN_ENCODINGS_BASE"
ENCODING_FILE = "o200k_base.tiktoken"
LONGEST_RUN = 16_384
"""0.15 s; ten times as many take 13 s."""
RUN = re.compile(
    rf"[^\W\d_]{{{LONGEST_RUN}}}|\s{{{LONGEST_RUN}}}|[^\w\s]{{{LONGEST_RUN}}}|_{{{LONGEST_RUN}}}"
)


class HarmonyFormat:
    """A ChatFormat. It remembers the ids of what the model has written, across conversations."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._encoding = load_encoding(vocabulary)
        self._grammars = HarmonyGrammars(vocabulary)
        self._written = WrittenMessages()
        self._names_of = {number: name for name, number in vocabulary.controls.items()}
        self.words = Words(self.encode("assistant"), self.encode("final"))

    @classmethod
    def read(cls, folder: Path) -> HarmonyFormat:
        """From a model folder's tokenizer.json. Raises BadModelFolder."""
        return cls(Vocabulary.read(folder / TOKENIZER_FILE))

    @property
    def stop_tokens(self) -> frozenset[int]:
        return STOPS

    def render(self, request: ChatRequest) -> Prompt:
        """Tools are shown even where none may be called: the KV cache of their text lives on, and
        the grammar forbids the call. Raises BadRequest.
        """
        for message in request.messages:
            check_runs(message.text)
        ids: list[int] = []
        turns: list[int] = []
        has_tools = harmony.RenderOptions(conversation_has_function_tools=bool(request.tools))
        for message, key in messages_of(request, tool_names(request), date.today()):
            if str(message.author.role.value) == Role.USER:
                turns.append(len(ids))
            ids += self._render((message, key), has_tools)
        return Prompt([*ids, START, *self.words.assistant], tuple(turns))

    def parser(self, request: ChatRequest) -> HarmonyParser:
        remember = self._written.remember
        return HarmonyParser(self._vocabulary, self.words, tool_names(request), remember)

    def grammar(self, request: ChatRequest) -> Constraint:
        """Raises BadRequest for a JSON schema that cannot be kept."""
        choice, names = request.tool_choice, tool_names(request)
        callable_tools = {
            names.shown(tool.name): tool
            for tool in request.tools
            if not choice.names or tool.name in choice.names
        }
        return self._grammars.make(choice.mode, callable_tools, request.json_answer)

    def token_bytes(self, token: int) -> bytes:
        return self._vocabulary.bytes_of(token) or self._names_of.get(token, "").encode()

    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of plain text; control tokens in it are plain text too. Raises BadRequest."""
        check_runs(text)
        return tuple(self._encoding.encode(text, disallowed_special=()))

    def forget(self) -> None:
        """What the model has written will be encoded anew."""
        self._written = WrittenMessages()

    def _render(self, written: Written, options: harmony.RenderOptions) -> list[int]:
        message, key = written
        known = self._written.find(key) if key else None
        if known is not None:
            return [START, *self.words.assistant, *known]
        try:
            return self._encoding.render(message, options)
        except ValueError as error:  # such as half of a surrogate pair, which is no character
            raise BadRequest(
                f"A message or tool is not Unicode text or plain JSON: {error}", "messages"
            ) from None


def check_runs(text: str) -> None:
    """Raises BadRequest for text that the tokenizer would take minutes or hours for: the time grows
    with the square of such a run, and nothing can interrupt it."""
    if RUN.search(text):
        raise BadRequest(
            f"There are {LONGEST_RUN:,} letters, spaces or signs in a row: the model's tokenizer "
            "cannot read that in reasonable time.",
            "messages",
        )


def tool_names(request: ChatRequest) -> ToolNames:
    return ToolNames(tool.name for tool in request.tools)


def load_encoding(vocabulary: Vocabulary) -> harmony.HarmonyEncoding:
    """openai-harmony's encoding from the model's own tokens: it would fetch them otherwise.

    Raises BadModelFolder.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ENCODING_FILE).write_bytes(vocabulary.tiktoken_file())
        try:
            with environment(ENCODINGS_FOLDER, folder):
                return harmony.load_harmony_encoding(harmony.HarmonyEncodingName.HARMONY_GPT_OSS)
        except harmony.HarmonyError as error:
            raise BadModelFolder(
                f"openai-harmony cannot read the model's tokens: {error}"
            ) from None


@contextmanager
def environment(name: str, value: str) -> Generator[None]:
    """openai-harmony takes the folder from the environment only."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
