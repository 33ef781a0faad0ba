"""Every error that a user can meet, each with the sentence they will read.

HearthError
├── EngineError
│   ├── NoModel            nothing is loaded
│   ├── EngineBusy         the queue is full
│   ├── EngineClosed       the program is leaving
│   ├── ContextOverflow    the conversation does not fit
│   ├── DeviceFailed       ONNX Runtime gave up in the middle
│   │   └── DeviceLost     on a GPU: the model must be loaded anew
│   └── RemoteFailed       the server of a remote model does not answer as it should
├── BadRequest             a value that the engine cannot honour
├── ModelError
│   ├── BadModelFolder     missing, damaged or of a kind that is not supported
│   ├── WrongDevice        it computes other answers than the processor
│   ├── BadRemote          the file of a remote model cannot be read
│   ├── BadGguf            a GGUF file that cannot be converted without loss
│   ├── BadCheckpoint      published weights that are damaged, incomplete or of another kind
│   ├── CannotWrite        a model folder finds no place: it is taken, closed or too small
│   │   └── AlreadyAtWork  another Hearth does the same
│   ├── UnknownEntry       the catalogue has no model of that name
│   ├── FetchFailed        a file cannot be had from its server
│   │   └── Unreachable    not now, perhaps later
│   └── Offline            the user has forbidden all connections
├── KeyUnavailable         no place to keep the API key
└── PortUnavailable        the localhost API cannot listen there
"""

from __future__ import annotations


class HearthError(Exception):
    """Base of all: str(error) is a sentence that a person can act on."""


class EngineError(HearthError):
    pass


class NoModel(EngineError):
    def __init__(self) -> None:
        super().__init__("No model is loaded.")


class EngineBusy(EngineError):
    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} requests are waiting already. Try again in a moment.")


class EngineClosed(EngineError):
    def __init__(self) -> None:
        super().__init__("Hearth is shutting down.")


class ContextOverflow(EngineError):
    def __init__(self, prompt_tokens: int, context_length: int) -> None:
        super().__init__(
            f"This conversation is {prompt_tokens:,} tokens long, but the model reads at most "
            f"{context_length:,}. Start a new chat or shorten it."
        )
        self.prompt_tokens = prompt_tokens
        self.context_length = context_length


class DeviceFailed(EngineError):
    def __init__(self, device: str, detail: str) -> None:
        super().__init__(f"The model stopped on {device}: {detail}")


class DeviceLost(DeviceFailed):
    pass


class RemoteFailed(EngineError):
    pass


class BadRequest(HearthError):
    """`field` names the offending field as OpenAI's API calls it, or is None."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ModelError(HearthError):
    pass


class BadModelFolder(ModelError):
    pass


class WrongDevice(ModelError):
    pass


class BadRemote(ModelError):
    pass


class BadGguf(ModelError):
    pass


class BadCheckpoint(ModelError):
    pass


class CannotWrite(ModelError):
    pass


class AlreadyAtWork(CannotWrite):
    def __init__(self, work: str) -> None:
        super().__init__(f"Another Hearth is {work} already.")


class UnknownEntry(ModelError):
    def __init__(self, id: str, known: list[str]) -> None:
        super().__init__(f"The catalogue has no {id}. It has: {', '.join(known)}.")


class FetchFailed(ModelError):
    pass


class Unreachable(FetchFailed):
    pass


class Offline(ModelError):
    def __init__(self, purpose: str) -> None:
        super().__init__(f"Hearth is switched to offline, so this was not done: {purpose}.")


class KeyUnavailable(HearthError):
    pass


class PortUnavailable(HearthError):
    pass
