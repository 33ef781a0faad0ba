"""What a screen reader sees of a program: a tree of roles, names and states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """Of AtspiStateType, those that matter here:
    https://docs.gtk.org/atspi2/enum.StateType.html
    """

    CHECKED = 4
    ENABLED = 8
    FOCUSABLE = 11
    FOCUSED = 12
    SELECTED = 23
    SHOWING = 25
    VISIBLE = 30


@dataclass(frozen=True, slots=True)
class Box:
    """On the screen, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Seen:
    role: str
    name: str
    states: frozenset[State]
    box: Box = Box(0, 0, 0, 0)
    text: str = ""
    children: tuple[Seen, ...] = ()

    def walk(self) -> Iterator[Seen]:
        """Itself, and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, role: str, name: str = "") -> list[Seen]:
        """Those of the role whose name begins so."""
        return [one for one in self.walk() if one.role == role and one.name.startswith(name)]

    def in_words(self, depth: int = 0) -> str:
        """The tree, a line for each."""
        states = " ".join(sorted(state.name.lower() for state in self.states))
        text = f" text {self.text!r}" if self.text else ""
        line = f"{'  ' * depth}{self.role} {self.name!r}{text} ({states})"
        return "\n".join([line, *(child.in_words(depth + 1) for child in self.children)])
