"""MathML from LaTeX by latex2mathml, with what it and ziamath get wrong put right."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

NUMBERED = re.compile(r"\\(begin|end)\{(align|equation|gather)\}")
TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
ENDLESS = re.compile(r"-?\d{3,}(\.\d*)?\s*[a-z]")
"""A length of 100 and more of any unit, over which ziamath would stretch a brace for minutes."""
SCRIPTS = {"msup": 1, "msub": 1, "mover": 1, "munder": 1, "msubsup": 2, "munderover": 2}
SIGNS = set("-−+±∓")
BEFORE_SIGNS = set("=≠<>≤≥≈≡∼∝∈→⇒↦([{⟨,;:+−±×⋅·/")


def mathml_of(latex: str, is_inline: bool) -> Element:
    """Raises whatever latex2mathml raises."""
    from ziamath.escapes import unescape
    from ziamath.tex import tex2mml

    latex = NUMBERED.sub(r"\\\1{\2*}", latex)  # an answer has no equations 1 and 2
    latex = TAG.sub(r"\\qquad(\\text{\1})", latex)  # ziamath would right-align it on letter paper
    root = ElementTree.fromstring(unescape(tex2mml(latex, inline=is_inline)))
    for element in list(root.iter()):
        element.tag = element.tag.rpartition("}")[2]
        _make_one_base(element)
        _mark_signs(element)
        _space_table(element)
    return root


def is_known(element: Element) -> bool:
    r"""latex2mathml makes text of a command that it does not know; "\" alone is \setminus."""
    return not any(text.startswith("\\") and text != "\\" for text in element.itertext())


def is_endless(element: Element) -> bool:
    return any(ENDLESS.match(value) for part in element.iter() for value in part.attrib.values())


def _make_one_base(element: Element) -> None:
    """What is raised to a power must be one element; a matrix with its brackets is three."""
    count = SCRIPTS.get(element.tag.rpartition("}")[2], 0)
    if not count or len(element) <= count + 1:
        return
    base = Element("mrow")
    base.extend(element[:-count])
    element[:] = [base, *element[-count:]]


def _mark_signs(element: Element) -> None:
    """A sign after a relation or a bracket belongs to what follows: no space between."""
    for before, sign in pairwise(element):
        if _text(sign) in SIGNS and _text(before) in BEFORE_SIGNS:
            sign.set("form", "prefix")


def _space_table(element: Element) -> None:
    """As LaTeX's: lines of an alignment stand apart, columns of a matrix more so."""
    if element.tag != "mtable":
        return
    if "columnspacing" in element.attrib:
        element.set("rowspacing", "0.5em")
    else:
        element.set("columnspacing", "0.8em")


def _text(element: Element) -> str:
    return (element.text or "").strip() if element.tag.endswith("mo") else ""
