"""Reads the log probabilities of a choice."""

from __future__ import annotations

from collections.abc import Iterator

from engine.remote.values import Json, list_in, object_in, text_in
from engine.types import TokenLogprob

NO_TOKEN = -1
"""Servers send a token's text and not its number."""
LOWEST = -9999.0
"""OpenAI's value for a token that is very improbable; some servers send null or -Infinity."""


def logprobs_in(choice: Json) -> tuple[TokenLogprob, ...]:
    """Return the tokens of a choice. Entries without a token are left out."""
    entries = list_in(object_in(choice.get("logprobs")).get("content"))
    return tuple(found for entry in entries for found in entry_in(object_in(entry)))


def entry_in(entry: Json) -> Iterator[TokenLogprob]:
    if token := token_in(entry):
        tops = map(object_in, list_in(entry.get("top_logprobs")))
        top = tuple(
            TokenLogprob(NO_TOKEN, one, logprob_in(fields))
            for fields in tops
            if (one := token_in(fields))
        )
        yield TokenLogprob(NO_TOKEN, token, logprob_in(entry), top)


def token_in(entry: Json) -> bytes:
    """Return the bytes of a token. A token that ends within a character has no text of its own."""
    values = [one for one in list_in(entry.get("bytes")) if isinstance(one, int)]
    if values and all(0 <= value < 256 for value in values):
        return bytes(values)
    return text_in(entry.get("token")).encode()


def logprob_in(entry: Json) -> float:
    value = entry.get("logprob")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return LOWEST
    return float(value) if LOWEST < value < 1 else LOWEST
