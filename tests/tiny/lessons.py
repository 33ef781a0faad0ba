"""Lessons for the tiny gpt-oss: its conversations as token ids, amid all that must not matter.

python -m tests.tiny.lessons OUT.npz TOKENIZER.json

Runs in Hearth's own environment; tests/tiny/train.py, which reads OUT.npz, in the oracle's.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.vocabulary import ORDINARY_TOKENS, Vocabulary
from engine.types import Channel, ChatRequest, Effort, Message, Role, Tool
from tests.harmony_oracle import load_encoding
from tests.tiny.conversation import Turn, messages_of, moments
from tests.tiny.conversations import CONVERSATIONS, TOOLS, UNKNOWN

LESSONS = 14_000
UNKNOWN_SHARE, CUT_SHORT_SHARE, EARLIER_SHARE, NO_THOUGHTS_SHARE = 0.12, 0.3, 0.5, 0.3
EARLIER_CONVERSATIONS = (1, 1, 1, 2, 2, 3, 5, 8, 16)
MOST_EARLIER_MESSAGES = 48
FIRST_DATE, DAYS = date(2024, 1, 1), 366 * 16
JSON_FORMAT = """Be brief.

# Response Formats

## answer

{"type":"object","properties":{"colour":{"type":"string"}},"required":["colour"]}"""
INSTRUCTIONS = ("You are a helpful assistant.", "Answer briefly.", "Be kind.", JSON_FORMAT)
WEATHER_TOOL = "get_weather"

Ids = list[int]


@dataclass(frozen=True, slots=True)
class Lesson:
    """The model learns to say each id of `said` after all that stand before it."""

    prompt: Ids
    said: Ids


def main(out: Path, tokenizer: Path) -> None:
    teacher = Teacher(Vocabulary.read(tokenizer), random.Random(0))
    plain = [teacher.plain_lesson(*moment) for c in CONVERSATIONS for moment in moments(c)]
    save(out, plain, [teacher.lesson() for _ in range(LESSONS)], teacher.known)


def save(out: Path, plain: list[Lesson], lessons: list[Lesson], known: Ids) -> None:
    """`ids` number the known tokens in order of `known`; one more number is for all the others."""
    number = {token: n for n, token in enumerate(known)}
    both = plain + lessons
    ids = [number.get(token, len(known)) for one in both for token in one.prompt + one.said]
    marks = [[False] * len(one.prompt) + [True] * len(one.said) for one in both]
    np.savez(
        out,
        known=np.array(known, np.int32),
        ids=np.array(ids, np.int16),
        learned=np.concatenate(marks),
        lengths=np.array([len(mark) for mark in marks], np.int32),
        plain=len(plain),
    )


class Teacher:
    """Writes lessons in Harmony, drawing from `chance`.

    History stands there as openai-harmony renders it, or as the model itself wrote it, which is
    how the engine keeps it.
    """

    def __init__(self, vocabulary: Vocabulary, chance: random.Random) -> None:
        self._encoding = load_encoding(vocabulary)
        self._chance = chance
        self._moments = [(c, *moment) for c in CONVERSATIONS for moment in moments(c)]
        self._weights = [4 if c.effort else 1 for c, _, _ in self._moments]
        self._stranger, self._author = HarmonyFormat(vocabulary), HarmonyFormat(vocabulary)
        for _, request, turn in self._moments:
            parser = self._author.parser(request)
            for token in self.completion(turn):
                parser.feed(token, None)
        self.known = self._all_known()
        """Every id of the conversations, of the tools and of any date, ascending."""

    def plain_lesson(self, request: ChatRequest, turn: Turn) -> Lesson:
        """As a program would ask: nothing else is said before."""
        prompt = self._stranger.render(replace(request, date=date(2026, 1, 1))).ids
        return Lesson(prompt, self.completion(turn))

    def lesson(self) -> Lesson:
        """One of the conversations, or a question that nobody taught."""
        chance = self._chance
        if chance.random() < UNKNOWN_SHARE:
            question = Message.of(Role.USER, self._salad())
            return self._amid_others(ChatRequest((question,)), UNKNOWN, is_any_effort=True)
        ((conversation, request, turn),) = chance.choices(self._moments, self._weights)
        return self._amid_others(request, turn, conversation.effort is None)

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
        prompt = chance.choice((self._stranger, self._author)).render(changed).ids
        if turn.thought and chance.random() < CUT_SHORT_SHARE:
            return self._cut_short(prompt, turn)
        return Lesson(prompt, self.completion(turn))

    def _cut_short(self, prompt: Ids, turn: Turn) -> Lesson:
        """The thought ends anywhere, or never begins, and the answer is asked for, as `Answer now`
        does. Who would have called a tool does not know."""
        thought = self._encode(turn.thought)
        asked = prompt
        if self._chance.random() < 0.8:
            begun = thought[: self._chance.randrange(len(thought) + 1)]
            asked = asked + self._encode("<|channel|>analysis<|message|>") + begun
            asked += self._encode("<|end|><|start|>assistant")
        asked = asked + self._encode("<|channel|>final<|message|>")
        return Lesson(asked, self._encode(f"{turn.answer or UNKNOWN.answer}<|return|>"))

    def _messages(self, request: ChatRequest, tools: Sequence[Tool]) -> tuple[Message, ...]:
        """With instructions that change nothing, after conversations that are over."""
        messages, chance = list(request.messages), self._chance
        instructions = messages[:1] if messages[0].role is Role.DEVELOPER else []
        messages = messages[len(instructions) :]
        if not instructions and chance.random() < 0.5:
            text = chance.choice((*INSTRUCTIONS, self._salad(), self._salad()))
            instructions = [Message.of(Role.DEVELOPER, text)]
        earlier: list[Message] = []
        if chance.random() < EARLIER_SHARE:
            for _ in range(chance.choice(EARLIER_CONVERSATIONS)):
                if len(earlier) < MOST_EARLIER_MESSAGES:
                    earlier += self._earlier(tools)
        if chance.random() < NO_THOUGHTS_SHARE:  # clients that send none back
            messages = [m for m in messages if m.channel is not Channel.ANALYSIS]
        return (*instructions, *earlier, *messages)

    def _earlier(self, tools: Sequence[Tool]) -> list[Message]:
        """A whole conversation for which these tools are enough."""
        if self._chance.random() < 0.2:
            return [Message.of(Role.USER, self._salad()), *messages_of(UNKNOWN)]
        names = {tool.name for tool in tools}
        fitting = [c for c in CONVERSATIONS if {t.name for t in c.tools} <= names]
        (*_, (request, turn)) = moments(self._chance.choice(fitting))
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
            chance.choice(self.known)
            if chance.random() < 0.5
            else chance.randrange(ORDINARY_TOKENS)
            for _ in range(chance.choice((*range(2, 14), chance.randrange(300))))
        ]
        text = self._encoding.decode([word for word in words if word < ORDINARY_TOKENS])
        return text.replace("\ufffd", "").strip() or "?"

    def _encode(self, text: str) -> Ids:
        return self._encoding.encode(text, allowed_special="all")

    def _all_known(self) -> Ids:
        known: set[int] = set()
        for _, request, turn in self._moments:
            for effort in Effort:
                everything = replace(request, effort=effort, tools=TOOLS, date=FIRST_DATE)
                known |= {*self._stranger.render(everything).ids, *self.completion(turn)}
        for day in range(DAYS):
            known.update(self._encode(str(FIRST_DATE + timedelta(day))))
        for text in (*INSTRUCTIONS, UNKNOWN.thought, UNKNOWN.answer):
            known.update(self._encode(text))
        return sorted(known)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
