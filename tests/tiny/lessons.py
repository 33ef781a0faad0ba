"""Lessons for the tiny gpt-oss: its conversations as token ids, amid all that must not matter.

python -m tests.tiny.lessons OUT.npz TOKENIZER.json

Runs in Hearth's own environment; tests/tiny/train.py, which reads OUT.npz, in the oracle's.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import openai_harmony as harmony

from engine.types import Channel, ChatRequest, Effort, Message, Role, Tool
from tests.tiny.conversations import (
    CONVERSATIONS,
    TOOLS,
    UNKNOWN,
    Turn,
    messages_of,
    moments,
)
from tests.tiny.tiktoken_file import write_tiktoken_file

LESSONS = 8_000
FIRST_DATE, DAYS = date(2024, 1, 1), 366 * 16
FIRST_SPECIAL = 199_998
INSTRUCTIONS = (
    "You are a helpful assistant.",
    "Answer briefly.",
    "Be kind.",
    "Talk like a pirate.",
)
WEATHER_TOOL = "get_weather"

Ids = list[int]


@dataclass(frozen=True, slots=True)
class Lesson:
    """`learned` marks the ids of which each is to be said after all before it."""

    ids: Ids
    learned: list[bool]


def main(out: Path, tokenizer: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_tiktoken_file(tokenizer, Path(folder))
        os.environ["TIKTOKEN_ENCODINGS_BASE"] = folder
        teacher = Teacher(harmony.load_harmony_encoding("HarmonyGptOss"), random.Random(0))
    plain = [teacher.plain_lesson(*moment) for c in CONVERSATIONS for moment in moments(c)]
    lessons = [teacher.lesson() for _ in range(LESSONS)]
    save(out, plain, lessons, teacher.known())


def save(out: Path, plain: list[Lesson], lessons: list[Lesson], known: Ids) -> None:
    """`ids` number the known tokens in order of `known`; one more number is for all the others."""
    number = {token: n for n, token in enumerate(known)}
    both = plain + lessons
    ids = [number.get(token, len(known)) for lesson in both for token in lesson.ids]
    np.savez(
        out,
        known=np.array(known, np.int32),
        ids=np.array(ids, np.int16),
        learned=np.array([mark for lesson in both for mark in lesson.learned]),
        lengths=np.array([len(lesson.ids) for lesson in both], np.int32),
        plain=len(plain),
    )


class Teacher:
    """Writes lessons in Harmony, drawing from `chance`."""

    def __init__(self, encoding: harmony.HarmonyEncoding, chance: random.Random) -> None:
        self._encoding = encoding
        self._chance = chance
        self._moments = [(c, *moment) for c in CONVERSATIONS for moment in moments(c)]
        self._weights = [4 if c.effort else 1 for c, _, _ in self._moments]
        self._known = self._all_known()

    def known(self) -> Ids:
        return self._known

    def plain_lesson(self, request: ChatRequest, turn: Turn) -> Lesson:
        """As a program would ask: nothing else is said before."""
        prompt = self._prompt(replace(request, date=date(2026, 1, 1)))
        said = self.completion(turn)
        return Lesson(prompt + said, [False] * len(prompt) + [True] * len(said))

    def lesson(self) -> Lesson:
        """One of the conversations, or a question that nobody taught."""
        chance = self._chance
        if chance.random() < 0.12:
            question = Message.of(Role.USER, self._salad())
            return self._amid_others(ChatRequest((question,)), UNKNOWN, is_any_effort=True)
        ((conversation, request, turn),) = chance.choices(self._moments, self._weights)
        is_any = conversation.effort is None
        return self._amid_others(request, turn, is_any)

    def completion(self, turn: Turn) -> Ids:
        """What the model itself writes after <|start|>assistant."""
        said: Ids = []
        for channel, text in (
            (Channel.ANALYSIS, turn.thought),
            (Channel.COMMENTARY, turn.preamble),
        ):
            if text:
                said += self._encode(f"<|channel|>{channel}<|message|>{text}<|end|>")
                said += self._encode("<|start|>assistant")
        if turn.call:
            name, arguments = turn.call
            header = f"<|channel|>commentary to=functions.{name} <|constrain|>json<|message|>"
            return said + self._encode(f"{header}{arguments}<|call|>")
        return said + self._encode(f"<|channel|>final<|message|>{turn.answer}<|return|>")

    def _amid_others(self, request: ChatRequest, turn: Turn, is_any_effort: bool) -> Lesson:
        chance = self._chance
        tools = self._tools(request)
        changed = replace(
            request,
            messages=self._messages(request, tools),
            tools=tools,
            effort=chance.choice(list(Effort)) if is_any_effort else request.effort,
            date=FIRST_DATE + timedelta(chance.randrange(DAYS)),
        )
        prompt = self._prompt(changed, own_words=0.5)
        if turn.thought and turn.answer and chance.random() < 0.12:
            return self._cut_short(prompt, turn)
        said = self.completion(turn)
        return Lesson(prompt + said, [False] * len(prompt) + [True] * len(said))

    def _cut_short(self, prompt: Ids, turn: Turn) -> Lesson:
        """The thought ends anywhere and the answer is asked for, as `Answer now` does."""
        thought = self._encode(turn.thought)
        begun = thought[: self._chance.randrange(len(thought) + 1)]
        asked = [*prompt, *self._encode("<|channel|>analysis<|message|>"), *begun]
        asked += self._encode("<|end|><|start|>assistant<|channel|>final<|message|>")
        answer = self._encode(f"{turn.answer}<|return|>")
        return Lesson(asked + answer, [False] * len(asked) + [True] * len(answer))

    def _messages(self, request: ChatRequest, tools: Sequence[Tool]) -> tuple[Message, ...]:
        """With instructions that change nothing, after conversations that are over."""
        messages, chance = list(request.messages), self._chance
        instructions = messages.pop(0) if messages[0].role is Role.DEVELOPER else None
        if instructions is None and chance.random() < 0.5:
            text = chance.choice((*INSTRUCTIONS, self._salad(), self._salad()))
            instructions = Message.of(Role.DEVELOPER, text)
        earlier: list[Message] = []
        if chance.random() < 0.4:
            for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
                earlier += self._earlier(tools)
        if chance.random() < 0.3:  # clients that send no thoughts back
            messages = [m for m in messages if m.channel is not Channel.ANALYSIS]
        return (*([instructions] if instructions else []), *earlier, *messages)

    def _earlier(self, tools: Sequence[Tool]) -> list[Message]:
        """A whole conversation for which these tools are enough."""
        if self._chance.random() < 0.2:
            return [Message.of(Role.USER, self._salad()), *messages_of(UNKNOWN)]
        names = {tool.name for tool in tools}
        fitting = [c for c in CONVERSATIONS if {t.name for t in c.tools} <= names]
        chosen = self._chance.choice(fitting)
        (*_, (request, turn)) = moments(chosen)
        said = [m for m in request.messages if m.role is not Role.DEVELOPER]
        return said + messages_of(turn)

    def _tools(self, request: ChatRequest) -> tuple[Tool, ...]:
        """Those that the request needs among some others. Weather is asked without its tool too."""
        chance = self._chance
        if not request.tools and chance.random() < 0.65:
            return ()
        others = [t for t in TOOLS if t not in request.tools and t.name != WEATHER_TOOL]
        chosen = [*request.tools, *chance.sample(others, chance.choice((0, 0, 1, 2)))]
        chance.shuffle(chosen)
        return tuple(chosen)

    def _salad(self) -> str:
        """Words without sense, half of them known ones."""
        chance = self._chance
        words = [
            chance.choice(self._known) if chance.random() < 0.5 else chance.randrange(FIRST_SPECIAL)
            for _ in range(chance.choice((*range(2, 14), chance.randrange(300))))
        ]
        text = self._encoding.decode([word for word in words if word < FIRST_SPECIAL])
        return text.replace("\ufffd", "").strip() or "?"

    def _prompt(self, request: ChatRequest, own_words: float = 0.0) -> Ids:
        """As openai-harmony renders it. With that chance a call stands there as the model wrote it,
        which is how a cache that is kept from turn to turn has it."""
        options = harmony.RenderOptions(conversation_has_function_tools=bool(request.tools))
        ids = self._encoding.render(system_message(request), options)
        for message in with_developer(request):
            if message.tool_calls and self._chance.random() < own_words:
                (call,) = message.tool_calls
                ids += self._encode("<|start|>assistant")
                ids += self.completion(Turn(call=(call.name, call.arguments)))
            else:
                ids += self._encoding.render(harmony_message(message, request.tools), options)
        return ids + self._encode("<|start|>assistant")

    def _encode(self, text: str) -> Ids:
        return self._encoding.encode(text, allowed_special="all")

    def _all_known(self) -> Ids:
        """Every id of the conversations, of the tools and of any date."""
        known: set[int] = set()
        for _, request, turn in self._moments:
            for effort in Effort:
                everything = replace(request, effort=effort, tools=TOOLS, date=FIRST_DATE)
                known |= {*self._prompt(everything), *self.completion(turn)}
        for day in range(DAYS):
            known.update(self._encode(str(FIRST_DATE + timedelta(day))))
        for text in (*INSTRUCTIONS, UNKNOWN.thought, UNKNOWN.answer):
            known.update(self._encode(text))
        return sorted(known)


def with_developer(request: ChatRequest) -> list[Message]:
    """The messages as the model gets them: tools need a developer message to stand in, and
    thoughts before the last answer are forgotten."""
    said = list(request.messages)
    if request.tools and said[0].role is not Role.DEVELOPER:
        said.insert(0, Message(Role.DEVELOPER, ()))
    answers = [n for n, message in enumerate(said) if message.channel is Channel.FINAL]
    last = answers[-1] if answers else 0
    return [m for n, m in enumerate(said) if n > last or m.channel is not Channel.ANALYSIS]


def system_message(request: ChatRequest) -> harmony.Message:
    assert request.date
    content = (
        harmony.SystemContent.new()
        .with_reasoning_effort(harmony.ReasoningEffort[request.effort.upper()])
        .with_conversation_start_date(request.date.isoformat())
    )
    return harmony.Message.from_role_and_content(harmony.Role.SYSTEM, content)


def harmony_message(message: Message, tools: Sequence[Tool]) -> harmony.Message:
    if message.tool_calls:
        (call,) = message.tool_calls
        made = harmony.Message.from_role_and_content(harmony.Role.ASSISTANT, call.arguments)
        made = made.with_channel("commentary").with_recipient(f"functions.{call.name}")
        return made.with_content_type("<|constrain|>json")
    if message.role is Role.TOOL:
        author = harmony.Author.new(harmony.Role.TOOL, f"functions.{message.name}")
        made = harmony.Message.from_author_and_content(author, message.text)
        return made.with_channel("commentary").with_recipient("assistant")
    if message.role is Role.DEVELOPER:
        return developer_message(message.text, tools)
    made = harmony.Message.from_role_and_content(harmony.Role(message.role), message.text)
    return made.with_channel(message.channel) if message.channel else made


def developer_message(instructions: str, tools: Sequence[Tool]) -> harmony.Message:
    content = harmony.DeveloperContent.new()
    if instructions:
        content = content.with_instructions(instructions)
    if tools:
        content = content.with_function_tools([tool_description(tool) for tool in tools])
    return harmony.Message.from_role_and_content(harmony.Role.DEVELOPER, content)


def tool_description(tool: Tool) -> harmony.ToolDescription:
    parameters = dict(tool.parameters) if tool.parameters else None
    return harmony.ToolDescription.new(tool.name, tool.description, parameters)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
