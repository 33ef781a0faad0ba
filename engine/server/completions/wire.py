"""The shape of requests to /v1/completions, as clients send them."""

from __future__ import annotations

from pydantic import Field

from engine.server.wire import (
    MAX_NAME,
    MAX_TOP_LOGPROBS,
    Many,
    SamplingFields,
    Stops,
    StreamOptions,
    TokenCount,
    Tokens,
)

MAX_CHOICES = 16
DEFAULT_TOKENS = 16
"""OpenAI's."""


class CompletionRequestBody(SamplingFields):
    model: str = Field(max_length=MAX_NAME)
    prompt: str | Tokens | Many[str | Tokens]
    max_tokens: TokenCount | None = None
    stop: Stops | None = None
    logprobs: int | None = Field(None, ge=0, le=MAX_TOP_LOGPROBS)
    n: int | None = Field(None, ge=1, le=MAX_CHOICES)
    best_of: int | None = None
    echo: bool | None = None
    suffix: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
