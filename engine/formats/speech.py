"""All that one request needs of the model's language: its prompt, and how its answer is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.cancellation import Cancellation
from engine.formats.completion import completion_prompt
from engine.formats.text import TextParser
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


def speech_of(chat_format: ChatFormat, request: Request, cancellation: Cancellation) -> Speech:
    """Raises BadRequest for what this family of models cannot express, Cancelled."""
    stops, token_bytes = chat_format.stop_tokens, chat_format.token_bytes
    if isinstance(request, ChatRequest):
        prompt, parser = chat_format.render(request, cancellation), chat_format.parser(request)
        grammar = chat_format.grammar(request, cancellation)
        return Speech(prompt, parser, grammar, stops, token_bytes)
    prompt = completion_prompt(chat_format, request)
    return Speech(prompt, TextParser(token_bytes, stops), None, stops, token_bytes)
