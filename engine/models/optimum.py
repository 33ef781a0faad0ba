"""A decoder as optimum exports it: what config.json and generation_config.json say of it.

Such a graph takes `position_ids` and hands back a KV cache that has grown; it has no
genai_config.json, so one is made here, in memory. Source: optimum-onnx 0.1,
optimum/exporters/onnx; the keys of transformers' configurations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MODEL_FILE = "model.onnx"
PAST, PRESENT = "past_key_values.%d", "present.%d"
INPUTS = ("input_ids", "attention_mask", "position_ids")

FAMILIES = {"gpt_oss": "gptoss"}
"""Architectures that GenAI calls otherwise than transformers."""

CONTEXT_LENGTH = ("max_position_embeddings", "n_positions", "seq_length", "max_seq_len")
LAYERS = ("num_hidden_layers", "n_layer", "num_layers")
HEADS = ("num_attention_heads", "n_head")
KV_HEADS = ("num_key_value_heads", "num_kv_heads", *HEADS)
WIDTH = ("hidden_size", "n_embd")
SAMPLING = ("temperature", "top_p", "top_k", "min_p")


def genai_config(config: Mapping[str, Any], generation: Mapping[str, Any]) -> dict[str, Any]:
    """What ONNX Runtime GenAI would say. Raises KeyError with the name of what is missing."""
    family = str(config["model_type"])
    end = generation.get("eos_token_id")
    return {
        "model": {
            "type": FAMILIES.get(family, family),
            "context_length": first(config, CONTEXT_LENGTH),
            "eos_token_id": config["eos_token_id"] if end is None else end,
            "decoder": {
                "filename": MODEL_FILE,
                "num_hidden_layers": first(config, LAYERS),
                "num_key_value_heads": kv_heads(config),
                "head_size": config.get("head_dim") or first(config, WIDTH) // first(config, HEADS),
                "inputs": {
                    **{name: name for name in INPUTS},
                    "past_key_names": f"{PAST}.key",
                    "past_value_names": f"{PAST}.value",
                },
                "outputs": {
                    "logits": "logits",
                    "present_key_names": f"{PRESENT}.key",
                    "present_value_names": f"{PRESENT}.value",
                },
            },
        },
        "search": {"past_present_share_buffer": False},
        "hearth": {"sampling": sampling(generation)},
    }


def kv_heads(config: Mapping[str, Any]) -> int:
    return 1 if config.get("multi_query") else first(config, KV_HEADS)


def sampling(generation: Mapping[str, Any]) -> dict[str, float]:
    """What the makers recommend; without `do_sample` they say nothing of it."""
    if not generation.get("do_sample"):
        return {}
    return {name: generation[name] for name in SAMPLING if generation.get(name) is not None}


def first(config: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """Architectures call the same thing differently."""
    for name in names:
        if isinstance(config.get(name), int):
            return config[name]
    raise KeyError(names[0])
