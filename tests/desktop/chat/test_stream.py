"""Any chunking of a text gives the document of a one-shot rendering."""

from __future__ import annotations

import random

import pytest
from PySide6.QtGui import QTextDocument

from desktop.chat.looks import Looks
from desktop.chat.stream import StreamingMarkdown, writable
from desktop.style.theme import LIGHT, Theme
from tests.desktop.chat.looking import appearance_of, colour_at

pytestmark = pytest.mark.usefixtures("qapp")

SNIPPETS = (
    "# Heading\n",
    "Setext\n===\n",
    "A *paragraph* with **bold**, ~~struck~~ and `code`.\n",
    "Two lines\nof one paragraph  \nand a hard break\n",
    "half-open **bold and `code\n",
    "[link](https://example.org) <https://example.org> [odd](javascript:alert(1))\n",
    "[late]\n\n[late]: https://example.org\n",
    "![an image](file:///etc/hostname)\n",
    "<b>raw</b> <script>alert(1)</script>\n",
    "<div>\nraw block\n</div>\n",
    "&amp; &lt;tag&gt; \\*escaped\\*\n",
    "- one\n- two\n  - nested\n    1. deep\n",
    "- # heading in an item\n- ## another\n",
    "1. one\n2. two\n\n   a second paragraph\n",
    "3) three\n4) four\n",
    "- \n- empty before\n",
    "- a fence in a list\n\n  ```python\n  x = 1\n\n  y = 2\n  ```\n",
    "> a quote\n> > in a quote\nlazy\n",
    "> - a list in a quote\n>\n> ```\n> code\n> ```\n",
    "```python\ndef f(x):\n    return 'é' # 1\n\n\n```\n",
    "~~~\ntildes ``` inside\n~~~\n",
    "````md\n```\nnested\n```\n````\n",
    "```\nnever closed\n",
    "    indented code\n\n    more\n",
    "| a | b |\n|---|:-:|\n| 1 | **2** |\n| `3` | |\n",
    "- | in | list |\n  |---|---:|\n  | 1 | 2 |\n",
    "not | a table\n",
    "***\n",
    "---\n",
    "Inline $x_1$, \\(y_2 * z\\) and *so $a*b$ on*, for $5 and $10.\n",
    "\\[\nx\n= y\n- z\n\\]\n",
    "Text\n$$\na\n=\nb\n$$.\nand text\n",
    "A line with $$x$$, and \\[y\\] in it\n",
    "$$a$$ begins a line\n",
    "- item\n  \\[\n  x\n  > y\n  \\]\n  text\n",
    "> $$\n> x\n> $$\n",
    "> \\[\nlazy\n\\]\n",
    "\\[\nnever\n- closed\n\n",
    "$$\n# x\n\ny\n$$\n",
    "\\[\nx\n\\] goes\non\n",
    "| $x$ | $|y|$ |\n|---|---|\n| $\\frac{1}$ | \\(z\\) |\n",
    "emoji 👩‍👩‍👧 and Ελληνικά, עברית\n",
    "\r\nwindows\r\nlines\r\n",
    "control \x00 \ufdd0 \ufffc \u2029 \u2028 end\n",
    "\n",
    "\n\n",
    "   ",
    "2",
    "`",
    "*",
    "|",
    "$",
    "$$",
    "\\",
    "\\[",
    "\\]",
    "\\(",
)


def rendered(chunks: list[str], theme: Theme = LIGHT) -> QTextDocument:
    document = QTextDocument()
    stream = StreamingMarkdown(document, Looks(theme), 0)
    for chunk in chunks:
        stream.feed(chunk)
    stream.finish()
    return document


def random_text(chance: random.Random) -> str:
    snippets = chance.choices(SNIPPETS, k=chance.randint(1, 7))
    return "".join(text if chance.random() < 0.8 else text.rstrip("\n") for text in snippets)


def chunks_of(text: str, chance: random.Random) -> list[str]:
    """Pieces of 1 to 12 characters, or only a few cuts."""
    count = min(len(text), chance.choice((1, 3, len(text) // 5 + 1, len(text))))
    cuts = sorted(chance.sample(range(len(text) + 1), count))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@pytest.mark.parametrize("seed", range(40))
def test_random_texts_in_random_chunks_look_as_in_one_shot(seed: int) -> None:
    chance = random.Random(seed)
    text = random_text(chance)
    chunks = chunks_of(text, chance)
    assert appearance_of(rendered(chunks)) == appearance_of(rendered([text])), (text, chunks)


@pytest.mark.parametrize("text", SNIPPETS)
def test_each_kind_of_block_comes_character_by_character_between_others(text: str) -> None:
    text = f"Before.\n\n{text}\n\nAfter."
    assert appearance_of(rendered([*text])) == appearance_of(rendered([text]))


def test_a_late_item_joins_the_list_above_an_empty_line() -> None:
    document = rendered(["1. a\n\n", "2", ". b"])
    assert document.begin().textList().count() == 2


def test_a_late_definition_changes_nothing_that_is_written() -> None:
    early = rendered(["See [it].\n\n"]).toPlainText()
    late = rendered(["See [it].\n\n", "[it]: https://example.org\n"]).toPlainText()
    assert early == "See [it]."
    assert late == "See [it].\n[it]: https://example.org"


def test_closed_blocks_are_left_alone_while_text_comes() -> None:
    document = QTextDocument()
    stream = StreamingMarkdown(document, Looks(LIGHT), 0)
    stream.feed("First paragraph.\n\nSecond paragraph.\n\nThird")
    document.documentLayout()  # it alone makes the document tell of changes
    changed: list[int] = []
    document.contentsChange.connect(lambda position, removed, added: changed.append(position))
    stream.feed(" paragraph, and it grows")
    assert min(changed) >= len("First paragraph.")


def test_an_open_fence_is_plain_and_is_highlighted_when_it_closes() -> None:
    document = QTextDocument()
    stream = StreamingMarkdown(document, Looks(LIGHT), 0)
    stream.feed("```python\n")
    stream.feed("return 1\n")
    assert colour_at(document, "return") == LIGHT.text
    stream.feed("```\n")
    assert colour_at(document, "return") == LIGHT.syntax.keyword


def test_a_fence_that_never_closes_is_highlighted_at_the_end() -> None:
    assert colour_at(rendered(["```python\n", "return 1"]), "return") == LIGHT.syntax.keyword


@pytest.mark.parametrize("character", ["\x00", "\ufdd0", "\ufdd1", "\ufffc"])
def test_characters_that_qt_takes_for_commands_are_replaced(character: str) -> None:
    assert writable(f"a{character}b") == "a\ufffdb"


def test_lone_carriage_returns_vanish() -> None:
    assert rendered(["a\r", "\nb"]).toPlainText() == "a b"
