from __future__ import annotations

import subprocess
import sys

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


def test_a_known_warning_is_a_sentence_and_an_unknown_one_tells_where() -> None:
    """Run apart, where no test's own handlers listen."""
    script = """
import logging, sys
from engine.cli.shell import warnings_as_sentences
from engine.errors import BadModelFolder
warnings_as_sentences()
for error in (BadModelFolder("It is damaged."), KeyError("x")):
    try:
        raise error
    except Exception:
        logging.getLogger("test").warning("The chip cannot run it", exc_info=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    known, unknown = done.stderr.split("hearth: ")[1:]
    assert known == "The chip cannot run it\nIt is damaged.\n"
    assert "Traceback" in unknown
