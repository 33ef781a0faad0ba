"""Highlighted code, in light and dark."""

from __future__ import annotations

import pytest

from desktop.chat.code import MAX_HIGHLIGHTED_CHARACTERS, CodeLooks, Run, highlighted
from desktop.chat.looks import Looks
from desktop.style.theme import DARK, LIGHT, Theme

pytestmark = pytest.mark.usefixtures("qapp")

PYTHON = '@cache\ndef name(x: int) -> str:  # why\n    return "é" if x == 1 else None\n'


def runs(code: str, language: str, theme: Theme) -> list[Run]:
    return list(highlighted(code, language, CodeLooks(Looks(theme))))


def colours(code: str, language: str, theme: Theme) -> dict[str, str]:
    return {text: char.foreground().color().name() for text, char in runs(code, language, theme)}


def test_each_kind_of_token_has_its_colour(theme: Theme) -> None:
    found = colours(PYTHON, "python", theme)
    syntax = theme.syntax
    assert found["def"] == found["return"] == syntax.keyword
    assert found["name"] == syntax.name
    assert found["é"] == syntax.string
    assert found["1"] == found["None"] == syntax.number
    assert found["# why"] == syntax.comment
    assert found["@cache"] == syntax.type
    assert found["x"] == theme.text


def test_light_and_dark_differ() -> None:
    assert colours(PYTHON, "python", LIGHT)["def"] != colours(PYTHON, "python", DARK)["def"]


def test_comments_slant() -> None:
    (comment,) = [char for text, char in runs(PYTHON, "python", LIGHT) if text == "# why"]
    assert comment.fontItalic()


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", PYTHON),
        ("python", "\n\n  x\t= 1\n\n"),
        ("js", "const a = `x${1}`"),
        ("html", "<a href='x'>&amp;</a>"),
        ("diff", "-a\n+b\n"),
        ("console", "$ ls\nfile\n"),
        ("no such language", "a <b> c"),
        ("", "plain"),
    ],
)
def test_no_character_is_lost_or_added(language: str, code: str) -> None:
    assert "".join(text for text, _ in runs(code, language, LIGHT)) == code


@pytest.mark.parametrize("language", ["", "no-such-language"])
def test_code_in_no_known_language_is_one_plain_run(language: str, theme: Theme) -> None:
    assert colours("return 1", language, theme) == {"return 1": theme.text}


def test_very_long_code_is_one_plain_run() -> None:
    code = "x = 1\n" * (MAX_HIGHLIGHTED_CHARACTERS // 6 + 1)
    assert [text for text, _ in runs(code, "python", LIGHT)] == [code]
