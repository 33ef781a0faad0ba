from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadRequest
from engine.server.responses.tools import LONGEST, Offer, OwnName, ToolNames, offer_of, tool_choice
from engine.server.responses.wire import SomeTools, Tool
from engine.types import ToolChoice, ToolMode


def function(name: str, **fields: Any) -> Any:
    return {"type": "function", "name": name, **fields}


def namespace(name: str, *tools: Any) -> Any:
    return {"type": "namespace", "name": name, "description": "", "tools": [*tools]}


def offer(*tools: Any) -> Offer:
    return offer_of([Tool.model_validate(tool) for tool in tools])


TWO = (
    namespace("mcp__alpha", function("search"), function("ping")),
    namespace("mcp__beta", function("search")),
    function("read"),
)


def seen(*tools: Any) -> list[str]:
    return [tool.name for tool in offer(*tools).tools]


def test_like_named_tools_of_two_namespaces_have_two_names() -> None:
    """Covers C2."""
    assert seen(*TWO) == ["mcp__alpha__search", "mcp__alpha__ping", "mcp__beta__search", "read"]


def test_each_name_leads_back_to_the_clients_own() -> None:
    names = offer(*TWO).names
    assert names.own("mcp__beta__search") == OwnName("search", "mcp__beta")
    assert names.own("read") == OwnName("read")
    assert names.own("made_up") == OwnName("made_up")


def test_a_name_that_is_taken_gives_way() -> None:
    """Covers C2: another tool may already have the name."""
    tools = (
        namespace("a", function("b__c")),
        namespace("a__b", function("c")),
        namespace("a__b__", function("c")),
        function("a__b__c"),
    )
    assert seen(*tools) == ["a__b__c_2", "a__b__c_3", "a__b__c_4", "a__b__c"]
    names = offer(*tools).names
    assert names.own("a__b__c_3") == OwnName("c", "a__b")
    assert names.shown(OwnName("c", "a__b__")) == "a__b__c_4"
    assert names.shown(OwnName("a__b__c")) == "a__b__c"


@pytest.mark.parametrize(
    "tools",
    [
        (function("a"), function("a")),
        (namespace("n", function("a"), function("a")),),
        (namespace("n", function("a")), namespace("n", function("a"))),
    ],
)
def test_two_tools_of_one_name_in_one_place_are_refused(tools: tuple[Any, ...]) -> None:
    with pytest.raises(BadRequest, match="named 'a'"):
        offer(*tools)


def test_a_long_namespace_is_cut_rather_than_the_tools_name() -> None:
    (name,) = seen(namespace("n" * 100, function("find")))
    assert len(name) == LONGEST
    assert name.endswith("n__find")


def test_tools_of_other_kinds_are_passed_over() -> None:
    odd = {"type": "mcp", "tools": "all", "parameters": [], "strict": "yes"}
    others = {"type": "web_search"}, {"type": "custom", "name": "patch", "format": {}}, odd
    assert seen(*others, namespace("n", {"type": "custom", "name": "x"})) == []


def test_a_call_in_the_history_finds_its_tool() -> None:
    """Covers C2: with a namespace, without one if one tool fits, and for a tool that is gone."""
    names = offer(*TWO).names
    assert names.shown(OwnName("search", "mcp__beta")) == "mcp__beta__search"
    assert names.shown(OwnName("ping")) == "mcp__alpha__ping"
    assert names.shown(OwnName("mcp__alpha__ping")) == "mcp__alpha__ping"
    assert names.shown(OwnName("search")) == "search"
    assert ToolNames().shown(OwnName("search", "gone")) == "gone__search"


REQUIRED = ToolMode.REQUIRED


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (function("search", namespace="mcp__beta"), (REQUIRED, "mcp__beta__search")),
        (function("ping"), (REQUIRED, "mcp__alpha__ping")),
        (function("search"), (REQUIRED, "mcp__alpha__search", "mcp__beta__search")),
        (function("read"), (REQUIRED, "read")),
        ({"type": "namespace", "name": "mcp__beta"}, (REQUIRED, "mcp__beta__search")),
        (
            {"type": "allowed_tools", "tools": [function("search", namespace="mcp__alpha")]},
            (ToolMode.AUTO, "mcp__alpha__search"),
        ),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [namespace("mcp__alpha"), {"type": "web_search"}, function("read")],
            },
            (REQUIRED, "mcp__alpha__search", "mcp__alpha__ping", "read"),
        ),
        ({"type": "allowed_tools", "tools": [{"type": "web_search"}]}, (ToolMode.NONE,)),
    ],
)
def test_a_choice_may_name_tools_of_namespaces(choice: Any, expected: tuple[Any, ...]) -> None:
    """Covers C2."""
    mode, *names = expected
    chosen = tool_choice(SomeTools.model_validate(choice), offer(*TWO))
    assert chosen == ToolChoice(mode, tuple(names))


@pytest.mark.parametrize(
    "choice",
    [
        function("search", namespace="mcp__gamma"),
        function("nothing"),
        {"type": "function"},
        {"type": "namespace", "name": "mcp__gamma"},
        {"type": "custom", "name": "patch"},
        {"type": "web_search"},
        {"type": "mcp", "server_label": "alpha"},
        {"type": "allowed_tools", "mode": "required", "tools": [{"type": "web_search"}]},
    ],
)
def test_a_choice_that_cannot_be_honoured_is_refused(choice: Any) -> None:
    """Covers C7: the model cannot call such a tool, so the client must know."""
    with pytest.raises(BadRequest, match="'tool_choice'") as refused:
        tool_choice(SomeTools.model_validate(choice), offer(*TWO))
    assert refused.value.field == "tool_choice"


def test_thousands_of_names_that_become_alike_stay_apart() -> None:
    """To number them, and to look names up, took the square of their count."""
    name = "f" * (LONGEST - 1)
    spaces = [namespace(f"n{number}", function(name)) for number in range(5_000)]
    assert len(set(seen(*spaces))) == 5_000
    many = ToolNames(OwnName(f"f{number}") for number in range(5_000))
    assert all(len(many.candidates(OwnName(f"f{number}"))) == 1 for number in range(5_000))
