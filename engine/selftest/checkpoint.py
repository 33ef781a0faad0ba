"""Small random gpt-oss checkpoints in OpenAI's published layout: safetensors with MXFP4 experts.

Every tensor differs between layers, routing spreads over all experts, and attention, experts and
sinks each move the logits, so that a graph that leaves one of them out is found out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]

HEAD_SIZE = 64
ALIGNMENT = 8
DTYPES = {np.dtype(ml_dtypes.bfloat16): "BF16", np.dtype(np.uint8): "U8"}
CONTROL_TOKENS = (200002, 199999, 200012)
INDEX_FILE, CONFIG_FILE = "model.safetensors.index.json", "config.json"


def write_checkpoint(
    folder: Path,
    *,
    layers: int = 2,
    experts: int = 8,
    hidden: int = 128,
    inner: int | None = None,
    heads: int = 4,
    kv_heads: int = 2,
    vocabulary: int = 512,
    window: int = 128,
    stop_tokens: tuple[int, ...] = CONTROL_TOKENS,
    seed: int = 0,
    **settings: Any,
) -> Path:
    """Write config.json, generation_config.json and a shard a layer, but no tokenizer.

    `hidden` and `inner` are multiples of 64; `settings` go into config.json as they are. Weights
    are small enough that 36 layers stay finite, large enough that each layer counts.
    """
    config = _config(layers, experts, hidden, inner or hidden, vocabulary, window)
    config |= {"num_attention_heads": heads, "num_key_value_heads": kv_heads, **settings}
    folder.mkdir(parents=True, exist_ok=True)
    random = _Random(seed)
    shards = {"model-head.safetensors": _head(random, config)}
    for layer in range(layers):
        shards[f"model-{layer:05d}.safetensors"] = _layer(random, config, layer)
    for name, tensors in shards.items():
        _save(tensors, folder / name)
    _write_json(folder / INDEX_FILE, _index(shards))
    _write_json(folder / CONFIG_FILE, config)
    generation = {"bos_token_id": 199998, "pad_token_id": 199999, "do_sample": True}
    _write_json(folder / "generation_config.json", generation | {"eos_token_id": list(stop_tokens)})
    return folder


class _Random:
    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)

    def normal(self, *shape: int, std: float, mean: float = 0.0) -> NDArray[Any]:
        values = mean + std * self._generator.standard_normal(shape, dtype=np.float32)
        return values.astype(ml_dtypes.bfloat16)

    def mxfp4(self, experts: int, rows: int, columns: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Blocks [experts, rows, columns / 32, 16] and scales; weights around 1 / sqrt(columns).

        Codes are uniform (deviation 2.9), scales differ by up to 8 between neighbouring blocks.
        """
        near = 127 - round(np.log2(2.9 * 2**1.2 * columns**0.5))
        shape = (experts, rows, columns // 32)
        blocks = self._generator.integers(0, 256, (*shape, 16), dtype=np.uint8)
        return blocks, self._generator.integers(near - 1, near + 3, shape, dtype=np.uint8)


def _config(
    layers: int, experts: int, hidden: int, inner: int, vocabulary: int, window: int
) -> dict[str, Any]:
    kinds = ("sliding_attention", "full_attention")
    return {
        "architectures": ["GptOssForCausalLM"],
        "model_type": "gpt_oss",
        "torch_dtype": "bfloat16",
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "head_dim": HEAD_SIZE,
        "num_local_experts": experts,
        "num_experts_per_tok": 4,
        "experts_per_token": 4,
        "attention_bias": True,
        "attention_dropout": 0.0,
        "hidden_act": "silu",
        "swiglu_limit": 7.0,
        "layer_types": [kinds[layer % 2] for layer in range(layers)],
        "sliding_window": window,
        "rms_norm_eps": 1e-5,
        "rope_theta": 150000,
        "max_position_embeddings": 131072,
        "initial_context_length": 4096,
        "tie_word_embeddings": False,
        "use_cache": True,
        "rope_scaling": {
            "rope_type": "yarn",
            "factor": 32.0,
            "beta_fast": 32.0,
            "beta_slow": 1.0,
            "original_max_position_embeddings": 4096,
            "truncate": False,
        },
        "pad_token_id": 199999,
        "eos_token_id": 200002,
        "quantization_config": {
            "quant_method": "mxfp4",
            "modules_to_not_convert": [
                "model.layers.*.self_attn",
                "model.layers.*.mlp.router",
                "model.embed_tokens",
                "lm_head",
            ],
        },
    }


def _head(random: _Random, config: dict[str, Any]) -> Tensors:
    vocabulary, hidden = config["vocab_size"], config["hidden_size"]
    return {
        "model.embed_tokens.weight": random.normal(vocabulary, hidden, std=0.5),
        "model.norm.weight": random.normal(hidden, std=0.1, mean=1.0),
        "lm_head.weight": random.normal(vocabulary, hidden, std=0.05),
    }


def _layer(random: _Random, config: dict[str, Any], layer: int) -> Tensors:
    hidden, experts = config["hidden_size"], config["num_local_experts"]
    tensors = {
        "input_layernorm.weight": random.normal(hidden, std=0.1, mean=1.0),
        "post_attention_layernorm.weight": random.normal(hidden, std=0.1, mean=1.0),
        "mlp.router.weight": random.normal(experts, hidden, std=hidden**-0.5),
        "mlp.router.bias": random.normal(experts, std=0.1),
    }
    tensors |= _attention(random, config) | _experts(random, config)
    return {f"model.layers.{layer}.{name}": tensor for name, tensor in tensors.items()}


def _attention(random: _Random, config: dict[str, Any]) -> Tensors:
    hidden, width = config["hidden_size"], config["num_attention_heads"] * HEAD_SIZE
    kv_width = config["num_key_value_heads"] * HEAD_SIZE
    tensors = {"self_attn.sinks": random.normal(config["num_attention_heads"], std=1.0)}
    for name, rows, columns in (
        ("q", width, hidden),
        ("k", kv_width, hidden),
        ("v", kv_width, hidden),
        ("o", hidden, width),
    ):
        weight = random.normal(rows, columns, std=columns**-0.5)
        tensors[f"self_attn.{name}_proj.weight"] = weight
        tensors[f"self_attn.{name}_proj.bias"] = random.normal(rows, std=0.1)
    return tensors


def _experts(random: _Random, config: dict[str, Any]) -> Tensors:
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    tensors: Tensors = {}
    for name, rows, columns in (("gate_up", 2 * inner, hidden), ("down", hidden, inner)):
        blocks, scales = random.mxfp4(config["num_local_experts"], rows, columns)
        bias = random.normal(config["num_local_experts"], rows, std=0.1)
        parts = {"blocks": blocks, "scales": scales, "bias": bias}
        tensors |= {f"mlp.experts.{name}_proj_{part}": value for part, value in parts.items()}
    return tensors


def _index(shards: dict[str, Tensors]) -> dict[str, Any]:
    total = sum(tensor.nbytes for tensors in shards.values() for tensor in tensors.values())
    places = {name: shard for shard, tensors in shards.items() for name in tensors}
    return {"metadata": {"total_size": total}, "weight_map": places}


def _save(tensors: Tensors, path: Path) -> None:
    """As the safetensors library does: the length of the header, the header, the bytes."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        dtype = DTYPES[tensor.dtype]
        header[name] = {"dtype": dtype, "shape": tensor.shape, "data_offsets": [begin, end]}
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % ALIGNMENT)
    with path.open("wb") as file:
        file.write(len(told).to_bytes(8, "little") + told)
        for tensor in tensors.values():
            file.write(tensor.tobytes())


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1), "utf-8")
