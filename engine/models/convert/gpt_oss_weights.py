"""The weights of gpt-oss as a target wants them, read, rounded and stored slice by slice.

The widths of each target were chosen by measurement; the figures are in tests/bench/LOG.md.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from engine.errors import BadCheckpoint
from engine.models.convert import dense, mxfp4
from engine.models.convert.checkpoint import Checkpoint
from engine.models.convert.gguf_blocks import BLOCK as DENSE_BLOCK
from engine.models.convert.mxfp4_to_int4 import INT4_BLOCK, to_int4
from engine.models.convert.onnx_writer import OnnxWriter
from engine.models.convert.rotary import yarn_tables
from engine.models.convert.weight_file import Array, Weight

BFLOAT16, FLOAT32 = np.dtype(ml_dtypes.bfloat16), np.dtype(np.float32)
FLOAT16, UINT8 = np.dtype(np.float16), np.dtype(np.uint8)
E8M0 = np.dtype(ml_dtypes.float8_e8m0fnu)
ACCURACY_LEVEL = 4
"""MatMulNBits and QMoE with int8 activations: without them ONNX Runtime is slow on AVX2."""
SLICE_VALUES = 1 << 24
"""So many weights are in memory at a time, some of them in several forms."""

Experts = Literal["int4", "mxfp4", "float32"]
Pair = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a target wants its weights. Bits of 16 and 32 are floats, 4 and 8 integers."""

    activations: np.dtype[Any]
    experts: Experts
    attention_bits: int
    head_bits: int
    providers: tuple[str, ...] = ()
    """GenAI's names of the execution providers; the CPU has none."""
    int4_block: int = INT4_BLOCK
    """Weights of the experts that share a scale."""
    has_windows: bool = True
    """Whether sliding layers keep their last rows only: WebGPU's attention wants all of them."""

    @property
    def runs_on_cpu(self) -> bool:
        return self.experts != "mxfp4"


RECIPES: Mapping[str, Recipe] = {
    "cpu": Recipe(FLOAT32, "int4", attention_bits=8, head_bits=8),
    "cuda": Recipe(FLOAT16, "mxfp4", attention_bits=8, head_bits=8, providers=("cuda",)),
    "webgpu": Recipe(
        FLOAT16,
        "int4",
        attention_bits=8,
        head_bits=8,
        providers=("webgpu",),
        int4_block=32,  # 2,300 tokens per second of prefill on an H100, with 64 they are 980
        has_windows=False,
    ),
    "float32": Recipe(FLOAT32, "float32", attention_bits=32, head_bits=32),
}
"""float32 is exact and large: what the other two are compared with."""


class GptOssWeights:
    """Adds weights, and the nodes whose operator depends on their width, to a graph."""

    def __init__(self, writer: OnnxWriter, checkpoint: Checkpoint, recipe: Recipe) -> None:
        self.recipe = recipe
        self._writer = writer
        self._checkpoint = checkpoint
        self._shape = checkpoint.shape

    def embedding(self, ids: str) -> str:
        """[tokens] to [tokens, width]. On the CPU the table stays as published: it is mapped."""
        is_exact = self.recipe.activations == FLOAT32
        table = self._plain("model.embed_tokens.weight", BFLOAT16 if is_exact else FLOAT16)
        embedded = self._writer.node("Gather", [table, ids], "embedded", axis=0)
        if not is_exact:
            return embedded
        return self._writer.node("Cast", [embedded], "hidden", to=TensorProto.FLOAT)

    def vector(self, name: str) -> str:
        """A norm's, a bias's or the sinks' values in the activations' type."""
        return self._plain(name, self.recipe.activations)

    def rotary_tables(self, cosines: str, sines: str) -> None:
        """[positions, head / 2] in the activations' type."""
        shape, dtype = self._shape, self.recipe.activations
        size = (shape.context_length, shape.head_size // 2)

        def slices() -> Generator[Sequence[Array]]:
            tables = yarn_tables(shape.yarn, shape.head_size, 0, shape.context_length)
            yield [table.astype(dtype) for table in tables]

        self._writer.made([Weight(cosines, dtype, size), Weight(sines, dtype, size)], slices)

    def dense(self, name: str, x: str, parts: tuple[str, ...]) -> str:
        """x [rows, columns] times the parts' rows, joined; the graph adds their biases."""
        bits = self.recipe.head_bits if parts == ("lm_head",) else self.recipe.attention_bits
        if bits in (16, 32):
            return self._gemm(name, x, parts)
        return self._matmul_nbits(name, x, parts, bits)

    def biases(self, parts: tuple[str, ...]) -> str:
        """The parts' biases, one after the other."""
        dtype, names = self.recipe.activations, tuple(f"{part}.bias" for part in parts)
        size = sum(self._checkpoint.size(name)[0] for name in names)
        joined = Weight("+".join(names), dtype, (size,))
        return self._writer.made(
            [joined],
            lambda: ([self._cast(part, self._checkpoint.read(part), dtype)] for part in names),
        )[0]

    def router(self, name: str, x: str) -> str:
        """The experts' logits, in full precision: a wrong expert costs more than a wrong weight."""
        weight, bias = self.vector(f"{name}.weight"), self.vector(f"{name}.bias")
        return self._writer.node("Gemm", [x, weight, bias], f"{name}.logits", transB=1)

    def experts(self, name: str) -> tuple[str, list[str], dict[str, Any]]:
        """The operator, its inputs after the router's, and what it must know of the weights."""
        up, down = f"{name}.gate_up_proj", f"{name}.down_proj"
        biases = self.vector(f"{up}_bias"), self.vector(f"{down}_bias")
        match self.recipe.experts:
            case "float32":
                weights = [self._experts_as_float32(part) for part in (up, down)]
                return "MoE", [weights[0], biases[0], weights[1], biases[1]], {}
            case "int4":
                fc1, fc2 = (self._experts_as_int4(part) for part in (up, down))
                kind: dict[str, Any] = {
                    "quant_type": "int",
                    "block_size": self.recipe.int4_block,
                    "accuracy_level": ACCURACY_LEVEL,
                }
                more: list[str] = []
            case "mxfp4":
                fc1, fc2 = (self._experts_as_published(part) for part in (up, down))
                kind = {"quant_type": "fp4", "block_size": mxfp4.BLOCK}
                ones = np.ones(self._shape.experts, np.float32)
                scale = self._writer.weight(f"{name}.global_scale", ones)
                more = [*[""] * 7, scale, scale]
        inputs = [*fc1, biases[0], *fc2, biases[1], *more]
        return "QMoE", inputs, {"expert_weight_bits": 4, **kind}

    def _experts_as_published(self, name: str) -> list[str]:
        """MXFP4 bit for bit: uint8 [experts, columns, rows / 2], E8M0 [experts, rows, c / 32]."""
        rows, columns = self._expert_size(name)
        experts = self._shape.experts
        weights = [
            Weight(f"{name}_blocks", UINT8, (experts, columns, rows // 2)),
            Weight(f"{name}_scales", E8M0, (experts, rows, columns // mxfp4.BLOCK)),
        ]

        def slices() -> Generator[Sequence[Array]]:
            for blocks, scales in self._each_expert(name):
                if scales.max() > mxfp4.LARGEST_FLOAT16_SCALE:
                    raise BadCheckpoint(_beyond_float16(name))
                yield mxfp4.transposed(blocks), scales

        return self._writer.made(weights, slices)

    def _experts_as_int4(self, name: str) -> list[str]:
        """uint8 [experts, rows, columns / 2] and floats [experts, rows, columns / block]."""
        rows, columns = self._expert_size(name)
        experts, dtype, block = self._shape.experts, self.recipe.activations, self.recipe.int4_block
        weights = [
            Weight(f"{name}_codes", UINT8, (experts, rows, columns // 2)),
            Weight(f"{name}_scales", dtype, (experts, rows, columns // block)),
        ]

        def slices() -> Generator[Sequence[Array]]:
            for pair in self._each_expert(name):
                rounded = to_int4(*pair, block)
                yield rounded.packed, self._cast(name, rounded.scales, dtype)

        return self._writer.made(weights, slices)

    def _experts_as_float32(self, name: str) -> str:
        shape = (self._shape.experts, *self._expert_size(name))
        pairs = self._each_expert
        return self._writer.made(
            [Weight(name, FLOAT32, shape)], lambda: ([mxfp4.decode(*pair)] for pair in pairs(name))
        )[0]

    def _expert_size(self, name: str) -> tuple[int, int]:
        """(rows, columns) of one expert's matrix."""
        inner = self._shape.inner_width
        is_down = name.endswith("down_proj")
        return (self._shape.width, inner) if is_down else (2 * inner, self._shape.width)

    def _each_expert(self, name: str) -> Generator[Pair]:
        """MXFP4 blocks and scales, uint8 [rows, blocks, 16] and [rows, blocks]."""
        for expert in range(self._shape.experts):
            blocks = self._checkpoint.read(f"{name}_blocks", expert, expert + 1)[0]
            scales = self._checkpoint.read(f"{name}_scales", expert, expert + 1)[0]
            if (scales == mxfp4.SCALE_NAN).any():
                raise BadCheckpoint(f"{name} of expert {expert} has a scale that is no number.")
            yield blocks, scales

    def _gemm(self, name: str, x: str, parts: tuple[str, ...]) -> str:
        dtype = self.recipe.activations
        weight = Weight(f"{name}.weight", dtype, self._joined_size(parts))
        self._writer.made(
            [weight], lambda: ([self._cast(*rows, dtype)] for rows in self._rows(parts))
        )
        return self._writer.node("Gemm", [x, weight.name], f"{name}.out", transB=1)

    def _matmul_nbits(self, name: str, x: str, parts: tuple[str, ...], bits: int) -> str:
        rows, columns = self._joined_size(parts)
        blocks, scale_dtype = columns // DENSE_BLOCK, self.recipe.activations
        weights = [
            Weight(f"{name}.codes", UINT8, (rows, blocks, DENSE_BLOCK * bits // 8)),
            Weight(f"{name}.scales", scale_dtype, (rows, blocks)),
        ]
        quantise = dense.to_int8 if bits == 8 else dense.to_int4

        def slices() -> Generator[Sequence[Array]]:
            for part, values in self._rows(parts):
                rounded = quantise(values.astype(np.float32))
                yield rounded.packed, self._cast(part, rounded.scales, scale_dtype)

        self._writer.made(weights, slices)
        return self._writer.contrib(
            "MatMulNBits",
            [x, *(weight.name for weight in weights)],
            f"{name}.out",
            K=columns,
            N=rows,
            bits=bits,
            block_size=DENSE_BLOCK,
            accuracy_level=ACCURACY_LEVEL,
        )

    def _joined_size(self, parts: tuple[str, ...]) -> tuple[int, int]:
        sizes = [self._checkpoint.size(f"{part}.weight") for part in parts]
        return sum(rows for rows, _ in sizes), sizes[0][1]

    def _rows(self, parts: tuple[str, ...]) -> Generator[tuple[str, Array]]:
        for part in parts:
            for rows in self._slices(f"{part}.weight"):
                yield part, rows

    def _slices(self, name: str) -> Generator[Array]:
        """A tensor's rows, so many at a time that little memory is held."""
        rows, *inner = self._checkpoint.size(name)
        step = max(1, SLICE_VALUES // prod(inner))
        for start in range(0, rows, step):
            yield self._checkpoint.read(name, start, start + step)

    def _plain(self, name: str, dtype: np.dtype[Any]) -> str:
        weight = Weight(name, dtype, self._checkpoint.size(name))
        self._writer.made(
            [weight], lambda: ([self._cast(name, rows, dtype)] for rows in self._slices(name))
        )
        return name

    def _cast(self, name: str, values: Array, dtype: np.dtype[Any]) -> Array:
        """Exact but into float16, which may round and must not overflow."""
        with np.errstate(over="ignore"):
            cast = values.astype(dtype)
        if dtype == FLOAT16 and not np.isfinite(cast).all():
            raise BadCheckpoint(_beyond_float16(name))
        return cast


def _beyond_float16(name: str) -> str:
    return f"{name} has values beyond float16, which a GPU computes in. Convert it for the CPU."
