"""Gives the tools of a request the names that the model sees, and finds the client's own again.

A client may group tools in namespaces, as coding agents do with their MCP servers. Two namespaces
may have tools of the same name. The model sees no namespaces, so it needs one name for each tool.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.errors import BadRequest
from engine.server import convert
from engine.server.responses import wire
from engine.server.wire import FunctionShape
from engine.types import Tool, ToolChoice

LONGEST = 64
"""Characters in a name: OpenAI's limit, which the server of a remote model may enforce."""


@dataclass(frozen=True, slots=True)
class OwnName:
    """Identifies a tool as the client does."""

    name: str
    namespace: str | None = None


class ToolNames:
    """Maps the client's names to those that the model sees, and back.

    A tool without a namespace keeps its name.
    """

    def __init__(self, own_names: Iterable[OwnName] = ()) -> None:
        self._shown: dict[OwnName, str] = {}
        self._own: dict[str, OwnName] = {}
        self._fitting: dict[str, list[str]] = {}
        self._numbers: dict[str, int] = {}
        for own in sorted(own_names, key=lambda own: own.namespace is not None):
            shown = self._unused(joined(own))
            self._shown[own], self._own[shown] = shown, own
            for name in {own.name, shown}:
                self._fitting.setdefault(name, []).append(shown)

    def shown(self, own: OwnName) -> str:
        """Return what the model sees, also for a tool that is no longer offered."""
        candidates = self.candidates(own)
        return candidates[0] if len(candidates) == 1 else joined(own)

    def own(self, shown: str) -> OwnName:
        """Return the client's name. A name that the model invented stays as it is."""
        return self._own.get(shown, OwnName(shown))

    def candidates(self, own: OwnName) -> list[str]:
        """Return the tools that fit. A name without a namespace fits tools of all namespaces."""
        if own in self._shown:
            return [self._shown[own]]
        if own.namespace is not None:
            return []
        return self._fitting.get(own.name, [])

    def of_namespace(self, namespace: str) -> list[str]:
        return [shown for own, shown in self._shown.items() if own.namespace == namespace]

    def _unused(self, name: str) -> str:
        """Number the names that would be alike; each goes on where the last one was."""
        candidate, number = name, self._numbers.get(name, 2)
        while candidate in self._own:
            candidate, number = f"{name}_{number}", number + 1
        self._numbers[name] = number
        return candidate


def joined(own: OwnName) -> str:
    """Put the namespace before the name. What is too long is cut off the namespace, because the
    tool's name says more."""
    if own.namespace is None:
        return own.name
    end = f"__{own.name}"
    return own.namespace.removesuffix("__")[: max(0, LONGEST - len(end))] + end


@dataclass(frozen=True, slots=True)
class Offer:
    """Holds the tools that a request offers, under the names that the model sees."""

    names: ToolNames
    tools: tuple[Tool, ...]


def offer_of(tools: Iterable[wire.Tool] | None) -> Offer:
    """Take the functions, also those in namespaces. Other tools are passed over, because agents
    offer them to every model.

    Raises BadRequest if two tools in one place have the same name: a call could be of either.
    """
    found: dict[OwnName, FunctionShape] = {}
    for own, function in functions(tools or ()):
        if own in found:
            place = f" in the namespace '{own.namespace}'" if own.namespace else ""
            raise BadRequest(f"Two of the tools{place} are named '{own.name}'.", "tools")
        found[own] = function
    names = ToolNames(found)
    shown = (replace(convert.tool(found[own]), name=names.shown(own)) for own in found)
    return Offer(names, tuple(shown))


def functions(
    tools: Iterable[wire.Tool], namespace: str | None = None
) -> Iterator[tuple[OwnName, FunctionShape]]:
    for tool in tools:
        yield from functions(tool.tools or (), tool.name or namespace)
        if tool.type == "function" and not tool.name:
            raise BadRequest("A tool of type 'function' has no 'name'.", "tools")
        if tool.function is not None:
            yield OwnName(tool.function.name, namespace), tool.function


def tool_choice(choice: str | wire.SomeTools | None, offer: Offer) -> ToolChoice:
    """Read the choice. Raises BadRequest if it forces the call of a tool that is not there."""
    match choice:
        case None:
            return ToolChoice()
        case str() as mode:
            return convert.tool_choice(mode, (), offer.tools)
        case wire.SomeTools(type="allowed_tools"):
            names = [name for tool in choice.tools or () for name in chosen(tool, offer.names)]
            return convert.allowed_tools(choice.mode or "auto", names, offer.tools)
        case wire.SomeTools(type="function" | "namespace"):
            names = chosen(choice, offer.names) or [choice.name or ""]
            return convert.tool_choice("required", names, offer.tools)
        case wire.SomeTools(type=kind):
            reason = (
                f"'tool_choice' cannot force a tool of type '{kind}', which the model here cannot "
                "call: choose a function or leave 'tool_choice' out."
            )
            raise BadRequest(reason, "tool_choice")


def chosen(tool: wire.ToolName, names: ToolNames) -> Sequence[str]:
    """Return what the model sees. The name of a function that is not offered is returned too, so
    that it is refused by its name."""
    match tool:
        case wire.ToolName(type="function", name=str(name), namespace=namespace):
            own = OwnName(name, namespace or None)
            return names.candidates(own) or [joined(own)]
        case wire.ToolName(type="namespace", name=str(namespace)):
            return names.of_namespace(namespace)
        case _:
            return ()
