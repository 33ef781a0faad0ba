"""A converted gpt-oss: what its weights compute, and its logits by a plain session."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models.convert.gpt_oss_weights import Recipe
from tests.engine.models.convert.gpt_oss_forward import Forward
from tests.engine.models.convert.stored import stored_weights

CAPACITY = 512


def integers(packed: NDArray[np.uint8], scales: NDArray[Any], bits: int) -> NDArray[np.float64]:
    """[..., columns] of symmetric integer blocks: what MatMulNBits and QMoE make of them."""
    codes = np.stack([packed & 15, packed >> 4], axis=-1) if bits == 4 else packed
    blocks = codes.reshape(*scales.shape, -1).astype(np.float64) - 2 ** (bits - 1)
    return (blocks * scales[..., None].astype(np.float64)).reshape(*scales.shape[:-1], -1)


class RoundedForward(Forward):
    """The forward of a checkpoint with the integer weights that a folder has instead."""

    def __init__(self, checkpoint: Path, folder: Path, recipe: Recipe) -> None:
        super().__init__(checkpoint)
        self.stored = stored_weights(folder)
        bits = recipe.attention_bits
        for layer in range(self.config["num_hidden_layers"]):
            name = f"model.layers.{layer}.self_attn"
            qkv = integers(
                self.stored[f"{name}.qkv.codes"], self.stored[f"{name}.qkv.scales"], bits
            )
            sizes = [len(self.tensors[f"{name}.{part}_proj.weight"]) for part in "qkv"]
            for part, rows in zip("qkv", np.split(qkv, np.cumsum(sizes)[:-1]), strict=True):
                self.tensors[f"{name}.{part}_proj.weight"] = rows
            out = integers(self.stored[f"{name}.o.codes"], self.stored[f"{name}.o.scales"], bits)
            self.tensors[f"{name}.o_proj.weight"] = out
        head = "lm_head.product"
        self.tensors["lm_head.weight"] = integers(
            self.stored[f"{head}.codes"], self.stored[f"{head}.scales"], recipe.head_bits
        )

    def experts(self, name: str) -> NDArray[np.float64]:
        return integers(self.stored[f"{name}_codes"], self.stored[f"{name}_scales"], 4)


class Session:
    """Runs a folder on the CPU, past and present sharing buffers that are as short as allowed."""

    def __init__(self, folder: Path) -> None:
        # Our stubs know of onnxruntime only what the engine uses.
        self._ort: Any = importlib.import_module("onnxruntime")
        self._session = self._ort.InferenceSession(str(folder / "model.onnx"))
        self._cache: dict[str, Any] = {}
        self._tokens = 0
        for given in self._session.get_inputs():
            if given.name.startswith("past"):
                _, heads, rows, size = given.shape
                shape = (1, heads, 128 if rows == "window_capacity" else CAPACITY, size)
                kind = np.float16 if given.type == "tensor(float16)" else np.float32
                self._cache[given.name] = self._ort.OrtValue.ortvalue_from_numpy(
                    np.zeros(shape, kind)
                )

    def __call__(self, ids: list[int], padding: int = 0) -> NDArray[Any]:
        """Logits [vocabulary] after so many more tokens; `padding` zeros end the mask."""
        self._tokens += len(ids)
        binding = self._session.io_binding()
        mask = np.arange(self._tokens + padding) < self._tokens
        binding.bind_cpu_input("input_ids", np.array([ids], np.int64))
        binding.bind_cpu_input("attention_mask", mask[None].astype(np.int64))
        binding.bind_output("logits")
        for name, value in self._cache.items():
            binding.bind_ortvalue_input(name, value)
            binding.bind_ortvalue_output(name.replace("past_key_values", "present"), value)
        self._session.run_with_iobinding(binding)
        return binding.get_outputs()[0].numpy()[0, 0]
