"""What a gpt-oss config.json says, and which tensors follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from engine.errors import BadCheckpoint

MODEL_TYPE, QUANTISATION = "gpt_oss", "mxfp4"
WIDTH_MULTIPLE = 64
"""A quantisation block of the int4 experts, two of MXFP4's."""
MXFP4_BLOCK = 32
SLIDING, FULL = "sliding_attention", "full_attention"


@dataclass(frozen=True, slots=True)
class Yarn:
    """Rotary positions stretched beyond the length of training. Source: Peng et al., YaRN, 2023."""

    base: float
    factor: float
    trained_length: int
    beta_fast: float
    beta_slow: float
    truncate: bool


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """`dtype` as safetensors calls it: BF16, or U8 for MXFP4's codes and scales."""

    name: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GptOssShape:
    """`windows` has one entry a layer: how many tokens it sees, or None for all of them."""

    layers: int
    width: int
    inner_width: int
    heads: int
    kv_heads: int
    head_size: int
    experts: int
    chosen_experts: int
    vocabulary: int
    context_length: int
    norm_epsilon: float
    swiglu_limit: float
    windows: tuple[int | None, ...]
    yarn: Yarn

    @property
    def attention_width(self) -> int:
        return self.heads * self.head_size

    @property
    def kv_width(self) -> int:
        return self.kv_heads * self.head_size

    @property
    def qkv_width(self) -> int:
        return self.attention_width + 2 * self.kv_width

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> GptOssShape:
        """Raises BadCheckpoint for another architecture, and for what the graph cannot say."""
        kind = config.get("model_type")
        if kind != MODEL_TYPE:
            raise BadCheckpoint(
                f"This checkpoint holds a model of type {kind}; only {MODEL_TYPE} is converted."
            )
        quantisation = Section(config, "quantization_config").text("quant_method")
        if quantisation != QUANTISATION:
            kind = f"{quantisation}, not {QUANTISATION}" if quantisation else "not quantised"
            raise BadCheckpoint(
                f"The experts of this checkpoint are {kind}. Take the one that OpenAI published."
            )
        return _checked(_shape(Section(config)))

    def tensors(self) -> Iterator[TensorSpec]:
        """Every tensor that the graph needs."""
        yield TensorSpec("model.embed_tokens.weight", "BF16", (self.vocabulary, self.width))
        yield TensorSpec("model.norm.weight", "BF16", (self.width,))
        yield TensorSpec("lm_head.weight", "BF16", (self.vocabulary, self.width))
        for layer in range(self.layers):
            for spec in (*self._attention(), *self._mixture()):
                yield TensorSpec(f"model.layers.{layer}.{spec.name}", spec.dtype, spec.shape)

    def _attention(self) -> Iterator[TensorSpec]:
        yield TensorSpec("input_layernorm.weight", "BF16", (self.width,))
        yield TensorSpec("post_attention_layernorm.weight", "BF16", (self.width,))
        yield TensorSpec("self_attn.sinks", "BF16", (self.heads,))
        for part, rows, columns in (
            ("q", self.attention_width, self.width),
            ("k", self.kv_width, self.width),
            ("v", self.kv_width, self.width),
            ("o", self.width, self.attention_width),
        ):
            yield TensorSpec(f"self_attn.{part}_proj.weight", "BF16", (rows, columns))
            yield TensorSpec(f"self_attn.{part}_proj.bias", "BF16", (rows,))

    def _mixture(self) -> Iterator[TensorSpec]:
        experts = self.experts
        yield TensorSpec("mlp.router.weight", "BF16", (experts, self.width))
        yield TensorSpec("mlp.router.bias", "BF16", (experts,))
        for part, rows, columns in (
            ("gate_up", 2 * self.inner_width, self.width),
            ("down", self.width, self.inner_width),
        ):
            name, blocks = f"mlp.experts.{part}_proj", columns // MXFP4_BLOCK
            yield TensorSpec(f"{name}_blocks", "U8", (experts, rows, blocks, MXFP4_BLOCK // 2))
            yield TensorSpec(f"{name}_scales", "U8", (experts, rows, blocks))
            yield TensorSpec(f"{name}_bias", "BF16", (experts, rows))


class Section:
    """An object of config.json, read key by key. A missing or odd value is BadCheckpoint."""

    def __init__(self, config: Mapping[str, Any], name: str = "") -> None:
        inner = config.get(name) if name else config
        self._values = cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def section(self, *names: str) -> Section:
        return next((Section(self._values, name) for name in names if name in self), Section({}))

    def whole(self, key: str) -> int:
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise BadCheckpoint(f"config.json says {key} is {value}, not a positive whole number.")
        return value

    def number(self, key: str) -> float:
        value = self._values.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
            raise BadCheckpoint(f"config.json says {key} is {value}, not a positive number.")
        return float(value)

    def text(self, key: str) -> str:
        return str(self._values.get(key, ""))

    def flag(self, key: str, otherwise: bool) -> bool:
        return bool(self._values.get(key, otherwise))

    def texts(self, key: str) -> list[str]:
        value = self._values.get(key)
        if not isinstance(value, list):
            raise BadCheckpoint(f"config.json says {key} is {value}, not a list.")
        return [str(entry) for entry in cast("list[Any]", value)]


def _shape(config: Section) -> GptOssShape:
    window = config.whole("sliding_window")
    kinds = config.texts("layer_types")
    for kind in kinds:
        if kind not in (SLIDING, FULL):
            raise BadCheckpoint(f"config.json has layers of the type {kind}; those are unknown.")
    return GptOssShape(
        layers=config.whole("num_hidden_layers"),
        width=config.whole("hidden_size"),
        inner_width=config.whole("intermediate_size"),
        heads=config.whole("num_attention_heads"),
        kv_heads=config.whole("num_key_value_heads"),
        head_size=config.whole("head_dim"),
        experts=config.whole("num_local_experts"),
        chosen_experts=config.whole("num_experts_per_tok"),
        vocabulary=config.whole("vocab_size"),
        context_length=config.whole("max_position_embeddings"),
        norm_epsilon=config.number("rms_norm_eps"),
        swiglu_limit=config.number("swiglu_limit") if "swiglu_limit" in config else 7.0,
        windows=tuple(window if kind == SLIDING else None for kind in kinds),
        yarn=_yarn(config),
    )


def _yarn(config: Section) -> Yarn:
    """Newer versions of transformers write `rope_parameters`, with the base inside."""
    rope = config.section("rope_parameters", "rope_scaling")
    kind = rope.text("rope_type")
    if kind != "yarn":
        raise BadCheckpoint(f"config.json says the rotary positions are {kind or None}, not yarn.")
    return Yarn(
        base=(rope if "rope_theta" in rope else config).number("rope_theta"),
        factor=rope.number("factor"),
        trained_length=rope.whole("original_max_position_embeddings"),
        beta_fast=rope.number("beta_fast"),
        beta_slow=rope.number("beta_slow"),
        truncate=rope.flag("truncate", True),
    )


def _checked(shape: GptOssShape) -> GptOssShape:
    """What the numbers must be to each other."""
    for key, width in (("hidden_size", shape.width), ("intermediate_size", shape.inner_width)):
        if width % WIDTH_MULTIPLE:
            raise BadCheckpoint(
                f"config.json says {key} is {width}; it must be a multiple of {WIDTH_MULTIPLE}."
            )
    if len(shape.windows) != shape.layers:
        raise BadCheckpoint(
            f"config.json has {len(shape.windows)} layer_types for {shape.layers} layers."
        )
    if shape.heads % shape.kv_heads or shape.attention_width % MXFP4_BLOCK or shape.head_size % 16:
        raise BadCheckpoint(
            f"config.json says {shape.heads} heads of {shape.head_size} share {shape.kv_heads} "
            "keys; such heads are not supported."
        )
    if shape.chosen_experts > shape.experts:
        raise BadCheckpoint(
            f"config.json says {shape.chosen_experts} of {shape.experts} experts are chosen."
        )
    return shape
