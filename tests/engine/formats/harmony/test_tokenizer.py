"""Text that is hard to tokenize: long runs without a place to cut."""

from __future__ import annotations

import random

import openai_harmony as harmony
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.formats.harmony import tokenizer
from engine.formats.harmony.format import HarmonyFormat
from engine.formats.harmony.tokenizer import Tokenizer, cut_at_spaces
from engine.formats.harmony.vocabulary import Vocabulary
from engine.types import ChatRequest, JsonAnswer, Message, Role, Tool, ToolCall

SIZE = 1_000_000
THAI = "ภาษาไทยเป็นภาษาที่มีการเขียนติดกันโดยไม่มีการเว้นวรรคระหว่างคำ"
TEXTS = {
    "dashes": "-" * SIZE,
    "letters": "ACGT" * (SIZE // 4),
    "Thai": (THAI * 6_000)[: SIZE // 3],
    "letters with marks": "a\u0301" * (SIZE // 3),
    "base64": "".join(
        random.Random(0).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefxyz0189+/", k=SIZE)
    ),
    "signs and underscores": "_-" * (SIZE // 2),
    "spaces": " " * SIZE,
    "spaces before a word": " " * SIZE + "word",
    "lines of spaces": ("\n" + " " * 5_000) * (SIZE // 5_000),
    "lines below the old limit": "\n".join(["ACGT" * 1_000] * (SIZE // 4_000)),
    "CJK": "漢字仮名交じり文" * (SIZE // 24),
}
PIECES = ["a", "B", "'s", ".", "/", "\n", "\r", "1", "é", "\u0301", "日", " ", " " * 5, "\t" * 6]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_megabyte_of_anything_is_read(
    form: HarmonyFormat, encoding: harmony.HarmonyEncoding, text: str
) -> None:
    """F1 and A3: these took minutes, in which nothing else ran, or were refused."""
    assert encoding.decode([*form.encode(text)]) == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_wherever_it_stands(form: HarmonyFormat, text: str) -> None:
    call = Message(Role.ASSISTANT, (), tool_calls=(ToolCall("c", "write", f'{{"x": "{text}"}}'),))
    request = ChatRequest(
        (Message.of(Role.USER, "Write."), call),
        tools=(
            Tool("write", text, {"properties": {"x": {"type": "string", "description": text}}}),
        ),
        json_answer=JsonAnswer({"type": "object", "description": text}, description=text),
    )
    assert len(form.render(request).ids) > 5 * len(text) // 128


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_long_runs_of_spaces_are_cut_where_the_pattern_cuts(
    form: HarmonyFormat, vocabulary: Vocabulary, text: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        space = tokenizer.SPACE
        short = rf"(?<!{space}){space}{{3,}}+(?![\r\n])"
        patch.setattr(tokenizer, "LONG_SPACE", tokenizer.re.compile(short))
        pieces = [*cut_at_spaces(text)]
        whole: Tokenizer = form._tokenizer  # pyright: ignore[reportPrivateUsage]
        ids = [one for piece in pieces for one in whole.encode(piece)]
    assert "".join(pieces) == text
    assert ids == whole.encode(text)
