"""Reads the JSON values of a stream of server-sent events, also where a server bends the format.

The bent forms are: events without a blank line between them, `error:` as a field of its own
(llama.cpp's older servers), an event named error, and one plain JSON body instead of a stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.remote.values import Unreadable, parsed

DONE = "[DONE]"
LINE_END = re.compile(rb"\r\n|\n|\r")


def values(pieces: Iterable[bytes]) -> Iterator[object]:
    """Yield every JSON value up to DONE, and DONE itself. Raises Unreadable."""
    events = _Events()
    for line in lines(pieces):
        for value in events.line(line):
            yield value
            if value == DONE:
                return
    yield from events.end()


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Split only where the format does: U+2028 and its like are part of a line."""
    held: list[bytes] = []
    after_return = False
    for piece in filter(None, pieces):
        rest = piece.removeprefix(b"\n") if after_return else piece
        after_return = piece.endswith(b"\r")
        first, *others = LINE_END.split(rest)
        held.append(first)
        for other in others:
            yield decoded(held)
            held = [other]
    yield decoded(held)


def decoded(pieces: Iterable[bytes]) -> str:
    return b"".join(pieces).decode("utf-8", "replace").removeprefix("\ufeff")


class _Events:
    """Holds the lines of the event that is being received."""

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []
        self._body: list[str] = []
        self._is_stream = False

    def line(self, line: str) -> Iterator[object]:
        field, _, value = line.partition(":")
        match field:
            case "data":
                self._is_stream = True
                yield from self._data_line(value.removeprefix(" "))
            case "error":
                yield {"error": error_in(value)}
            case "event":
                self._name = value.strip()
            case "":  # the end of an event, or a comment
                yield from () if line else self._dispatch()
            case _:
                self._body.append(line)

    def end(self) -> Iterator[object]:
        """Yield what no blank line has ended. A plain JSON body is a whole answer."""
        yield from self._dispatch()
        body = "\n".join(self._body).strip()
        if body and not self._is_stream:
            yield parsed(body)
            yield DONE

    def _data_line(self, text: str) -> Iterator[object]:
        """Yield an event's value before the blank line, which some servers leave out."""
        self._data.append(text)
        if len(self._data) == 1 and text.rstrip().endswith(("}", DONE)):
            try:
                yield self._value(text)
            except Unreadable:
                return  # the first of several lines
            self._data = []

    def _dispatch(self) -> Iterator[object]:
        text, self._data = "\n".join(self._data).strip(), []
        if text:
            yield self._value(text)
        self._name = ""

    def _value(self, text: str) -> object:
        if text.strip() == DONE:
            return DONE
        return {"error": error_in(text)} if self._name == "error" else parsed(text)


def error_in(text: str) -> object:
    """Return an error's JSON, or its text where it is not JSON."""
    try:
        return parsed(text) or text
    except Unreadable:
        return text.strip() or "error"
