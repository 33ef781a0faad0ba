"""The tools of a request: by the client's names, and by the one name that the model sees of each.

A client may group tools in namespaces, as coding agents do with their MCP servers; only together
with the namespace is such a tool's name its own. The model knows no namespaces of clients.
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
"""OpenAI's limit for a name, which the server of a remote model may insist on."""


@dataclass(frozen=True, slots=True)
class OwnName:
    """What the client calls a tool."""

    name: str
    namespace: str | None = None


class ToolNames:
    """Which tool has which name. A tool without a namespace keeps the one that it has."""

    def __init__(self, own_names: Iterable[OwnName] = ()) -> None:
        self._seen: dict[OwnName, str] = {}
        self._own: dict[str, OwnName] = {}
        for own in sorted(own_names, key=lambda own: own.namespace is not None):
            seen = self._unused(joined(own))
            self._seen[own], self._own[seen] = seen, own

    def seen(self, own: OwnName) -> str:
        """What the model sees. A call of a tool that is no longer there has a name too."""
        meant = self.meant(own)
        return meant[0] if len(meant) == 1 else joined(own)

    def own(self, seen: str) -> OwnName:
        return self._own.get(seen, OwnName(seen))

    def meant(self, own: OwnName) -> list[str]:
        """The tools that a client may mean: without a namespace, those of all namespaces."""
        if own in self._seen:
            return [self._seen[own]]
        if own.namespace is not None:
            return []
        return [seen for each, seen in self._seen.items() if own.name in (each.name, seen)]

    def of_namespace(self, namespace: str) -> list[str]:
        return [seen for own, seen in self._seen.items() if own.namespace == namespace]

    def _unused(self, name: str) -> str:
        candidate, number = name, 2
        while candidate in self._own:
            candidate, number = f"{name}_{number}", number + 1
        return candidate


def joined(own: OwnName) -> str:
    """The namespace gives way where both are too long: the tool's own name says more."""
    if own.namespace is None:
        return own.name
    end = f"__{own.name}"
    return own.namespace.removesuffix("__")[: max(0, LONGEST - len(end))] + end


@dataclass(frozen=True, slots=True)
class Offer:
    """What a request offers. `tools` have the names that the model sees."""

    names: ToolNames
    tools: tuple[Tool, ...]


def offer_of(tools: Iterable[wire.Tool] | None) -> Offer:
    """Functions, also those in a namespace; other tools are passed over: agents offer them to all
    models. Raises BadRequest where two have one name: whose call it is would be a guess."""
    found: dict[OwnName, FunctionShape] = {}
    for own, function in functions(tools or ()):
        if own in found:
            place = f" in the namespace '{own.namespace}'" if own.namespace else ""
            raise BadRequest(f"Two of the tools{place} are named '{own.name}'.", "tools")
        found[own] = function
    names = ToolNames(found)
    shown = (replace(convert.tool(found[own]), name=names.seen(own)) for own in found)
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
    """Raises BadRequest for a choice that cannot be honoured."""
    match choice:
        case None:
            return ToolChoice()
        case str() as mode:
            return convert.tool_choice(mode, (), offer.tools)
        case wire.SomeTools(type="allowed_tools"):
            names = [name for tool in choice.tools or () for name in named(tool, offer.names)]
            return convert.allowed_tools(choice.mode or "auto", names, offer.tools)
        case wire.SomeTools(type="function" | "namespace"):
            names = named(choice, offer.names) or [choice.name or ""]
            return convert.tool_choice("required", names, offer.tools)
        case wire.SomeTools(type=kind):
            reason = f"'tool_choice' cannot be a tool of type '{kind}': only functions are called."
            raise BadRequest(reason, "tool_choice")


def named(tool: wire.ToolName, names: ToolNames) -> Sequence[str]:
    """A name that is not among the tools is passed on, to be refused as such."""
    match tool:
        case wire.ToolName(type="function", name=str(name), namespace=namespace):
            return names.meant(OwnName(name, namespace)) or [joined(OwnName(name, namespace))]
        case wire.ToolName(type="namespace", name=str(namespace)):
            return names.of_namespace(namespace)
        case _:
            return ()
