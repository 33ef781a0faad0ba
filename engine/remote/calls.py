"""Puts the pieces of tool calls together, by whatever a server marks them with.

OpenAI numbers the calls by `index` and gives the id and the name once. Other servers send no index
or the same one for all calls, no ids, the id or the name in every piece, or the name later.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from engine.remote.values import (
    Json,
    Unreadable,
    answer_object,
    answer_objects,
    parsed,
    text_in,
)
from engine.types import ToolCall, ToolCallDelta


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a call. An empty id or name is missing."""

    index: int | None
    id: str
    name: str
    arguments: str


def pieces_in(delta: Json) -> Iterator[Piece]:
    """Yield the pieces of calls in a delta. OpenAI's older field has one. Raises Unreadable."""
    found = [*answer_objects(delta.get("tool_calls"), "tool_calls")]
    return map(piece_in, found or answer_objects(delta.get("function_call"), "function_call"))


def piece_in(fields: Json) -> Piece:
    function = answer_object(fields.get("function"), "function") or fields
    index = fields.get("index")
    return Piece(
        index if isinstance(index, int) and not isinstance(index, bool) else None,
        text_in(fields.get("id")),
        text_in(function.get("name")),
        arguments_in(function.get("arguments")),
    )


def arguments_in(value: object) -> str:
    """Return arguments as text. Some servers send them as the object itself."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


class _Call:
    """Collects the pieces of one call. `given_id` is the server's id, which may be missing."""

    def __init__(self, id: str, piece: Piece) -> None:
        self.id = id
        self.given_id = piece.id
        self.index = piece.index
        self.name = ""
        self.has_ended = False
        self._arguments: list[str] = []
        self._sent: int | None = None

    def add(self, piece: Piece) -> None:
        """Add a piece. Raises Unreadable if the call has ended and this piece changes it."""
        self.name = self.name or piece.name
        self.given_id = self.given_id or piece.id
        if not self.has_ended:
            self._arguments.append(piece.arguments)
        elif piece.arguments.strip():
            raise Unreadable("the arguments of a call go on after their end")

    @property
    def arguments(self) -> str:
        return "".join(self._arguments)

    @property
    def is_whole(self) -> bool:
        """Whether the arguments are a JSON object, to which nothing can be added."""
        text = self.arguments.strip()
        if not text.endswith("}"):
            return False
        try:
            return bool(self.name) and isinstance(parsed(text), dict)
        except Unreadable:
            return False

    def is_before(self, piece: Piece) -> bool:
        """Whether a piece that seems to be of this call begins another one."""
        if not self.name or not piece.name:
            return False
        begins = piece.arguments.lstrip().startswith("{")
        return piece.name != self.name or (begins and self.is_whole)

    def goes_on_with(self, piece: Piece) -> bool:
        """Whether a piece is of this call although its id or index is another: some servers give
        each piece a new id, or the wrong index."""
        if self.has_ended or self.is_whole or not piece.arguments:
            return False
        if not piece.name:
            return bool(self.name)
        begins = piece.arguments.lstrip().startswith("{")
        return piece.name == self.name and not (begins and self.arguments.strip())

    def news(self) -> Iterator[ToolCallDelta]:
        """Yield what is not sent yet, once the name is known."""
        if self.name and self._sent != len(self._arguments):
            text = "".join(self._arguments[self._sent :])
            self._sent = len(self._arguments)
            yield ToolCallDelta(self.id, self.name, text)

    def end(self, is_cut: bool) -> Iterator[ToolCallDelta | ToolCall]:
        """Yield the rest and the whole call. A call without arguments gets an empty object."""
        if not (is_cut or self.arguments.strip()):
            self._arguments.append("{}")
        yield from self.news()
        self.has_ended = True
        yield ToolCall(self.id, self.name, self.arguments)


class Calls:
    """Collects the calls of one answer.

    The deltas of a call and the call itself come before those of the next one. A call ends when
    its arguments are whole and something else begins. Until then the later calls wait, because
    their pieces may be interleaved.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._slots: dict[int | None, _Call] = {}
        self._ended = 0

    @property
    def has_any(self) -> bool:
        return self._ended > 0

    @property
    def has_open(self) -> bool:
        return self._ended < len(self._calls)

    def add(self, piece: Piece) -> Iterator[ToolCallDelta | ToolCall]:
        """Yield what can be passed on after this piece. Raises Unreadable."""
        self._call_of(piece).add(piece)
        yield from self._end_whole(but=1)
        if self.has_open:
            yield from self._calls[self._ended].news()

    def pause(self) -> Iterator[ToolCallDelta | ToolCall]:
        """Yield the calls that are whole, before something other than a call."""
        return self._end_whole(but=0)

    def rest(self, is_cut: bool) -> Iterator[ToolCallDelta | ToolCall]:
        """Yield all that is left at the end of the answer. Raises Unreadable for unnamed calls."""
        self._calls[self._ended :] = [
            call
            for call in self._calls[self._ended :]
            if call.name or call.given_id or call.arguments.strip()
        ]
        while self.has_open:
            if not self._calls[self._ended].name:
                raise Unreadable("a call of a tool has no name")
            yield from self._end_next(is_cut)

    def _end_whole(self, but: int) -> Iterator[ToolCallDelta | ToolCall]:
        while self._ended + but < len(self._calls) and self._calls[self._ended].is_whole:
            yield from self._end_next()

    def _end_next(self, is_cut: bool = False) -> Iterator[ToolCallDelta | ToolCall]:
        yield from self._calls[self._ended].end(is_cut)
        self._ended += 1

    def _call_of(self, piece: Piece) -> _Call:
        call = self._with_id(piece) if piece.id else self._without_id(piece)
        if call is None or call.is_before(piece):
            call = _Call(self._new_id(piece), piece)
            self._calls.append(call)
        self._slots[piece.index] = self._slots[None] = call
        return call

    def _with_id(self, piece: Piece) -> _Call | None:
        """Find the call of this id, or the one at this index whose id comes late or changes."""
        for call in reversed(self._calls):
            has_place = None in (piece.index, call.index) or piece.index == call.index
            if call.given_id == piece.id and has_place:
                return call
        call = self._slots.get(piece.index)
        is_its = call is not None and (not call.given_id or call.goes_on_with(piece))
        return call if is_its else None

    def _without_id(self, piece: Piece) -> _Call | None:
        """Find the call at this index. Without an index it is the latest call."""
        call, latest = self._slots.get(piece.index), self._slots.get(None)
        if call or latest is None or piece.name:
            return call
        return latest if latest.index is None or latest.goes_on_with(piece) else None

    def _new_id(self, piece: Piece) -> str:
        """Return the server's id, or a new one where that is missing or in use."""
        in_use = any(call.id == piece.id for call in self._calls)
        return piece.id if piece.id and not in_use else f"call_{secrets.token_hex(12)}"
