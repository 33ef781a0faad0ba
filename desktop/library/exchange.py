"""Files of conversations: Markdown to read, JSON to keep, and ChatGPT's export to come from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from desktop.language import tr, tr_later
from desktop.library.archive import KeptConversation, KeptMessage
from desktop.library.manner import Manner
from desktop.library.records import AnswerEnd, Attachment, Call, Status, title_of
from engine.errors import HearthError
from engine.types import Role

FORMAT = "hearth.conversations"
VERSION = 1
SPEAKERS = {Role.USER: tr_later("You"), Role.ASSISTANT: tr_later("Assistant")}
NO_CONVERSATIONS = tr_later(
    "{name} holds no conversations that Hearth can read: it takes its own JSON, and the "
    "conversations.json of a ChatGPT export."
)

Json = dict[str, Any]


class BadExchangeFile(HearthError):
    """A file that holds no conversations, or that cannot be read or written."""


def as_markdown(kept: KeptConversation) -> str:
    """The branch that is shown."""
    said = [_section(one) for one in kept.branch() if one.text]
    return "\n".join([f"# {kept.title}\n", *said])


def _section(message: KeptMessage) -> str:
    files = "".join(tr("Attached: {name}", name=one.name) + "\n\n" for one in message.attachments)
    return f"## {tr(SPEAKERS[message.role])}\n\n{files}{message.text.strip()}\n"


def as_json(kept: Sequence[KeptConversation]) -> str:
    """All branches of each."""
    conversations = [{**asdict(one), "manner": asdict(one.manner)} for one in kept]
    document = {"format": FORMAT, "version": VERSION, "conversations": conversations}
    return json.dumps(document, ensure_ascii=False, indent=1)


def read_file(path: Path) -> list[KeptConversation]:
    """Raises BadExchangeFile."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadExchangeFile(
            tr("{name} cannot be read: {strerror}.", name=path.name, strerror=error.strerror)
        ) from error
    except (ValueError, RecursionError):
        raise BadExchangeFile(tr(NO_CONVERSATIONS, name=path.name)) from None
    try:
        return read_document(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadExchangeFile(tr(NO_CONVERSATIONS, name=path.name)) from None


def read_document(document: Any) -> list[KeptConversation]:
    """Raises KeyError, TypeError, ValueError and AttributeError for what is none."""
    if isinstance(document, list):
        found = [_from_chatgpt(one) for one in cast("list[Json]", document)]
        return [one for one in found if one.messages]
    if document["format"] != FORMAT:
        raise ValueError
    if document["version"] > VERSION:
        raise BadExchangeFile(tr("This file was written by a newer version of Hearth."))
    return [_from_json(one) for one in document["conversations"]]


def write_file(path: Path, text: str) -> None:
    """Raises BadExchangeFile."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BadExchangeFile(
            tr("{path} cannot be written: {strerror}.", path=path, strerror=error.strerror)
        ) from error


def _from_json(stored: Json) -> KeptConversation:
    messages = tuple(_message_from_json(one) for one in stored["messages"])
    kept = KeptConversation(
        title=str(stored["title"]),
        created_at=float(stored["created_at"]),
        updated_at=float(stored["updated_at"]),
        messages=messages,
        leaf=stored["leaf"],
        is_pinned=bool(stored["is_pinned"]),
        manner=Manner.from_json(json.dumps(stored["manner"])),
    )
    _check_tree(kept)
    return kept


def _message_from_json(stored: Json) -> KeptMessage:
    end = AnswerEnd(**{**stored["end"], "status": Status(stored["end"]["status"])})
    if end.status is Status.STREAMING:
        end = AnswerEnd(Status.INTERRUPTED)
    return KeptMessage(
        number=int(stored["number"]),
        parent=stored["parent"],
        role=Role(stored["role"]),
        text=str(stored["text"]),
        created_at=float(stored["created_at"]),
        reasoning=str(stored["reasoning"]),
        end=end,
        attachments=tuple(Attachment(**one) for one in stored["attachments"]),
        calls=tuple(Call(**one) for one in stored.get("calls", ())),
    )


def _check_tree(kept: KeptConversation) -> None:
    """Raises ValueError for messages that come before the ones that they follow."""
    known: set[int | None] = {None}
    for message in kept.messages:
        is_first = message.parent is None
        if message.parent not in known or (is_first and message.role is not Role.USER):
            raise ValueError
        known.add(message.number)
    if kept.leaf not in known:
        raise ValueError


def _from_chatgpt(stored: Json) -> KeptConversation:
    """The messages with text of the two who spoke; tools, pictures and what was hidden are left
    out, and what follows them follows what they followed."""
    nodes = cast("dict[str, Json]", stored["mapping"])
    numbers: dict[str, int | None] = {}
    messages: list[KeptMessage] = []
    for id in _parents_first(nodes):
        before = nodes[id].get("parent")
        parent = numbers.get(before) if before else None
        message = _message_from_chatgpt(nodes[id], len(messages) + 1, parent)
        if message is not None:
            messages.append(message)
        numbers[id] = message.number if message else parent
    last = max((one.number for one in messages), default=None)
    at = float(stored.get("create_time") or 0)
    first = next((one.text for one in messages), "")
    return KeptConversation(
        title=str(stored.get("title") or title_of(first)),
        created_at=at,
        updated_at=float(stored.get("update_time") or at),
        messages=tuple(messages),
        leaf=numbers.get(str(stored.get("current_node"))) or last,
    )


def _parents_first(nodes: dict[str, Json]) -> Iterator[str]:
    waiting = [id for id, node in nodes.items() if node.get("parent") not in nodes]
    seen: set[str] = set()
    while waiting:
        id = waiting.pop(0)
        if id in seen:
            continue
        seen.add(id)
        yield id
        waiting[:0] = [child for child in nodes[id].get("children", ()) if child in nodes]


def _message_from_chatgpt(node: Json, number: int, parent: int | None) -> KeptMessage | None:
    message = cast("Json | None", node.get("message"))
    if not message or message["author"]["role"] not in SPEAKERS:
        return None
    role = Role(message["author"]["role"])
    is_hidden = (message.get("metadata") or {}).get("is_visually_hidden_from_conversation")
    parts = (message.get("content") or {}).get("parts") or ()
    text = "\n\n".join(part for part in parts if isinstance(part, str) and part)
    if is_hidden or not text or (parent is None and role is not Role.USER):
        return None
    return KeptMessage(number, parent, role, text, float(message.get("create_time") or 0))


def file_name(title: str, suffix: str) -> str:
    """What every system takes as a name."""
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in title)
    return f"{' '.join(kept.split())[:60] or 'Conversation'}.{suffix}"


def today() -> str:
    return datetime.now(UTC).date().isoformat()
