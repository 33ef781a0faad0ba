"""HarmonyFormat: how gpt-oss is spoken to, and how it answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from engine.cancellation import Cancellation
from engine.formats.constraint import Constraint
from engine.formats.harmony.grammar import HarmonyGrammars
from engine.formats.harmony.memory import WrittenMessages
from engine.formats.harmony.parser import HarmonyParser, Words
from engine.formats.harmony.prompt import PromptMessage, messages_of
from engine.formats.harmony.tokenizer import Tokenizer
from engine.formats.harmony.tool_names import ToolNames
from engine.formats.harmony.vocabulary import (
    CALL,
    CHANNEL,
    CONSTRAIN,
    END,
    MESSAGE,
    START,
    STOPS,
    Vocabulary,
)
from engine.models.folder import TOKENIZER_FILE
from engine.protocols import Prompt
from engine.types import ChatRequest, Role


class HarmonyFormat:
    """A ChatFormat. It remembers the ids of what the model has written, across conversations."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokenizer = Tokenizer(vocabulary)
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

    def render(self, request: ChatRequest, cancellation: Cancellation | None = None) -> Prompt:
        """Tools are shown even where none may be called: the KV cache of their text lives on, and
        the grammar forbids the call. Raises BadRequest, Cancelled between two messages.
        """
        ids: list[int] = []
        turns: list[int] = []
        for message in messages_of(request, tool_names(request), date.today()):
            if cancellation is not None:
                cancellation.check()
            if message.author == Role.USER:
                turns.append(len(ids))
            ids += self._ids_of(message)
        return Prompt([*ids, START, *self.words.assistant], tuple(turns))

    def parser(self, request: ChatRequest) -> HarmonyParser:
        remember = self._written.remember
        return HarmonyParser(self._vocabulary, self.words, tool_names(request), remember)

    def grammar(self, request: ChatRequest, cancellation: Cancellation | None = None) -> Constraint:
        """Raises BadRequest for a JSON schema that cannot be kept, Cancelled."""
        choice, names = request.tool_choice, tool_names(request)
        callable_tools = {
            names.shown(tool.name): tool
            for tool in request.tools
            if not choice.names or tool.name in choice.names
        }
        answer = request.json_answer
        return self._grammars.make(choice.mode, callable_tools, answer, cancellation)

    def token_bytes(self, token: int) -> bytes:
        return self._vocabulary.bytes_of(token) or self._names_of.get(token, "").encode()

    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of plain text; control tokens in it are plain text too. Raises BadRequest."""
        return tuple(self._tokenizer.encode(text))

    def forget(self) -> None:
        """What the model has written will be encoded anew."""
        self._written = WrittenMessages()

    def _ids_of(self, message: PromptMessage) -> list[int]:
        """Encode a message, unless the model wrote it: then its ids are known."""
        known = self._written.find(message.key) if message.key else None
        if known is not None:
            return [START, *self.words.assistant, *known]
        end = CALL if message.is_call else END
        return [*self._header_of(message), MESSAGE, *self._tokenizer.encode(message.text), end]

    def _header_of(self, message: PromptMessage) -> list[int]:
        encode = self._tokenizer.encode
        header = [START, *encode(message.author)]
        if message.recipient is not None:
            header += encode(f" to={message.recipient}")
        if message.channel is not None:
            header += [CHANNEL, *encode(message.channel)]
        if message.is_call:
            header += [*encode(" "), CONSTRAIN, *encode("json")]
        return header


def tool_names(request: ChatRequest) -> ToolNames:
    return ToolNames(tool.name for tool in request.tools)
