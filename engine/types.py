"""The values that pass through the engine's door: frozen, without I/O, standard library only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Channel(StrEnum):
    """Where the model speaks: thinking aloud, to a tool or as a preamble, or to the user."""

    ANALYSIS = "analysis"
    COMMENTARY = "commentary"
    FINAL = "final"


class Effort(StrEnum):
    """How long the model may think before it answers."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class FinishReason(StrEnum):
    STOP = "stop"
    TOOL_CALLS = "tool_calls"
    LENGTH = "length"
    CANCELLED = "cancelled"


# What goes in


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


Part = TextPart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool. `arguments` is its text, JSON where the model kept to that."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    A turn of the assistant is several of them: its reasoning (`channel` ANALYSIS), what it tells
    the user beside a call (COMMENTARY), the call itself (`tool_calls`), the answer (FINAL, or
    None). A message of a tool carries the tool's `name`.
    """

    role: Role
    content: tuple[Part, ...]
    channel: Channel | None = None
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()

    @classmethod
    def of(cls, role: Role, text: str, channel: Channel | None = None) -> Message:
        return cls(role, (TextPart(text),), channel)

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.content)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function of the client's. `parameters` is a JSON schema, None for a call without any.

    With `is_strict` the model cannot write arguments that the schema does not allow.
    """

    name: str
    description: str = ""
    parameters: Mapping[str, Any] | None = None
    is_strict: bool = False


class ToolMode(StrEnum):
    NONE = "none"
    AUTO = "auto"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether the model may or must call; `names`, where given, are the only ones it may call."""

    mode: ToolMode = ToolMode.AUTO
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """The answer to the user must be JSON that `schema` allows; None for any object.

    With `is_strict` a schema that cannot be kept in full is an error, otherwise as much of it is
    kept as can be.
    """

    schema: Mapping[str, Any] | None = None
    name: str = ""
    description: str = ""
    is_strict: bool = False


def no_bias() -> Mapping[int, float]:
    return {}


@dataclass(frozen=True, slots=True)
class SamplingDefaults:
    """What a model's makers recommend; as it stands here, the model's own distribution.

    DRY (engine/runtime/dry.py) is off where `dry_multiplier` is 0. It is never applied at
    temperature 0, which always takes the most probable token, nor under a grammar.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. Temperature 0 is greedy; top_k 0, top_p 1 and min_p 0 are off.

    None takes the model's default; `seed` None draws differently each time. The penalties and the
    bias are added to the logits, as OpenAI's API defines them.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logit_bias: Mapping[int, float] = field(default_factory=no_bias)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to the model.

    `max_tokens` None means up to the end of the context. `stop` strings end the answer and are
    not part of it. `top_logprobs` None asks for no log-probabilities, 0 for the chosen tokens'
    only. `date` is what the model takes for today, None for the real one: a conversation that
    keeps its first date keeps its KV cache past midnight.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    top_logprobs: int | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    effort: Effort = Effort.MEDIUM
    date: date | None = None
    json_answer: JsonAnswer | None = None


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A text for the model to go on with, or its token ids, without any conversation around it.

    The other fields are those of ChatRequest.
    """

    prompt: str | tuple[int, ...]
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    top_logprobs: int | None = None


Request = ChatRequest | CompletionRequest


# What comes out: exactly one Finished or Failed, last


@dataclass(frozen=True, slots=True)
class Started:
    """The prompt is rendered and fits. `cached_tokens` of it were still in the KV cache."""

    prompt_tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Prompt tokens prefilled so far, cached ones included."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token's natural log-probability under the model's own distribution, before sampling."""

    token_id: int
    token: bytes
    logprob: float
    top: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    channel: Channel
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a call's arguments as they are written; the first one's text may be empty."""

    id: str
    name: str
    text: str


ParsedEvent = TextDelta | ToolCallDelta | ToolCall
"""What a parser reads from the sampled ids; a ToolCall follows its deltas and is the whole call."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts in tokens. `completion_tokens` counts every sampled token, the end token included.

    `reasoning_tokens` of them were thoughts and the marks around them.
    """

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    prefill_seconds: float
    decode_seconds: float
    reasoning_tokens: int = 0

    @property
    def decode_tokens_per_second(self) -> float | None:
        """The first token belongs to prefill; None when there was no second one."""
        if self.completion_tokens < 2 or self.decode_seconds <= 0:
            return None
        return (self.completion_tokens - 1) / self.decode_seconds

    @property
    def context_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Finished:
    """`usage` is None only for a request that was cancelled before it started. `is_loop`: the
    answer was ended because it repeated itself."""

    reason: FinishReason
    usage: Usage | None
    is_loop: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    error: Exception


GenerationEvent = Started | Progress | ParsedEvent | Finished | Failed

Sink = Callable[[GenerationEvent], None]
"""Called on the engine thread, in order; must return at once. If it raises, that is a cancel."""


# What the engine says about itself


@dataclass(frozen=True, slots=True)
class Device:
    """Where a model runs, and why, in one sentence for people. `is_here` is false for another
    machine, to which all that is asked goes."""

    name: str
    reason: str
    is_here: bool = True


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A loaded model. `id` is what clients name it by; `context_length` is in tokens. `has_effort`
    says that it thinks before it answers, for as long as it is asked to."""

    id: str
    name: str
    context_length: int
    size_bytes: int
    device: Device
    sampling: SamplingDefaults = SamplingDefaults()
    has_effort: bool = False


@dataclass(frozen=True, slots=True)
class Idle:
    """No model is loaded."""


@dataclass(frozen=True, slots=True)
class Loading:
    model_id: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A model that `is_resting` has given its memory back; the next request loads it again."""

    model: ModelInfo
    is_resting: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """The model could not be loaded; the error's text says why."""

    error: Exception


EngineState = Idle | Loading | Ready | Broken
