"""The web chat in a real Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from engine.models.folder import ModelFolder
from tests.clients.conftest import Endpoint, endpoint
from tests.engine.server.serving import serving
from tests.fakes import ScriptedDecoder

PHONE = ViewportSize(width=360, height=640)
PARIS = "The capital of France is Paris."
TOKEN_SECONDS = 0.02

expect.set_options(timeout=60_000)  # milliseconds: a model loads meanwhile, on a busy machine


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "make test installs Chromium where it can"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def gpt_oss(tiny_gpt_oss_folder: ModelFolder) -> Generator[Endpoint]:
    with endpoint(tiny_gpt_oss_folder) as served:
        yield served


@pytest.fixture
def page(chromium: Browser, gpt_oss: Endpoint) -> Generator[Page]:
    """Opened by a link; what the page complains of fails the test."""
    complaints: list[str] = []
    page = chromium.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(gpt_oss.page_link())
    yield page
    page.close()
    assert complaints == []


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Your message").fill(text)
    page.keyboard.press("Enter")


def is_done(page: Page) -> None:
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_a_question_is_answered_with_its_thoughts_folded(page: Page) -> None:
    expect(page.get_by_text("tiny-gpt-oss")).to_be_visible()
    ask(page, "What is the capital of France?")
    log = page.get_by_role("log", name="Conversation")
    expect(log.get_by_text(PARIS)).to_be_visible()
    thoughts = log.get_by_text("Its capital is Paris.", exact=False).first
    expect(thoughts).to_be_hidden()
    log.get_by_text(re.compile(r"Thought for \d+ s")).click()
    expect(thoughts).to_be_visible()


def test_a_conversation_goes_on_and_begins_anew(page: Page) -> None:
    ask(page, "My name is Ada.")
    expect(page.get_by_text("Nice to meet you, Ada.")).to_be_visible()
    is_done(page)
    ask(page, "What is my name?")
    expect(page.get_by_text("Your name is Ada.")).to_be_visible()
    is_done(page)
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_text("Your name is Ada.")).to_have_count(0)
    expect(page.get_by_text("What is on your mind?")).to_be_visible()


def test_markdown_is_shown_as_it_is_meant(page: Page) -> None:
    ask(page, "Show me a function with a table.")
    expect(page.get_by_role("cell", name="9")).to_be_visible()
    expect(page.get_by_role("heading", name="Adding numbers")).to_be_visible()
    expect(page.locator("pre")).to_contain_text("return a + b")
    expect(page.locator("strong")).to_have_text("two")


def test_html_in_an_answer_stays_text(page: Page) -> None:
    ask(page, "How do I make text bold in HTML?")
    expect(page.get_by_text("a < b & c > d stays text.", exact=False)).to_be_visible()
    expect(page.locator("code").first).to_have_text("<b>bold</b>")
    assert page.locator(".answer b").count() == 0


def test_all_of_it_comes_from_this_server(chromium: Browser, gpt_oss: Endpoint) -> None:
    page, asked = chromium.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(gpt_oss.page_link())
    ask(page, "What is the capital of France?")
    expect(page.get_by_text(PARIS)).to_be_visible()
    origin = gpt_oss.url.removesuffix("/v1")
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []
    assert "code=" not in page.url
    page.close()


def test_the_keyboard_reaches_everything(page: Page) -> None:
    expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
    page.keyboard.type("Hello!")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Again.")
    expect(page.get_by_role("textbox")).to_have_value("Hello!\nAgain.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="New chat")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_systems_colours_and_fits_a_phone(
    chromium: Browser, gpt_oss: Endpoint, scheme: str
) -> None:
    colours = "dark" if scheme == "dark" else "light"
    page = chromium.new_page(color_scheme=colours, viewport=PHONE)
    page.goto(gpt_oss.page_link())
    ask(page, "Show me a function with a table.")
    expect(page.get_by_role("cell", name="9")).to_be_visible()
    background = "rgb(29, 26, 23)" if scheme == "dark" else "rgb(255, 253, 250)"
    expect(page.locator("body")).to_have_css("background-color", background)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()


@pytest.mark.parametrize(
    "stop", [lambda page: page.keyboard.press("Escape"), lambda page: page.click("#stop")]
)
def test_stop_keeps_what_was_said(chromium: Browser, stop: Callable[[Page], None]) -> None:
    with serving(ScriptedDecoder("word " * 500, TOKEN_SECONDS)) as served:
        page = chromium.new_page()
        page.goto(served.server.page_link())
        ask(page, "Talk.")
        expect(page.locator(".answer")).to_contain_text("word word")
        stop(page)
        expect(page.get_by_text("Stopped.")).to_be_visible()
        assert served.engine.next_submitted().wait(10)
        page.close()


def test_a_failure_gives_the_question_back(chromium: Browser) -> None:
    with serving(ScriptedDecoder("Hello", fail_at=0)) as served:
        page = chromium.new_page()
        page.goto(served.server.page_link())
        ask(page, "Why?")
        expect(page.get_by_role("alert")).to_contain_text("The answer failed.")
        expect(page.get_by_role("textbox")).to_have_value("Why?")
        served.decoder.fail_at = None
        page.keyboard.press("Enter")
        expect(page.locator(".answer")).to_contain_text("Hello")
        page.close()


def test_a_server_that_is_gone_is_told(chromium: Browser) -> None:
    with serving() as served:
        page = chromium.new_page()
        page.goto(served.server.page_link())
        expect(page.get_by_text("scripted")).to_be_visible()
    ask(page, "Are you there?")
    expect(page.get_by_role("alert")).to_contain_text("Is it still running?")
    expect(page.get_by_role("textbox")).to_have_value("Are you there?")
    page.close()
