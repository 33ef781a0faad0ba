"""What the engine says in fixed words, for the translators: the engine itself speaks English.

The window gives whatever the engine says to `said`; what is not here stays as it is.
"""

from __future__ import annotations

import re

from desktop.language import tr, tr_later

SAID = (
    tr_later("the CPU"),
    tr_later("the NVIDIA GPU"),
    tr_later("it was converted for it."),
    tr_later("you have chosen it."),
    tr_later("No model is loaded."),
    tr_later(
        "Everybody in this network who has the key could ask, and whoever listens in the network "
        "could read the key and all that is said: nothing is encrypted. Answer the network all the "
        "same?"
    ),
)
SAID_WITH_VALUES = (
    tr_later("It takes {need} of memory, and there are {has}."),
    tr_later("It takes {need} of memory on {chip}, and there are {has}."),
    tr_later("It takes {need} of memory on {chip}, which may take {has} of the computer's."),
    tr_later("It takes {need} of an NVIDIA GPU's memory, and there is none."),
    tr_later("Getting it takes {need} of disk, and {has} are free."),
)


def said(text: str) -> str:
    """In the window's language, where the engine's words are known."""
    for template in SAID_WITH_VALUES:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template))
        if match := re.fullmatch(pattern, text):
            return tr(template, **match.groupdict())
    return tr(text)
