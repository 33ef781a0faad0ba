"""What a request of any API comes down to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.server.failures import Fields
from engine.server.stream import Reply
from engine.types import Request


@dataclass(frozen=True, slots=True)
class Asked:
    """`model` is the client's name for it; `reply` is given the model's own. `fields` are this
    API's names of those that the engine knows by those of chat completions."""

    model: str
    requests: Sequence[Request]
    reply: Callable[[str], Reply]
    is_stream: bool
    fields: Fields
