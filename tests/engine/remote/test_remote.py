"""The files of remote models, and what is sent to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadRemote, BadRequest
from engine.remote.remote import Remote, find_remotes, is_remote, new_remote
from engine.remote.wire import chat_fields, completion_fields, messages_of
from engine.types import (
    Channel,
    ChatRequest,
    CompletionRequest,
    Effort,
    JsonAnswer,
    Message,
    Role,
    Sampling,
    Tool,
    ToolCall,
    ToolChoice,
    ToolMode,
)

URL = "https://host.example:8000/v1"


def test_what_was_added_is_found(tmp_path: Path) -> None:
    remote = new_remote(tmp_path / "models", "far-away", f"{URL}/", "openai/gpt-oss-120b", 4096)
    remote.write()
    (found,) = find_remotes([tmp_path / "models", tmp_path / "none"])
    assert found == remote
    assert is_remote(found.path)
    assert (found.id, found.host, found.base_url) == ("far-away", "host.example:8000", URL)


@pytest.mark.parametrize("id", ["", "../x", "a/b", ".hidden", "x" * 200])
def test_a_name_that_would_be_another_file_is_refused(tmp_path: Path, id: str) -> None:
    with pytest.raises(BadRequest, match="is no name"):
        new_remote(tmp_path, id, URL, "m", 4096)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("host/v1", "no address"),
        ("file:///etc/passwd", "no address"),
        ("https://", "no address"),
        ("https://me:secret@host/v1", "give it apart"),
    ],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        new_remote(tmp_path, "x", url, "m", 4096)


@pytest.mark.parametrize("text", ["{", "[]", '{"base_url": "x"}', '{"base_url": "file:///x"}'])
def test_a_damaged_file_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.remote").write_text(text, "utf-8")
    with pytest.raises(BadRemote, match="cannot be read"):
        Remote.read(tmp_path / "x.remote")
    assert find_remotes([tmp_path]) == []


def said(role: Role, text: str, channel: Channel | None = None) -> Message:
    return Message.of(role, text, channel)


def test_a_turn_becomes_one_message_and_results_name_their_calls() -> None:
    calls = (ToolCall("c1", "find", "{}"), ToolCall("", "find", '{"a":1}'))
    messages = [
        said(Role.SYSTEM, "Be brief."),
        said(Role.USER, "Look it up."),
        said(Role.ASSISTANT, "Hm.", Channel.ANALYSIS),
        Message(Role.ASSISTANT, (), tool_calls=calls),
        Message(Role.TOOL, said(Role.TOOL, "one").content, name="find"),
        Message(Role.TOOL, said(Role.TOOL, "two").content, name="find"),
        said(Role.ASSISTANT, "Found.", Channel.FINAL),
        said(Role.USER, "Thanks."),
    ]
    system, asked, turn, one, two, answer, thanks = messages_of(messages)
    assert (system["content"], asked["role"], thanks["content"]) == ("Be brief.", "user", "Thanks.")
    assert turn["reasoning_content"] == "Hm."
    first, second = turn["tool_calls"]
    assert (first["id"], first["function"]) == ("c1", {"name": "find", "arguments": "{}"})
    assert [one["tool_call_id"], two["tool_call_id"]] == ["c1", second["id"]]
    assert answer == {"role": "assistant", "content": "Found."}


def test_what_is_as_it_is_by_itself_is_not_sent() -> None:
    request = ChatRequest((said(Role.USER, "Hi"),))
    assert chat_fields(request) == {"messages": [{"role": "user", "content": "Hi"}]}


def test_every_setting_is_sent() -> None:
    request = ChatRequest(
        (said(Role.USER, "Hi"),),
        Sampling(0.5, 0.9, 40, 0.1, 2**64 - 1, 0.2, 0.3, {7: -5}),
        max_tokens=9,
        stop=("END",),
        top_logprobs=2,
        tools=(Tool("f", "does", {"type": "object"}, is_strict=True),),
        tool_choice=ToolChoice(ToolMode.REQUIRED, ("f",)),
        effort=Effort.HIGH,
        json_answer=JsonAnswer({"type": "object"}, "n", "d", is_strict=True),
    )
    fields = chat_fields(request)
    assert fields["extra_body"] == {"top_k": 40, "min_p": 0.1}
    assert fields["seed"] == 2**63 - 1
    assert fields["logit_bias"] == {"7": -5}
    assert (fields["logprobs"], fields["top_logprobs"]) == (True, 2)
    assert fields["tools"][0]["function"]["strict"] is True
    assert fields["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert fields["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert fields["reasoning_effort"] == "high"
    assert fields["stop"] == ["END"]


def test_tokens_are_gone_on_with_too() -> None:
    fields = completion_fields(CompletionRequest((1, 2), max_tokens=3))
    assert fields == {"prompt": [1, 2], "max_tokens": 3}
