"""How a conversation is answered: a value that the library keeps with it as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, cast

from engine.types import Effort

LARGEST_TEMPERATURE = 2.0


@dataclass(frozen=True, slots=True)
class Manner:
    """`instructions` are said to the model before the conversation. None takes the model's own.
    With `has_tools` it may calculate and look at the clock."""

    effort: Effort = Effort.MEDIUM
    instructions: str = ""
    temperature: float | None = None
    top_p: float | None = None
    has_tools: bool = False

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Manner:
        """What another version wrote and this one does not know is passed over."""
        stored = cast("dict[str, Any]", json.loads(text))
        effort, instructions = stored.get("effort"), stored.get("instructions")
        return cls(
            effort=Effort(effort) if effort in [*Effort] else Effort.MEDIUM,
            instructions=instructions if isinstance(instructions, str) else "",
            temperature=_within(stored.get("temperature"), LARGEST_TEMPERATURE),
            top_p=_within(stored.get("top_p"), 1.0),
            has_tools=stored.get("has_tools") is True,
        )


USUAL = Manner()


def _within(value: object, largest: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= largest else None
