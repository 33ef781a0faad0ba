"""Between text completions and the engine's values: pure functions.

Source: OpenAI's API reference, the completion object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from engine.errors import BadRequest
from engine.server import convert
from engine.server.completions.wire import DEFAULT_TOKENS, MAX_CHOICES, CompletionRequestBody
from engine.server.stream import Json
from engine.types import CompletionRequest, TextDelta, TokenLogprob

Prompt = str | tuple[int, ...]


def completion_requests(body: CompletionRequestBody) -> list[CompletionRequest]:
    """One for each prompt and choice. Raises BadRequest."""
    prompts = prompts_of(body)
    if body.suffix:
        raise BadRequest("Nothing can be put before a 'suffix': leave it out.", "suffix")
    if body.best_of not in (None, body.n or 1):
        raise BadRequest("All answers are returned: 'best_of' can only be 'n'.", "best_of")
    if body.echo and not all(isinstance(prompt, str) for prompt in prompts):
        raise BadRequest("Only a prompt of text can be echoed.", "echo")
    if body.echo and body.logprobs is not None:
        reason = "The prompt's own logprobs are not known: leave 'echo' or 'logprobs' out."
        raise BadRequest(reason, "logprobs")
    if len(prompts) * (body.n or 1) > MAX_CHOICES:
        raise BadRequest(f"At most {MAX_CHOICES} answers at once.", "prompt")
    base = CompletionRequest(
        prompt="",
        sampling=convert.sampling(body),
        max_tokens=convert.token_limit(body.max_tokens, default=DEFAULT_TOKENS),
        stop=tuple(body.stop or ()),
        top_logprobs=body.logprobs,
    )
    seeds = convert.seeds(base.sampling, body.n or 1)
    return [
        replace(base, prompt=prompt, sampling=sampling) for prompt in prompts for sampling in seeds
    ]


def prompts_of(body: CompletionRequestBody) -> list[Prompt]:
    """Text or token ids, one or many of them."""
    if isinstance(body.prompt, str):
        return [body.prompt]
    if not body.prompt:
        raise BadRequest("The prompt is empty: there is nothing to go on with.", "prompt")
    ids = tuple(one for one in body.prompt if isinstance(one, int))
    if ids:
        return [ids]
    many = (one for one in body.prompt if not isinstance(one, int))
    return [one if isinstance(one, str) else tuple(one) for one in many]


def choice(
    index: int, deltas: Sequence[TextDelta], reason: str | None, before: str = "", offset: int = 0
) -> Json:
    text = before + convert.text_of(deltas)
    return {
        "index": index,
        "text": text,
        "logprobs": logprobs(deltas, offset + len(before)),
        "finish_reason": reason,
    }


def logprobs(deltas: Iterable[TextDelta], offset: int) -> Json | None:
    """In the old form, of lists side by side. `offset` is where the first token's text begins."""
    entries = [entry for delta in deltas for entry in delta.logprobs]
    if not entries:
        return None
    texts = [convert.token_text(entry) for entry in entries]
    return {
        "tokens": texts,
        "token_logprobs": [convert.logprob(entry) for entry in entries],
        "top_logprobs": [top_logprobs(entry) for entry in entries],
        "text_offset": list(_offsets(texts, offset)),
    }


def _offsets(texts: Iterable[str], start: int) -> Iterator[int]:
    for text in texts:
        yield start
        start += len(text)


def top_logprobs(entry: TokenLogprob) -> dict[str, float]:
    return {convert.token_text(top): convert.logprob(top) for top in entry.top}
