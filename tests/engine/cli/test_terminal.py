from __future__ import annotations

import pytest

from engine.cli.terminal import without_control_characters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[2J", "\N{REPLACEMENT CHARACTER}[2J"),
        ("\x1b]52;c;AAAA\x07", "\N{REPLACEMENT CHARACTER}]52;c;AAAA\N{REPLACEMENT CHARACTER}"),
        ("back\x08space \x9b1m ☃", "back\ufffdspace \ufffd1m ☃"),
    ],
)
def test_a_models_text_cannot_command_the_terminal(text: str, shown: str) -> None:
    assert without_control_characters(text) == shown
