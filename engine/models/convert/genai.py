"""genai_config.json: ONNX Runtime GenAI's description of a model folder, with a section of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from engine.models.convert.onnx_writer import MODEL_FILE
from engine.types import SamplingDefaults


class DecoderShape(Protocol):
    """What every decoder's shape tells."""

    @property
    def layers(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def kv_heads(self) -> int: ...
    @property
    def head_size(self) -> int: ...
    @property
    def vocabulary(self) -> int: ...
    @property
    def context_length(self) -> int: ...


@dataclass(frozen=True, slots=True)
class About:
    """`family` is GenAI's name of the architecture, `providers` its names of execution providers
    (the CPU has none); `windows` are the sliding layers, with the tokens that each sees."""

    family: str
    name: str
    begin_token: Any
    stop_tokens: Any
    pad_token: Any
    sampling: SamplingDefaults
    providers: tuple[str, ...] = ()
    windows: Mapping[int, int] | None = None


def genai_config(shape: DecoderShape, about: About) -> dict[str, Any]:
    return {
        "model": {
            "type": about.family,
            "context_length": shape.context_length,
            "vocab_size": shape.vocabulary,
            "bos_token_id": about.begin_token,
            "eos_token_id": about.stop_tokens,
            "pad_token_id": about.pad_token,
            "decoder": _decoder(shape, about),
        },
        "search": {"past_present_share_buffer": True},
        "hearth": {"name": about.name, "sampling": asdict(about.sampling)},
    }


def _decoder(shape: DecoderShape, about: About) -> dict[str, Any]:
    return {
        "filename": MODEL_FILE,
        "session_options": {"provider_options": [{name: {}} for name in about.providers]},
        "head_size": shape.head_size,
        "hidden_size": shape.width,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "num_hidden_layers": shape.layers,
        **({"sliding_window": _windows(about.windows)} if about.windows else {}),
        "inputs": {
            "input_ids": "input_ids",
            "attention_mask": "attention_mask",
            "past_key_names": "past_key_values.%d.key",
            "past_value_names": "past_key_values.%d.value",
        },
        "outputs": {
            "logits": "logits",
            "present_key_names": "present.%d.key",
            "present_value_names": "present.%d.value",
        },
    }


def _windows(sliding: Mapping[int, int]) -> dict[str, Any]:
    """As GenAI's exporter writes it: these layers keep a window's length of keys and values."""
    return {
        "window_size": next(iter(sliding.values())),
        "layers": list(sliding),
        "cache_slack": 0,
    }
