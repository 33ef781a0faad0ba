from __future__ import annotations

import threading

import pytest

from tests.engine.server.serving import Served, question, serving
from tests.fakes import ScriptedDecoder


def test_the_loaded_model_is_listed(served: Served) -> None:
    listed = served.client.get("/v1/models").json()
    assert listed["object"] == "list"
    (model,) = listed["data"]
    assert (model["id"], model["object"], model["owned_by"]) == ("scripted", "model", "hearth")
    assert isinstance(model["created"], int)


def test_one_model_is_known_by_all_its_names(served: Served) -> None:
    for name in ("scripted", "openai/Scripted"):
        assert served.client.get(f"/v1/models/{name}").json()["id"] == "scripted"
    missing = served.client.get("/v1/models/other")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")


def test_health_tells_whether_it_answers(served: Served) -> None:
    health = served.client.get("/healthz")
    assert (health.status_code, health.json()) == (200, {"status": "ok", "model": "scripted"})
    with serving(is_loaded=False) as idle:
        health = idle.client.get("/healthz")
        assert (health.status_code, health.json()["status"]) == (503, "no model")
        assert idle.client.get("/v1/models/anything").status_code == 404


def test_without_a_model_the_list_is_empty_and_a_question_is_503() -> None:
    with serving(is_loaded=False) as served:
        assert served.client.get("/v1/models").json() == {"object": "list", "data": []}
        answer = served.ask()
    assert answer.status_code == 503
    assert answer.json()["error"]["message"] == "No model is loaded."


def test_a_question_waits_for_the_model_that_is_loading() -> None:
    may_open = threading.Event()
    with serving(before_open=may_open.wait) as served, served.asking() as connection:
        served.engine.next_submitted()
        assert served.ask(model="another").status_code == 404
        listed = served.client.get("/v1/models").json()["data"]
        assert [one["id"] for one in listed] == ["scripted"]
        may_open.set()
        assert connection.getresponse().status == 200


def test_a_question_is_answered_in_one_object(served: Served) -> None:
    answer = served.ask()
    assert answer.status_code == 200
    body = answer.json()
    assert body["object"] == "chat.completion"
    assert body["model"] == "scripted"
    (choice,) = body["choices"]
    assert choice["message"]["content"] == "Red, green, blue."
    assert choice["finish_reason"] == "stop"
    usage = body["usage"]
    assert usage["completion_tokens"] == len("Red, green, blue.") + 1
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_repeated_prompt_is_reported_as_cached(served: Served) -> None:
    served.ask()
    usage = served.ask().json()["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] == usage["prompt_tokens"] - 1


def test_the_end_of_the_budget_is_told(served: Served) -> None:
    (choice,) = served.ask(max_completion_tokens=3).json()["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Red", "length")


def test_a_stop_string_ends_the_answer_before_itself(served: Served) -> None:
    (choice,) = served.ask(stop=[", blue"]).json()["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Red, green", "stop")


def test_logprobs_cover_each_token_of_the_answer(served: Served) -> None:
    body = served.ask(max_tokens=3, logprobs=True, top_logprobs=2).json()
    content = body["choices"][0]["logprobs"]["content"]
    assert [entry["token"] for entry in content] == ["R", "e", "d"]
    assert all(len(entry["top_logprobs"]) == 2 for entry in content)


def test_a_biased_token_takes_the_place_of_the_models_choice(served: Served) -> None:
    bias = {str(ord("!")): 100, str(ord("R")): -100}
    (choice,) = served.ask(max_tokens=1, temperature=0, logit_bias=bias).json()["choices"]
    assert choice["message"]["content"] == "!"


def test_text_outside_ascii_survives_in_both_directions() -> None:
    with serving(ScriptedDecoder("Grün – 绿 🌲")) as served:
        messages = [{"role": "user", "content": "Größe? 🌍"}]
        assert served.ask(messages=messages).json()["choices"][0]["message"]["content"] == (
            "Grün – 绿 🌲"
        )
        chunks = served.stream(messages=messages)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-1]]
    assert "".join(delta.get("content", "") for delta in deltas) == "Grün – 绿 🌲"


def test_another_models_name_is_not_found(served: Served) -> None:
    answer = served.ask(model="gpt-4o")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "model_not_found"
    assert answer.json()["error"]["param"] == "model"


def test_the_answer_names_the_model_by_its_own_id(served: Served) -> None:
    assert served.ask(model="openai/Scripted").json()["model"] == "scripted"


@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_that_does_not_fit_is_400_streaming_or_not(stream: bool) -> None:
    with serving(ScriptedDecoder("Hi", context_length=50)) as served:
        answer = served.ask(messages=[{"role": "user", "content": "x" * 60}], stream=stream)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "context_length_exceeded"
        assert "50" in answer.json()["error"]["message"]


def test_a_wrong_field_is_told_in_a_sentence_with_its_name(served: Served) -> None:
    answer = served.ask(temperature=3)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {
            "message": "'temperature' cannot be used. Input should be less than or equal to 2.",
            "type": "invalid_request_error",
            "param": "temperature",
            "code": None,
        }
    }


def test_a_full_queue_is_429_with_the_time_to_wait() -> None:
    with serving(max_waiting=1) as served, served.kept_busy():
        answer = served.ask()
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


def test_a_device_that_fails_is_500_without_the_reason_and_the_next_question_is_answered() -> None:
    with serving(ScriptedDecoder("Hello", fail_at=3)) as served:
        answer = served.ask()
        assert answer.status_code == 500
        assert "script" not in answer.text
        served.decoder.fail_at = None
        assert served.ask().status_code == 200


def test_an_unknown_route_and_a_wrong_method_are_refused_in_openais_shape(served: Served) -> None:
    missing = served.client.get("/v1/nothing")
    assert (missing.status_code, missing.json()["error"]["param"]) == (404, None)
    wrong = served.client.get("/v1/chat/completions")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, None)


def test_many_clients_at_once_each_get_the_whole_answer() -> None:
    with serving() as served:
        texts: list[str] = []

        def ask() -> None:
            message = served.client.post("/v1/chat/completions", json=question())
            texts.append(message.json()["choices"][0]["message"]["content"])

        clients = [threading.Thread(target=ask) for _ in range(16)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    assert texts == ["Red, green, blue."] * 16
