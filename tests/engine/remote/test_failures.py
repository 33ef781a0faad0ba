"""Checks the sentence for every shape of a server's error: amid an answer, in place of one, and
for the list of models."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest

from engine.cancellation import Cancellation
from engine.errors import BadRequest, RemoteFailed
from engine.generate import never
from engine.models.download.connections import Connections
from engine.remote.failures import DEEPEST, LONGEST, message_in
from engine.remote.model import RemoteModel
from engine.types import ChatRequest, FinishReason, GenerationEvent, Message, Role, TextDelta
from tests.engine.remote.scripted_server import (
    QUESTION,
    Client,
    Script,
    ScriptedServer,
    choice,
    finish_of,
    stream,
    text_of,
    whole,
)

HI = choice({"content": "Hi"})
STOP = choice({}, "stop")


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "No room", "type": "server_error", "code": 500}},
        {"error": "No room"},
        {"error": {"error": {"message": "No room."}}},
        {"error": True, "message": "No room"},
        [{"error": {"code": 503, "message": "No room"}}],
        {"object": "error", "message": "No room", "code": 400},
        {"detail": "No room"},
        {"error": {"message": "No room"}, "choices": [{"delta": {}, "finish_reason": "error"}]},
        {"choices": [{"delta": {}, "error": {"message": "No room"}}]},
        {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "No room"}}]},
        'error: {"code": 500, "message": "No room"}\n\n',
        'event: error\ndata: {"message": "No room"}\n\n',
        "event: error\ndata: No room\n\n",
    ],
)
def test_an_error_amid_an_answer_is_its_sentence(client: Client, error: object) -> None:
    """Covers F4 with OpenRouter's, LM Studio's, vLLM's, llama.cpp's and Gemini's shapes."""
    with pytest.raises(RemoteFailed, match=r":\d+ broke the answer off: No room\.$"):
        client.answer(HI, error, STOP)


@pytest.mark.parametrize(
    "error", [{"error": {"x": 1}}, choice({}, "error"), choice({}, "abort"), {"error": 5}]
)
def test_an_error_without_a_message_is_broken_off(client: Client, error: object) -> None:
    with pytest.raises(RemoteFailed, match=r"broke the answer off\. What is in its log may"):
        client.answer(HI, error)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "Too long"}}, "Too long."),
        ({"error": {"message": "Too long."}}, "Too long."),
        ({"error": "Too long"}, "Too long."),
        ({"error": None, "message": "Too long"}, "Too long."),
        ({"error": "Bad Request", "message": "Too long"}, "Too long."),
        ({"error": {"message": {"detail": "Too long"}}}, "Too long."),
        ({"message": "Too long"}, "Too long."),
        ({"detail": "Too long"}, "Too long."),
        ({"detail": [{"loc": ["body", "n", 0], "msg": "Too long"}]}, "body.n.0: Too long."),
        ({"detail": [{"loc": ["a\nb"], "msg": "<|x|> is too long"}]}, "a b: <|x|> is too long."),
        ({"detail": [{"msg": "Too\nlong"}, {"msg": "or short"}]}, "Too long; or short."),
        ({"errors": ["Too long"]}, "Too long."),
        ([{"error": {"message": "Too long"}}], "Too long."),
        ("Too long", "Too long."),
        (5, "Bad Request."),
        ({}, "Bad Request."),
        (None, "Bad Request."),
    ],
)
def test_a_refusal_is_reported_in_the_servers_words(
    client: Client, body: object, words: str
) -> None:
    """Covers F4 for the bodies of errors."""
    for status in (400, 422):
        with pytest.raises(BadRequest) as error:
            client.ask(whole(body, status))
        phrase = words if status == 400 else words.replace("Bad Request", "Unprocessable Entity")
        assert str(error.value).endswith(f" refuses this: {phrase}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html><h1>502 Bad Gateway</h1></html>", "answers 502: Bad Gateway."),
        ("", "answers 502: Bad Gateway."),
        ("upstream connect error\n", "answers 502: upstream connect error."),
        ("[" * 9999, f"answers 502: {'[' * LONGEST}…"),
    ],
)
def test_bodies_that_are_not_json_are_quoted_if_they_are_text(
    client: Client, text: str, words: str
) -> None:
    with pytest.raises(RemoteFailed) as error:
        client.ask(Script([text.encode()], 502, "text/html"))
    assert str(error.value).endswith(words)


@pytest.mark.parametrize("status", [301, 403, 404, 429, 500, 599])
def test_other_statuses_are_sentences_too(client: Client, status: int) -> None:
    with pytest.raises(RemoteFailed, match=rf"answers {status}: No\."):
        client.ask(whole({"error": "No"}, status))


def test_a_message_may_lie_deep_but_not_without_end() -> None:
    error: object = "here"
    for _ in range(DEEPEST):
        error = {"error": error}
    assert message_in(error) == "here"
    for _ in range(9999):
        error = [error]
    assert message_in(error) == ""


@pytest.mark.parametrize(
    "body", ["<!DOCTYPE html>\n<html></html>", "Not found", "", "[" * 9999, '"' * 3]
)
def test_an_address_of_something_else_is_reported(client: Client, body: str) -> None:
    """Covers F4 for wrong addresses, many of which answer with a web page and status 200."""
    client.server.models = Script([body.encode()], 200, "text/html")
    with pytest.raises(RemoteFailed, match=r"does not answer as OpenAI's API does: .*address"):
        client.model.check()
    if body:
        with pytest.raises(RemoteFailed, match=r"does not answer as OpenAI's API does: .*address"):
            client.ask(client.server.models)


@pytest.mark.parametrize(
    "listed",
    [
        {"data": [{"id": "m"}, {"id": "n"}]},
        {"data": [{"name": "n"}, {"name": "m"}]},
        {"data": [None, {}, {"id": 5}, {"id": "m"}]},
        {"models": [{"name": "m", "model": "m"}], "data": None},
        {"data": ["m"]},
        ["m"],
        [{"id": "m"}],
        {"data": None},
        {"data": []},
        {"data": "m"},
        {"object": "list"},
        {},
        [],
        None,
        5,
    ],
)
def test_each_shape_of_the_list_of_models_is_read(client: Client, listed: object) -> None:
    """Covers F4 for /models. A list that cannot be read does not forbid the model."""
    client.server.models = whole(listed)
    client.model.check()


@pytest.mark.parametrize(
    "listed", [{"data": [{"id": "n"}, None]}, {"models": [{"model": "n"}]}, ["n"]]
)
def test_a_name_that_no_shape_lists_is_reported(client: Client, listed: object) -> None:
    client.server.models = whole(listed)
    with pytest.raises(RemoteFailed, match=r"has no model 'm'\. It has: n\.$"):
        client.model.check()


def test_an_error_in_place_of_the_list_is_reported(client: Client) -> None:
    """Covers LM Studio, which answers 200 to every address, with an error as the body."""
    client.server.models = whole({"error": "Unexpected endpoint. (GET /models)"})
    with pytest.raises(RemoteFailed, match=r"does not list its models: Unexpected endpoint\."):
        client.model.check()
    with pytest.raises(RemoteFailed, match=r"broke the answer off: Unexpected endpoint\."):
        client.ask(whole({"error": "Unexpected endpoint."}))


def test_what_json_cannot_hold_is_not_sent(client: Client) -> None:
    request = ChatRequest((Message.of(Role.USER, "\ud800"),))
    with pytest.raises(BadRequest, match="is not Unicode text or plain JSON"):
        client.ask(stream(HI, STOP), request)


def test_a_key_that_no_header_can_hold_is_reported(server: ScriptedServer, client: Client) -> None:
    ledger = Connections(client.model._remote.path.with_name("ledger"))  # pyright: ignore[reportPrivateUsage]
    model = RemoteModel(client.model._remote, "schlüssel", ledger)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(RemoteFailed, match="has a letter that no key can have"):
        model.check()


def test_a_cancel_amid_an_answer_ends_it(client: Client) -> None:
    """Checks that neither more text nor the calls follow."""
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    client.server.answer = stream(HI, HI, choice({"tool_calls": [call]}), STOP)
    cancellation = Cancellation()
    events: list[GenerationEvent] = []
    for event in client.model.answer(QUESTION, cancellation, never):
        events.append(event)
        if isinstance(event, TextDelta):
            cancellation.set()
    assert text_of(events) == "Hi"
    assert finish_of(events).reason is FinishReason.CANCELLED


@pytest.mark.parametrize("length", ["Connection: close", "Transfer-Encoding: chunked"])
def test_a_cancel_cuts_a_stream_that_waits(client: Client, tmp_path: object, length: str) -> None:
    """Covers a body that ends with its connection, which looks like a whole body when it is cut."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{length}\r\n\r\n".encode()
    text = stream(HI, end="").pieces[0]
    body = text if "close" in length else b"%x\r\n%b\r\n" % (len(text), text)
    with socket.create_server(("127.0.0.1", 0)) as server:
        waiting = threading.Thread(target=answer_and_wait, args=(server, head + body))
        waiting.start()
        remote = client.model._remote  # pyright: ignore[reportPrivateUsage]
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        ledger = Connections(remote.path.with_name("ledger"))
        model = RemoteModel(replace(remote, base_url=url), None, ledger)
        cancellation = Cancellation()
        events: list[GenerationEvent] = []
        for event in model.answer(QUESTION, cancellation, never):
            events.append(event)
            if isinstance(event, TextDelta):
                threading.Timer(0.1, cancellation.set).start()
        waiting.join()
    assert text_of(events) == "Hi"
    assert finish_of(events).reason is FinishReason.CANCELLED


def answer_and_wait(server: socket.socket, answer: bytes) -> None:
    """Send the beginning of an answer, and wait until the client hangs up."""
    connection, _ = server.accept()
    with connection:
        connection.recv(1 << 16)
        connection.sendall(answer)
        while connection.recv(1 << 16):
            pass
