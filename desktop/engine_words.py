"""What the engine says in fixed words, for the translators: the engine itself speaks English.

The window gives whatever the engine says to `tr`; what is not here stays as it is.
"""

from __future__ import annotations

from desktop.language import tr_later

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
