"""The page's files, the link that opens a session, and what a session may do."""

from __future__ import annotations

from collections.abc import Generator

import httpx
import pytest

from engine.server.sessions import CODE_SECONDS, SESSION_SECONDS, Sessions
from tests.engine.server.serving import Served, question


@pytest.fixture
def browser(served: Served) -> Generator[httpx.Client]:
    """Without the key, but it keeps cookies."""
    with httpx.Client(base_url=served.server.url, trust_env=False) as client:
        yield client


def opened(served: Served, browser: httpx.Client) -> httpx.Response:
    return browser.get(served.server.page_link(), follow_redirects=True)


def own(served: Served) -> dict[str, str]:
    return {"origin": served.server.url, "sec-fetch-site": "same-origin"}


def test_nothing_is_shown_without_a_session(served: Served, browser: httpx.Client) -> None:
    for path in ("/", "/web/chat.js", "/v1/models"):
        assert browser.get(path).status_code == 401


def test_the_link_opens_the_page_and_leaves_no_code_in_its_address(
    served: Served, browser: httpx.Client
) -> None:
    page = opened(served, browser)
    assert (page.status_code, page.url.path, page.url.query) == (200, "/", b"")
    assert "<title>Hearth</title>" in page.text
    assert browser.get("/web/chat.js").status_code == 200
    assert browser.post("/v1/chat/completions", json=question(), headers=own(served)).is_success


def test_a_link_works_once(served: Served, browser: httpx.Client) -> None:
    link = served.server.page_link()
    assert browser.get(link).status_code == 303
    again = httpx.get(link, trust_env=False)
    assert again.status_code == 403
    assert "Open the page from Hearth again" in again.text


@pytest.mark.parametrize("query", ["", "?code=", "?code=guessed"])
def test_a_guessed_code_opens_nothing(served: Served, browser: httpx.Client, query: str) -> None:
    assert browser.get(f"/open{query}").status_code == 403
    assert browser.get("/").status_code == 401


def test_the_cookie_is_for_this_page_alone(served: Served, browser: httpx.Client) -> None:
    cookie = browser.get(served.server.page_link()).headers["set-cookie"].lower()
    assert f"hearth_{served.server.port}=" in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_another_page_cannot_use_the_session(
    served: Served, browser: httpx.Client, headers: dict[str, str]
) -> None:
    opened(served, browser)
    answer = browser.post("/v1/chat/completions", json=question(), headers=headers)
    assert answer.status_code in (401, 403)


def test_a_form_cannot_use_the_session(served: Served, browser: httpx.Client) -> None:
    opened(served, browser)
    answer = browser.post("/v1/chat/completions", data={"a": "b"}, headers=own(served))
    assert answer.status_code == 415


def test_the_page_may_load_nothing_from_elsewhere(served: Served, browser: httpx.Client) -> None:
    headers = opened(served, browser).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("name", ["..%2Fapp.py", "%2Fetc%2Fpasswd", "no.js"])
def test_no_other_file_is_served(served: Served, browser: httpx.Client, name: str) -> None:
    opened(served, browser)
    assert browser.get(f"/web/{name}").status_code == 404


def test_codes_and_sessions_end() -> None:
    now = 0.0
    sessions = Sessions(lambda: now)
    late, early = sessions.new_code(), sessions.new_code()
    token = sessions.redeem(early)
    assert token is not None
    assert sessions.is_open(token)
    now = CODE_SECONDS + 1
    assert sessions.redeem(late) is None
    assert sessions.is_open(token)
    now = SESSION_SECONDS + 1
    assert not sessions.is_open(token)
    assert not sessions.is_open("")
