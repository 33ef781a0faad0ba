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

from engine.cli.shell import ExitCode, Shell, loaded_engine, model_option, pass_shell, pick_model
from engine.cli.terminal import PrefillBar, without_control_characters
from engine.errors import HearthError
from engine.thread import EngineThread, Generation
from engine.types import (
    ChatRequest,
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
HELP_LINE = "Return sends, Ctrl-C stops an answer, Ctrl-D leaves."


@click.command()
@click.argument("prompt", required=False)
@model_option
@click.option("--system", metavar="TEXT", help="Instructions before the conversation.")
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
    system: str | None,
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
    request = ChatRequest(instructions, sampling, max_tokens)
    if prompt == "-" or (prompt is None and not sys.stdin.isatty()):
        prompt = sys.stdin.read().strip()
    with loaded_engine(pick_model(shell, model_id)) as (engine, ready):
        if prompt is None:
            click.echo(f"{ready.model.name} on {ready.model.device.name}. {HELP_LINE}\n", err=True)
            converse(engine, request)
        else:
            answer_once(engine, with_message(request, Role.USER, prompt), as_json)


def answer_once(engine: EngineThread, request: ChatRequest, as_json: bool = False) -> None:
    """One answer on standard output and nothing else there. Leaves with 130 if it was stopped."""
    text, finished = Answer(engine, request).tell(None if as_json else write_out)
    if as_json:
        click.echo(json.dumps(as_document(text, finished)))
    elif not text.endswith("\n"):
        click.echo()
    if finished.reason is FinishReason.CANCELLED:
        raise SystemExit(ExitCode.INTERRUPTED)


def converse(engine: EngineThread, request: ChatRequest) -> None:
    """Question after question until Ctrl-D; each answer knows what was said before."""
    while (question := read_question()) is not None:
        if not question.strip():
            continue
        asked = with_message(request, Role.USER, question)
        try:
            text, finished = Answer(engine, asked).tell(write_out)
        except HearthError as error:  # the conversation so far goes on without this question
            click.echo(f"hearth: {error}\n", err=True)
            continue
        request = with_message(asked, Role.ASSISTANT, text)
        click.echo(" … stopped.\n" if finished.reason is FinishReason.CANCELLED else "\n")


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


def as_document(text: str, finished: Finished) -> dict[str, Any]:
    usage = finished.usage and asdict(finished.usage)
    return {"text": text, "finish_reason": str(finished.reason), "usage": usage}


class Answer:
    """One generation heard from the main thread, so that Ctrl-C can stop it."""

    def __init__(self, engine: EngineThread, request: ChatRequest) -> None:
        self._events: queue.SimpleQueue[GenerationEvent] = queue.SimpleQueue()
        self._generation = engine.submit(request, self._events.put)

    def tell(self, write: Callable[[str], None] | None) -> tuple[str, Finished]:
        """Write the text as it comes; returns all of it. Raises the error of a failure."""
        text = ""
        with stopped_by_ctrl_c(self._generation), PrefillBar() as bar:
            for event in self._hear():
                match event:
                    case Progress(done, total):
                        bar.show(done, total)
                    case TextDelta():
                        bar.hide()
                        text += event.text
                        if write:
                            write(event.text)
                    case Finished():
                        return text, event
                    case Failed(error):
                        raise error
                    case _:
                        pass
        raise AssertionError("the generation ended without a terminal event")

    def _hear(self) -> Iterator[GenerationEvent]:
        while True:
            try:  # short waits: a Ctrl-C gets through on Windows too
                yield self._events.get(timeout=EVENT_POLL_SECONDS)
            except queue.Empty:
                continue


@contextmanager
def stopped_by_ctrl_c(generation: Generation) -> Generator[None]:
    """The first Ctrl-C cancels the generation, the second raises KeyboardInterrupt."""

    def on_interrupt(*_: object) -> None:
        if generation.cancellation.is_set:
            raise KeyboardInterrupt
        generation.cancel()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
