"""The one fake of the whole suite: a decoder that says its script. All around it is real.

Its vocabulary is the 256 bytes, in GPT-2's alphabet, and the control tokens of ChatML.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from engine.cancellation import Cancellation
from engine.errors import DeviceFailed
from engine.formats.byte_level import byte_of_character
from engine.formats.chat_template import ChatTemplate
from engine.formats.template import TemplateFormat
from engine.model import Model
from engine.protocols import ChatFormat, NextLogits
from engine.runtime.logits import HostLogits
from engine.types import Device, ModelInfo

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
START, END = 256, 257
VOCABULARY_SIZE = 258
CHUNK_TOKENS = 512


def byte_tokenizer() -> Tokenizer:
    """Id n is byte n: every text has a token per byte, so characters span tokens."""
    vocabulary = dict(byte_of_character())
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    controls = ["<|im_start|>", "<|im_end|>"]
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in controls])
    return tokenizer


class ScriptedDecoder:
    """A Decoder that answers every prompt with the bytes of its script, then the end token.

    A script of ids is said as it is, over a vocabulary of `vocabulary` tokens.

    Each token takes `seconds_per_token`, cut short by a cancel as ONNX Runtime's would be.
    `fail_at` raises `failure` at that token of an answer. `gate`, while cleared, holds all
    work: clear it to keep the engine busy, set it to let go.
    """

    def __init__(
        self,
        script: str | Sequence[int],
        seconds_per_token: float = 0.0,
        context_length: int = 4096,
        fail_at: int | None = None,
        vocabulary: int = VOCABULARY_SIZE,
    ) -> None:
        self.script = [*script.encode(), END] if isinstance(script, str) else [*script]
        self.vocabulary = vocabulary
        self.seconds_per_token = seconds_per_token
        self.fail_at = fail_at
        self.failure = DeviceFailed
        self.gate = threading.Event()
        self.gate.set()
        self.prefilled: list[int] = []
        self.decoded = 0
        self.resets = 0
        self._context_length = context_length
        self._tokens: list[int] = []
        self._step = 0

    @property
    def context_length(self) -> int:
        return self._context_length

    @property
    def chunk_tokens(self) -> int:
        return CHUNK_TOKENS

    @property
    def tokens(self) -> Sequence[int]:
        return self._tokens

    def reuse(self, prompt: Sequence[int]) -> int:
        pairs = zip(self._tokens, prompt[:-1], strict=False)
        kept = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        kept = min(len(self._tokens), len(prompt) - 1) if kept is None else kept
        del self._tokens[kept:]
        self._step = 0
        return kept

    def prefill(self, ids: Sequence[int], cancellation: Cancellation) -> NextLogits:
        self._work(len(ids), cancellation)
        self._tokens += ids
        self.prefilled.append(len(ids))
        self._step = 0  # only after the last chunk is the script's beginning wanted
        return self._logits()

    def decode(self, token: int, cancellation: Cancellation) -> NextLogits:
        self._work(1, cancellation)
        self._tokens.append(token)
        self.decoded += 1
        return self._logits()

    def reset(self) -> None:
        self._tokens.clear()
        self.resets += 1

    def _work(self, tokens: int, cancellation: Cancellation) -> None:
        interrupted = threading.Event()
        with cancellation.interrupting(interrupted.set):
            while not self.gate.wait(0.002) and not interrupted.is_set():
                pass
            interrupted.wait(self.seconds_per_token * tokens)
        cancellation.check()

    def _logits(self) -> NextLogits:
        if self._step == self.fail_at:
            raise self.failure("the CPU", "the script says so.")
        logits = np.zeros(self.vocabulary, np.float32)
        logits[self.script[min(self._step, len(self.script) - 1)]] = 50.0
        self._step += 1
        return HostLogits(logits)


def scripted_model(
    decoder: ScriptedDecoder,
    name: str = "scripted",
    chat_format: ChatFormat | None = None,
    has_effort: bool = False,
) -> Model:
    info = ModelInfo(
        id=name,
        name="Scripted model",
        context_length=decoder.context_length,
        size_bytes=1000,
        device=Device("the CPU", "It is a test."),
        has_effort=has_effort,
    )
    return Model(info, decoder, chat_format or byte_format())


def byte_format() -> TemplateFormat:
    return TemplateFormat(byte_tokenizer(), ChatTemplate(CHATML), [END])
