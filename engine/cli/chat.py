"""hearth chat: questions and answers in a terminal, or one answer in a pipe."""

from __future__ import annotations

import json
import queue
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import click

from engine.cli.shell import (
    ExitCode,
    Shell,
    cpu_option,
    loaded_engine,
    model_option,
    pass_shell,
    pick_answering,
)
from engine.cli.terminal import PrefillBar, without_control_characters
from engine.errors import HearthError
from engine.thread import EngineThread, Generation
from engine.types import (
    Channel,
    ChatRequest,
    Effort,
    Failed,
    Finished,
    FinishReason,
    GenerationEvent,
    Message,
    Progress,
    Role,
    Sampling,
    TextDelta,
)

EVENT_POLL_SECONDS = 0.1
SAMPLE_QUESTION = "Name three primary colours."
LOOP_LINE = "hearth: The answer was stopped because it repeated itself."
HELP_LINE = "Return sends, Ctrl-C ends the thinking and then the answer, Ctrl-D leaves."


@click.command()
@click.argument("prompt", required=False)
@model_option
@cpu_option
@click.option("--system", metavar="TEXT", help="Instructions before the conversation.")
@click.option(
    "--effort", type=click.Choice([*map(str, Effort)]), default="medium", help="How long to think."
)
@click.option("--temperature", type=click.FloatRange(0, 2), help="0 is always the same answer.")
@click.option("--top-p", type=click.FloatRange(0, 1))
@click.option("--seed", type=int, help="The same seed gives the same answer.")
@click.option("--max-tokens", type=click.IntRange(1), help="End the answer after so many tokens.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@pass_shell
def chat(
    shell: Shell,
    prompt: str | None,
    model_id: str | None,
    on_processor: bool,
    system: str | None,
    effort: str,
    temperature: float | None,
    top_p: float | None,
    seed: int | None,
    max_tokens: int | None,
    as_json: bool,
) -> None:
    """Ask PROMPT and print the answer; "-" reads it from standard input.

    Without PROMPT, a conversation on the terminal.
    """
    sampling = Sampling(temperature=temperature, top_p=top_p, seed=seed)
    instructions = (Message.of(Role.SYSTEM, system),) if system else ()
    request = ChatRequest(instructions, sampling, max_tokens, effort=Effort(effort))
    if prompt == "-" or (prompt is None and not sys.stdin.isatty()):
        prompt = sys.stdin.read().strip()
    with loaded_engine(shell, pick_answering(shell, model_id), on_processor) as (engine, ready):
        if prompt is None:
            device = ready.model.device
            click.echo(f"{ready.model.name} on {device.name}: {device.reason}", err=True)
            click.echo(f"{HELP_LINE}\n", err=True)
            converse(engine, request)
        else:
            answer_once(engine, with_message(request, Role.USER, prompt), as_json)


def answer_once(engine: EngineThread, request: ChatRequest, as_json: bool = False) -> None:
    """One answer on standard output and nothing else there. Leaves with 130 if it was stopped."""
    answer = Answer(engine, request)
    finished = answer.tell(is_shown=not as_json)
    if as_json:
        click.echo(json.dumps(as_document(answer, finished)))
    elif not answer.text.endswith("\n"):
        click.echo()
    if finished.is_loop:
        click.echo(LOOP_LINE, err=True)
    if finished.reason is FinishReason.CANCELLED:
        raise SystemExit(ExitCode.INTERRUPTED)


def converse(engine: EngineThread, request: ChatRequest) -> None:
    """Question after question until Ctrl-D; each answer knows what was said before."""
    while (question := read_question()) is not None:
        if not question.strip():
            continue
        asked = with_message(request, Role.USER, question)
        try:
            answer = Answer(engine, asked)
            finished = answer.tell(is_hurried=True)
        except HearthError as error:  # the conversation so far goes on without this question
            click.echo(f"hearth: {error}\n", err=True)
            continue
        request = with_message(asked, Role.ASSISTANT, answer.text)
        click.echo(" … stopped.\n" if finished.reason is FinishReason.CANCELLED else "\n")
        if finished.is_loop:
            click.echo(f"{LOOP_LINE}\n", err=True)


def read_question() -> str | None:
    """A line from the terminal; None to leave (Ctrl-D, or Ctrl-C on an empty line)."""
    try:
        return input("› ")
    except EOFError:
        click.echo()
        return None


def with_message(request: ChatRequest, role: Role, text: str) -> ChatRequest:
    return replace(request, messages=(*request.messages, Message.of(role, text)))


def write_out(text: str) -> None:
    shown = without_control_characters(text) if sys.stdout.isatty() else text
    click.echo(shown, nl=False)
    sys.stdout.flush()


def write_thought(text: str) -> None:
    """Thoughts are for who watches, not for a pipe."""
    if sys.stderr.isatty():
        click.secho(without_control_characters(text), nl=False, err=True, dim=True)


def as_document(answer: Answer, finished: Finished) -> dict[str, Any]:
    return {
        "text": answer.text,
        "reasoning": answer.reasoning,
        "finish_reason": str(finished.reason),
        "usage": finished.usage and asdict(finished.usage),
    }


class Answer:
    """One generation heard from the main thread, so that Ctrl-C can stop it."""

    def __init__(self, engine: EngineThread, request: ChatRequest) -> None:
        self._events: queue.SimpleQueue[GenerationEvent] = queue.SimpleQueue()
        self._generation = engine.submit(request, self._events.put)
        self.text = ""
        self.reasoning = ""

    def tell(self, is_shown: bool = True, is_hurried: bool = False) -> Finished:
        """Write the text as it comes. Raises the error of a failure.

        With `is_hurried` the first Ctrl-C ends the thinking only.
        """
        can_hurry = self._is_thinking if is_hurried else lambda: False
        with stopped_by_ctrl_c(self._generation, can_hurry), PrefillBar() as bar:
            for event in self._hear():
                match event:
                    case Progress(done, total):
                        bar.show(done, total)
                    case TextDelta():
                        bar.hide()
                        self._take(event, is_shown)
                    case Finished():
                        return event
                    case Failed(error):
                        raise error
                    case _:
                        pass
        raise AssertionError("the generation ended without a terminal event")

    def _is_thinking(self) -> bool:
        return bool(self.reasoning) and not self.text

    def _take(self, delta: TextDelta, is_shown: bool) -> None:
        if delta.channel is Channel.ANALYSIS:
            self.reasoning += delta.text
            write = write_thought
        else:
            if self._is_thinking() and is_shown:
                write_thought("\n\n")
            self.text += delta.text
            write = write_out
        if is_shown:
            write(delta.text)

    def _hear(self) -> Iterator[GenerationEvent]:
        while True:
            try:  # short waits: a Ctrl-C gets through on Windows too
                yield self._events.get(timeout=EVENT_POLL_SECONDS)
            except queue.Empty:
                continue


@contextmanager
def stopped_by_ctrl_c(generation: Generation, can_hurry: Callable[[], bool]) -> Generator[None]:
    """A Ctrl-C cancels the generation, the next one raises KeyboardInterrupt.

    While `can_hurry()`, the first one only ends the thinking.
    """

    def on_interrupt(*_: object) -> None:
        if generation.cancellation.is_set:
            raise KeyboardInterrupt
        if can_hurry() and not generation.is_answer_wanted:
            generation.answer_now()
        else:
            generation.cancel()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
