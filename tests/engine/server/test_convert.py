from __future__ import annotations

import pytest

from engine.errors import BadRequest
from engine.server import convert
from engine.types import Broken, Idle, Loading, Tool, ToolChoice, ToolMode, Usage


@pytest.mark.parametrize(
    "name", ["gpt-oss-20b", "openai/gpt-oss-20b", "gpt-oss:20b", "GPT-OSS-20B"]
)
def test_a_model_answers_to_its_usual_names(name: str) -> None:
    assert convert.is_name_of(name, "gpt-oss-20b")


@pytest.mark.parametrize(
    "name", ["", "gpt-oss", "gpt-oss-120b", "gpt-oss-20b/", "../gpt-oss-20b/x"]
)
def test_a_model_does_not_answer_to_other_names(name: str) -> None:
    assert not convert.is_name_of(name, "gpt-oss-20b")


def test_a_loading_model_is_already_known_by_its_id() -> None:
    assert convert.model_id(Loading("scripted")) == "scripted"
    assert convert.model_id(Idle()) is convert.model_id(Broken(ValueError())) is None


def test_choices_of_one_prompt_share_its_tokens() -> None:
    usage = convert.usage([Usage(10, 2, 3, 0, 0)] * 2 + [Usage(5, 1, 3, 0, 0)] * 2, each=2)
    assert usage is not None
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (15, 12)
    assert usage["prompt_tokens_details"] == {"cached_tokens": 3}


def test_tools_must_have_names_of_their_own() -> None:
    assert convert.with_own_names([Tool("a"), Tool("b")]) == (Tool("a"), Tool("b"))
    with pytest.raises(BadRequest, match="Two of the tools are named 'a'") as refused:
        convert.with_own_names([Tool("a"), Tool("b"), Tool("a", "another")])
    assert refused.value.field == "tools"


def test_where_no_function_is_allowed_none_may_be_called() -> None:
    tools = [Tool("a")]
    assert convert.allowed_tools("auto", [], tools) == ToolChoice(ToolMode.NONE)
    assert convert.allowed_tools("required", ["a"], tools) == ToolChoice(ToolMode.REQUIRED, ("a",))
    with pytest.raises(BadRequest, match="allows no function"):
        convert.allowed_tools("required", [], tools)
