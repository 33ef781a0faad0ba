"""A text that the model goes on with, without any conversation around it."""

from __future__ import annotations

from engine.errors import BadRequest
from engine.protocols import ChatFormat, Prompt
from engine.types import CompletionRequest


def completion_prompt(chat_format: ChatFormat, request: CompletionRequest) -> Prompt:
    """Raises BadRequest for no text at all and for ids that are no tokens."""
    text = request.prompt
    ids = [*(chat_format.encode(text) if isinstance(text, str) else text)]
    if not ids:
        raise BadRequest("The prompt is empty: there is nothing to go on with.", "prompt")
    for token in ids:
        if token < 0 or not chat_format.token_bytes(token):
            raise BadRequest(f"{token} is not a token of this model.", "prompt")
    return Prompt(ids)
