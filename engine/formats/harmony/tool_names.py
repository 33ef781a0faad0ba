"""Tool names as the model reads them: TypeScript identifiers, with the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 64
NAMESPACE = "functions."


class ToolNames:
    """Gives each of the client's tools a name of letters, digits and underscores, all different."""

    def __init__(self, names: Iterable[str]) -> None:
        self._shown: dict[str, str] = {}
        self._own: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        for name in sorted(names, key=lambda name: identifier(name) != name):
            self.shown(name)  # those that can keep their names come first

    def shown(self, name: str) -> str:
        """What the model sees; a name that is asked for is known from then on."""
        if name not in self._shown:
            shown = self._unused(identifier(name))
            self._shown[name], self._own[shown] = shown, name
        return self._shown[name]

    def own(self, shown: str) -> str:
        """The client's own name, or the given one where the model made it up."""
        return self._own.get(shown, shown)

    def __contains__(self, shown: str) -> bool:
        return shown in self._own

    def __bool__(self) -> bool:
        return bool(self._own)

    def _unused(self, name: str) -> str:
        """Number the names that would be alike; each goes on where the last one was."""
        candidate, number = name, self._numbers.get(name, 2)
        while candidate in self._own:
            suffix = f"_{number}"
            candidate, number = name[: LONGEST - len(suffix)] + suffix, number + 1
        self._numbers[name] = number
        return candidate


def identifier(name: str) -> str:
    """Characters that no identifier has become underscores; the rest stays readable."""
    cleaned = re.sub(r"[^A-Za-z0-9_]", "_", name)[:LONGEST]
    return cleaned if re.match(r"[A-Za-z_]", cleaned) else f"_{cleaned}"[:LONGEST]
