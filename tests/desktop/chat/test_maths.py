"""Formulas: which are recognised, how they are drawn, and what is copied."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from desktop.chat import formulas
from desktop.chat.formulas import MAX_SOURCE_CHARACTERS, OBJECT, SOURCE, drawing_of
from desktop.chat.looks import Looks
from desktop.chat.markdown import MarkdownWriter, markdown_parser
from desktop.chat.maths import MATH
from desktop.chat.transcript import Transcript
from desktop.style.theme import DARK, LIGHT, Theme
from tests.desktop.chat.looking import blocks_of, char_at, formats_in, formulas_in
from tests.desktop.conftest import LONG_MS

pytestmark = pytest.mark.usefixtures("qapp")

ROOTS = r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}"
WIDE = "$$" + " + ".join(f"a_{{{number}}}" for number in range(60)) + "$$"


def read(source: str) -> list[str]:
    """The sources of all formulas in a text."""
    inline = [token.children or [] for token in markdown_parser().parse(source)]
    return [child.content for children in inline for child in children if child.type == MATH]


def written(source: str) -> QTextDocument:
    document = QTextDocument()
    MarkdownWriter(document, Looks(LIGHT), markdown_parser()).rewrite(0, source)
    return document


def answered(qtbot: QtBot, text: str, theme: Theme = LIGHT, width: int = 700) -> Transcript:
    transcript = Transcript(theme)
    transcript.resize(width, 400)
    qtbot.addWidget(transcript)
    with qtbot.waitExposed(transcript, timeout=LONG_MS):
        transcript.show()
    transcript.begin_answer(text)
    transcript.end_answer()
    return transcript


def box_of(transcript: Transcript, text: str) -> QRect:
    """Of the first character of `text`, in the viewport."""
    found = transcript.document().find(text)
    assert not found.isNull()
    start = QTextCursor(transcript.document())
    start.setPosition(found.selectionStart())
    left = transcript.cursorRect(start)
    start.movePosition(QTextCursor.MoveOperation.NextCharacter)
    right = transcript.cursorRect(start)
    return QRect(left.topLeft(), QPoint(right.left(), left.bottom()))


def ink_in(transcript: Transcript, box: QRect, background: str) -> QRect:
    """The pixels that differ from the background."""
    page: QImage = transcript.viewport().grab().toImage()
    inked = [
        QPoint(x, y)
        for x in range(max(0, box.left()), min(page.width(), box.right() + 1))
        for y in range(max(0, box.top()), min(page.height(), box.bottom() + 1))
        if page.pixelColor(x, y).name() != background
    ]
    ink = QRect()
    for point in inked:
        ink = ink.united(QRect(point, point))
    return ink


def background_of(transcript: Transcript) -> str:
    return transcript.viewport().grab().toImage().pixelColor(1, 1).name()


def select_all(transcript: Transcript) -> str:
    transcript.selectAll()
    return transcript.createMimeDataFromSelection().text()


# recognising


@pytest.mark.parametrize(
    "source",
    [
        "$5 and $10",
        "$5, $10 or $20.",
        "from $5-$10",
        "10$, 20$",
        "US$5 or A$6",
        "$ x $",
        "\\$x\\$",
        "\\\\(x\\\\)",
        "$$",
        "$$ $$",
        "\\( \\)",
        "$$$ dear, $$ less, $ cheap",
        "`$x$` and `\\(x\\)`",
        "$a `b$ c`",
        "```\n$x$\n$$y$$\n```",
        "    $$x$$",
        "half-open \\(x and $y",
        "\\[\nx\n\ny\n\\]",
        "> \\[\n> x\n\ny \\]",
        "- $$x\n- y$$",
    ],
)
def test_what_is_no_formula_stays_text(source: str) -> None:
    assert read(source) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("$x$, ($y$) and\n$z$.", ["$x$", "$y$", "$z$"]),
        ("\\(x\\) and \\(\ny\n\\)", ["\\(x\\)", "\\(\ny\n\\)"]),
        ("It costs $5, and $x$ is free", ["$x$"]),
        ("$\\text{\\$5}$", ["$\\text{\\$5}$"]),
        ("\\\\$x$", ["$x$"]),
        ("公式$x$是", ["$x$"]),
        ("$a*b$ and *c $d*e$ f*", ["$a*b$", "$d*e$"]),
        ("$a_1$ $b_1$", ["$a_1$", "$b_1$"]),
        ("[a $x$](https://example.org)", ["$x$"]),
        ("**\\(x\\)**", ["\\(x\\)"]),
        ("# On $x$", ["$x$"]),
        ("| a |\n|---|\n| $x$ |", ["$x$"]),
        ("\\[x\\]", ["\\[x\\]"]),
        ("$$x$$", ["$$x$$"]),
        ("Text $$x$$ and \\[y\\].", ["$$x$$", "\\[y\\]"]),
        ("Text\n\\[\nx\n\\]\ntext", ["\\[\nx\n\\]"]),
        ("$$\na\n- b\n=\n# c\n> 0\n$$", ["$$\na\n- b\n=\n# c\n> 0\n$$"]),
        ("\\[a \\\\[2pt] b\\]", ["\\[a \\\\[2pt] b\\]"]),
        ("- a\n  \\[\n  x\n  \\]\n", ["\\[\nx\n\\]"]),
        ("1. a\n\n   $$\n   x\n   $$\n", ["$$\nx\n$$"]),
        ("> \\[\n> x\n> \\]\n", ["\\[\nx\n\\]"]),
    ],
)
def test_formulas_are_recognised(source: str, found: list[str]) -> None:
    assert read(source) == found


def test_a_display_formula_is_alone_in_the_middle_with_its_punctuation() -> None:
    document = written("Before \\[x\\]. After")
    blocks = list(blocks_of(document))
    assert [block.text() for block in blocks] == ["Before ", f"{OBJECT}.", "After"]
    assert blocks[1].blockFormat().alignment() == Qt.AlignmentFlag.AlignHCenter
    assert blocks[2].blockFormat().alignment() != Qt.AlignmentFlag.AlignHCenter


def test_a_display_formula_in_an_item_is_indented_and_numbers_go_on() -> None:
    blocks = list(blocks_of(written("1. a\n   \\[x\\]\n2. \\[y\\]\n")))
    assert [block.text() for block in blocks] == ["a", OBJECT, OBJECT]
    assert blocks[1].blockFormat().indent() == 1
    numbers = [found.itemText(block) for block in blocks if (found := block.textList())]
    assert numbers == ["1.", "2."]


# drawing


@pytest.mark.parametrize(
    "source",
    [
        "$x$",
        f"\\[{ROOTS}\\]",
        "$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$",
        "$$\\begin{bmatrix} a & b \\\\ c & d \\end{bmatrix}^{-1}$$",
        "\\[x = \\begin{cases} 1 & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}\\]",
        "\\[E = mc^2 \\tag{1}\\]",
        "$A \\setminus B$",
        "$\\color{nonsense}{x}$",
    ],
)
def test_what_models_write_is_drawn(source: str) -> None:
    drawing = drawing_of(source)
    assert drawing is not None
    assert 0 < drawing.width < 30
    assert 0 < drawing.ascent + drawing.descent < 6


def fractions(depth: int) -> str:
    return f"1 + \\frac{{1}}{{{fractions(depth - 1)}}}" if depth else "x"


@pytest.mark.parametrize(
    "source",
    [
        "$\\frac{1}$",
        "$\\left( x$",
        "$\\unknown{x}$",
        "$\\text{中文}$",
        "$x \\text{👍}$",
        "$" + "x" * MAX_SOURCE_CHARACTERS + "$",
        "$" + "{" * 900 + "}" * 900 + "$",
        f"${fractions(12)}$",
        "$\\underbrace{\\hspace{99999em}}$",
        "$\\,$",
    ],
    ids=lambda source: source[:16],
)
def test_what_cannot_be_drawn_is_shown_as_code(source: str) -> None:
    document = written(f"See {source}.")
    assert document.toPlainText() == f"See {source}."
    assert char_at(document, source[:200]).background().color().name() == LIGHT.card
    assert formulas_in(document) == []


def test_a_display_that_cannot_be_drawn_keeps_its_lines() -> None:
    document = written("\\[\n\\frac{1}\n\\]")
    assert document.toPlainText() == "\\[\n\\frac{1}\n\\]"
    assert document.blockCount() == 1


def test_an_unknown_colour_is_the_texts(qtbot: QtBot) -> None:
    transcript = answered(qtbot, "$\\color{nonsense}{x} \\color{red}{y}$")
    transcript.grab()  # and Qt says nothing


@pytest.mark.parametrize("source", ["$x$", f"$${ROOTS}$$", "a $\\mathbf{M}$ b"])
def test_formulas_are_drawn_in_the_colour_of_the_text(
    qtbot: QtBot, theme: Theme, source: str
) -> None:
    transcript = answered(qtbot, source, theme)
    box = box_of(transcript, OBJECT)
    page = transcript.viewport().grab().toImage()
    colours = {
        page.pixelColor(x, y).name()
        for x in range(box.left(), box.right())
        for y in range(box.top(), box.bottom())
    }
    assert theme.text in colours


@pytest.mark.parametrize(
    ("source", "colour"),
    [
        ("# $x$", "text"),
        ("- $x$", "text"),
        ("> $x$", "text"),
        ("| $x$ |\n|---|\n| 1 |", "text"),
        ("[$x$](https://example.org)", "link"),
    ],
)
def test_a_formula_has_the_colour_of_its_place(
    qtbot: QtBot, theme: Theme, source: str, colour: str
) -> None:
    transcript = answered(qtbot, source, theme)
    looks = [char for char in formats_in(transcript.document()) if char.hasProperty(SOURCE)]
    assert [char.foreground().color().name() for char in looks] == [getattr(theme, colour)]


def test_formulas_in_thoughts_are_muted(qtbot: QtBot, theme: Theme) -> None:
    transcript = answered(qtbot, "", theme)
    transcript.begin_answer()
    transcript.feed_thoughts("So $x$ it is.")
    look = char_at(transcript.document(), OBJECT)
    assert look.foreground().color().name() == theme.muted


def test_the_same_answer_in_another_theme_has_its_colour(qtbot: QtBot) -> None:
    transcript = answered(qtbot, "$x$")
    transcript.set_theme(DARK)
    with transcript.rewriting():
        transcript.begin_answer("$x$")
    assert char_at(transcript.document(), OBJECT).foreground().color().name() == DARK.text


@pytest.mark.parametrize("formula", ["$\\mathrm{H}$", "$\\mathrm{H}^2$", "$\\mathrm{H}_{j_j}$"])
def test_formulas_stand_on_the_baseline(qtbot: QtBot, formula: str) -> None:
    """The feet of an H, before what is lower, are where those of the text's are."""
    transcript = answered(qtbot, f"H {formula} H")
    transcript.moveCursor(QTextCursor.MoveOperation.End)  # its caret is ink as well
    background = background_of(transcript)
    letter, drawn = box_of(transcript, "H"), box_of(transcript, OBJECT)
    half = QRect(drawn.left(), letter.top(), 8, letter.height())
    feet = ink_in(transcript, letter, background).bottom()
    assert abs(ink_in(transcript, half, background).bottom() - feet) <= 1


@pytest.mark.parametrize("width", [300, 700])
def test_a_wide_formula_is_scaled_to_the_column(qtbot: QtBot, width: int) -> None:
    transcript = answered(qtbot, WIDE, width=700)
    transcript.resize(width, 400)
    frame = transcript.document().rootFrame().frameFormat()
    column = transcript.viewport().width() - frame.leftMargin() - frame.rightMargin()
    line = transcript.document().begin().layout().lineAt(0)
    assert column - 2 <= line.naturalTextWidth() <= column
    assert transcript.horizontalScrollBar().maximum() == 0


def test_a_formula_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    draw = formulas._drawn

    def count(latex: str, is_inline: bool) -> formulas.Drawing | None:
        drawn.append(latex)
        return draw(latex, is_inline)

    monkeypatch.setattr(formulas, "_drawn", count)
    for _ in range(3):
        written("Once $drawn_{1}$ and $drawn_{2}$, $drawn_{1}$.")
    assert drawn == ["drawn_{1}", "drawn_{2}"]


def test_the_window_starts_without_ziamath() -> None:
    code = (
        "import sys, desktop.app\n"
        "early = {'ziamath', 'latex2mathml'} & set(sys.modules)\n"
        "sys.exit(f'imported too early: {early}' if early else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# copying


def test_what_is_copied_has_the_source(qtbot: QtBot) -> None:
    transcript = answered(qtbot, "Take $x$ and\n\\[\ny\n\\]\nfrom **here**.")
    assert select_all(transcript) == "Take $x$ and\n\\[\ny\n\\]\nfrom here."
    assert "\\[" in transcript.createMimeDataFromSelection().html()


def test_a_part_with_formulas_can_be_copied(qtbot: QtBot) -> None:
    transcript = answered(qtbot, "Take $x$ or $y$.")
    cursor = QTextCursor(transcript.document())
    cursor.setPosition(len("Take x"))
    cursor.setPosition(len("Take x or y"), QTextCursor.MoveMode.KeepAnchor)
    transcript.setTextCursor(cursor)
    assert transcript.createMimeDataFromSelection().text() == " or $y$"


def test_what_is_beside_folded_thoughts_is_copied_with_its_source(qtbot: QtBot) -> None:
    transcript = answered(qtbot, "")
    transcript.begin_answer()
    transcript.feed_thoughts("Thought of $x$.")
    transcript.end_thoughts(2)
    transcript.feed("It is $y$.")
    transcript.end_answer()
    assert select_all(transcript).endswith("It is $y$.")
    assert "$x$" not in select_all(transcript)


def test_an_object_character_of_a_model_is_no_formula(qtbot: QtBot) -> None:
    transcript = answered(qtbot, "A \ufffc and $x$.")
    assert select_all(transcript) == "A \ufffd and $x$."
