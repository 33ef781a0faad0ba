r"""LaTeX in Markdown: \(..\), $..$, \[..\] and $$..$$ become tokens of the type "math".

The plugins of mdit-py-plugins do not fit: texmath reads on beyond quotes and list items, and with
dollarmath a line such as "- y" in a formula that is not closed yet ends its block, so that a text
that grows would not look as it does in one go.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MATH = "math"
"""Its content is the source with delimiters, its info the punctuation after a display."""
DISPLAY_OPENING = re.compile(r"\\\[|\$\$(?!\$)")
DISPLAY_OPENINGS = ("\\[", "$$")
BREAKS = ("softbreak", "hardbreak")

# A backslash and what follows are a pair, which no delimiter is in the middle of. A back quote is
# no LaTeX: it is code that begins. None contains its own opening, so a search ends at the next one.
FORMULAS = (
    re.compile(r"(\\\((?:[^\\`]|\\[^()])+?\\\))()"),
    re.compile(r"(\\\[(?:[^\\`]|\\[^\[\]])+?\\\])([.,;:]?)"),
    re.compile(r"((?<!\$)\$\$(?!\$)(?:[^\\`$]|\\.|\$(?!\$))+?\$\$)(?!\$)([.,;:]?)", re.S),
    # Prices: "$5 and $10", "10$, 20$".
    re.compile(r"((?<![0-9A-Za-z$])\$(?![\s$])(?:[^\\`$]|\\.)+?(?<!\s)\$)(?![0-9$])()", re.S),
)


def maths_plugin(parser: MarkdownIt) -> None:
    """For MarkdownIt.use."""
    like_a_fence = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", MATH, _read_display, {"alt": like_a_fence})
    parser.inline.ruler.before("escape", MATH, _read_formula)


def is_display(token: Token) -> bool:
    return token.type == MATH and token.content.startswith(DISPLAY_OPENINGS)


def parts_of(children: list[Token]) -> list[list[Token]]:
    """Display formulas by themselves, and what is between them without white space around."""
    parts: list[list[Token]] = [[]]
    for child in children:
        if is_display(child) and child.level == 0:
            parts += [[child], []]
        else:
            parts[-1].append(child)
    return [part for part in map(_trimmed, parts) if part]


def _trimmed(part: list[Token]) -> list[Token]:
    while part and _is_blank(part[0]):
        part = part[1:]
    while part and _is_blank(part[-1]):
        part = part[:-1]
    if part and part[0].type == "text":
        part = [part[0].copy(content=part[0].content.lstrip()), *part[1:]]
    return part


def _is_blank(token: Token) -> bool:
    return token.type in BREAKS or (token.type == "text" and not token.content.strip())


def latex_of(source: str) -> str:
    """Without its delimiters."""
    length = 1 if source.startswith("$") and not source.startswith("$$") else 2
    return source[length:-length].strip()


def _read_formula(state: StateInline, silent: bool) -> bool:
    match = _formula_at(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push(MATH, MATH, 0)
        token.content, token.info = match.groups()
    state.pos = match.end()
    return True


def _formula_at(text: str, start: int, end: int) -> re.Match[str] | None:
    if text[start] not in "\\$":
        return None
    found = (pattern.match(text, start, end) for pattern in FORMULAS)
    return next((match for match in found if match and latex_of(match[1])), None)


def _read_display(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph that begins with a display formula and ends with its line. One that is not
    closed reaches as far as an empty line, whatever its lines look like."""
    first = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not DISPLAY_OPENING.match(state.src, first):
        return False
    beyond = _beyond(state, start, end)
    content = state.getLines(start, beyond, state.blkIndent, False).strip()
    if match := _formula_at(content, 0, len(content)):
        line, _, _ = content[match.end() :].partition("\n")
        beyond = start + content.count("\n", 0, match.end()) + 1
        if beyond == start + 1 and line.strip():
            return False  # a sentence that begins with a formula
        content = content[: match.end()] + line.rstrip()
    if not silent:
        _push_paragraph(state, content, start, beyond)
    return True


def _beyond(state: StateBlock, start: int, end: int) -> int:
    """The line after those that belong to the same paragraph and container."""
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    return line


def _push_paragraph(state: StateBlock, content: str, start: int, beyond: int) -> None:
    state.line = beyond
    state.push("paragraph_open", "p", 1).map = [start, beyond]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, [start, beyond], []
    state.push("paragraph_close", "p", -1)
