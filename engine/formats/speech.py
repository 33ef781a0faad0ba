"""All that one request needs of the model's language: its prompt, and how its answer is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.formats.completion import CompletionFormat
from engine.protocols import ChatFormat, Grammar, OutputParser, Prompt
from engine.types import ChatRequest, Request


@dataclass(frozen=True, slots=True)
class Speech:
    """`grammar` is None where the model may say anything."""

    prompt: Prompt
    parser: OutputParser
    grammar: Grammar | None
    stop_tokens: frozenset[int]
    token_bytes: Callable[[int], bytes]


def speech_of(chat_format: ChatFormat, request: Request) -> Speech:
    """Raises BadRequest for what this family of models cannot express."""
    if isinstance(request, ChatRequest):
        return Speech(
            chat_format.render(request),
            chat_format.parser(request),
            chat_format.grammar(request),
            chat_format.stop_tokens,
            chat_format.token_bytes,
        )
    completion = CompletionFormat(chat_format)
    return Speech(
        completion.render(request),
        completion.parser(),
        None,
        chat_format.stop_tokens,
        chat_format.token_bytes,
    )
