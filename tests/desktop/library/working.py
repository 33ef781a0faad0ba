"""A library at work until it is killed, in a process of its own.

    python -m tests.desktop.library.working DATABASE SETTINGS SEED

Asks, answers in pieces, edits, answers again, imports, renames and changes settings, in an order
that SEED draws. Each line on stdout is said after a change, as the window shows it after a change.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from pathlib import Path
from typing import Any

from desktop.library.archive import KeptConversation, KeptMessage, add_conversations
from desktop.library.records import COMPLETED, Attachment, Question
from desktop.library.store import Store
from desktop.settings import SettingsFile
from engine.types import Role


def main() -> None:
    database, settings, seed = sys.argv[1:]
    store, kept, draw = (
        Store(Path(database)),
        SettingsFile(Path(settings)),
        random.Random(int(seed)),
    )
    answer(store, store.add_question(None, "First"), draw)
    for step in itertools.count():
        shown = store.messages(1)
        match draw.choice(["ask", "edit", "again", "import", "rename", "settings"]):
            case "ask":
                files = (Attachment(f"{step}.txt", "text", step),)
                answer(store, store.add_question(1, f"Question {step}", attachments=files), draw)
            case "edit":
                asked = draw.choice([one for one in shown if one.role is Role.USER])
                answer(store, store.ask_instead(asked.id, f"Instead {step}"), draw)
            case "again":
                old = draw.choice([one for one in shown if one.role is Role.ASSISTANT])
                answer(store, store.answer_again(old.id), draw)
            case "import":
                take_in(store, step)
            case "rename":
                store.rename(1, f"Title {step}")
                say(title=f"Title {step}")
            case _:
                kept.change(last_model=f"model {step}")
                say(setting=f"model {step}")


def answer(store: Store, question: Question, draw: random.Random) -> None:
    say(message=question.question_id)
    for piece in range(draw.randrange(1, 6)):
        is_reasoning = piece < 2
        text = f"piece {piece} "
        store.append(question.answer_id, text, is_reasoning)
        say(message=question.answer_id, text=text, is_reasoning=is_reasoning)
    store.finish(question.answer_id, COMPLETED)


def take_in(store: Store, step: int) -> None:
    messages = tuple(
        KeptMessage(n, n - 1 or None, Role.USER if n % 2 else Role.ASSISTANT, f"{step} {n}", 0.0)
        for n in range(1, 30)
    )
    add_conversations(store.database, [KeptConversation(f"Import {step}", 0, 0, messages, 29)])
    say(imported=f"Import {step}")


def say(**change: Any) -> None:
    sys.stdout.write(json.dumps(change) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
