"""The tiny trained gpt-oss as a checkpoint folder in OpenAI's layout, some 100 MB large.

What tests/tiny/train.py learned is kept in weights.safetensors: all tensors under OpenAI's names,
but of the two tables, of 201,088 rows each, only those of the tokens that were taught and one
that is every other token's.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

WEIGHTS = Path(__file__).with_name("weights.safetensors")
VOCABULARY = 201_088
TABLES = ("model.embed_tokens.weight", "lm_head.weight")
HEAD_SIZE = 64
CALL, RETURN, PAD, START = 200_012, 200_002, 199_999, 199_998

Tensors = dict[str, NDArray[Any]]


def write_tiny_gpt_oss(folder: Path, tokenizer: Path) -> None:
    """config.json, generation_config.json, two shards with their index, and the tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = whole_tensors()
    write_json(folder / "config.json", config(tensors))
    write_json(folder / "generation_config.json", GENERATION)
    write_json(folder / "tokenizer_config.json", TOKENIZER)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    write_shards(folder, tensors)


def whole_tensors() -> Tensors:
    """Every tensor of the checkpoint; bfloat16, MXFP4 blocks and scales uint8."""
    assert np.dtype("bfloat16") == ml_dtypes.bfloat16, "which importing ml_dtypes makes known"
    tensors: Tensors = load_file(WEIGHTS)
    known = tensors.pop("token_ids")
    return tensors | {name: whole_table(tensors[name], known) for name in TABLES}


def whole_table(rows: NDArray[Any], known: NDArray[np.int32]) -> NDArray[Any]:
    """bfloat16 [vocabulary, hidden] of the known ids' rows and the one for all others, the last."""
    table = np.repeat(rows[-1:], VOCABULARY, axis=0)
    table[known] = rows[:-1]
    return table


def write_shards(folder: Path, tensors: Tensors) -> None:
    place = {name: f"model-0000{int(name not in TABLES)}-of-00002.safetensors" for name in tensors}
    for shard in sorted({*place.values()}):
        part = {name: value for name, value in tensors.items() if place[name] == shard}
        save_file(part, folder / shard, metadata={"format": "pt"})
    size = sum(value.nbytes for value in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": place}
    write_json(folder / "model.safetensors.index.json", index)


def config(tensors: Tensors) -> dict[str, Any]:
    """config.json, with the sizes that the tensors have; all else is gpt-oss-20b's."""
    layers = sum(name.endswith(".sinks") for name in tensors)
    layer = "model.layers.0."
    experts, hidden = tensors[f"{layer}mlp.router.weight"].shape
    heads = tensors[f"{layer}self_attn.sinks"].shape[0]
    kv_heads = tensors[f"{layer}self_attn.k_proj.bias"].shape[0] // HEAD_SIZE
    return {
        **COMMON,
        "hidden_size": hidden,
        "intermediate_size": tensors[f"{layer}mlp.experts.gate_up_proj_bias"].shape[1] // 2,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "num_local_experts": experts,
        "layer_types": (["sliding_attention", "full_attention"] * layers)[:layers],
    }


def write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2), "utf-8")


COMMON: dict[str, Any] = {
    "architectures": ["GptOssForCausalLM"],
    "attention_bias": True,
    "attention_dropout": 0.0,
    "eos_token_id": RETURN,
    "experts_per_token": 4,
    "head_dim": HEAD_SIZE,
    "hidden_act": "silu",
    "initial_context_length": 4096,
    "initializer_range": 0.02,
    "max_position_embeddings": 131_072,
    "model_type": "gpt_oss",
    "num_experts_per_tok": 4,
    "output_router_logits": False,
    "pad_token_id": PAD,
    "quantization_config": {
        "modules_to_not_convert": [
            "model.layers.*.self_attn",
            "model.layers.*.mlp.router",
            "model.embed_tokens",
            "lm_head",
        ],
        "quant_method": "mxfp4",
    },
    "rms_norm_eps": 1e-5,
    "rope_scaling": {
        "beta_fast": 32.0,
        "beta_slow": 1.0,
        "factor": 32.0,
        "original_max_position_embeddings": 4096,
        "rope_type": "yarn",
        "truncate": False,
    },
    "rope_theta": 150_000,
    "router_aux_loss_coef": 0.9,
    "sliding_window": 128,
    "swiglu_limit": 7.0,
    "tie_word_embeddings": False,
    "use_cache": True,
    "vocab_size": VOCABULARY,
}
GENERATION: dict[str, Any] = {
    "bos_token_id": START,
    "do_sample": True,
    "eos_token_id": [RETURN, PAD, CALL],
    "pad_token_id": PAD,
}
TOKENIZER: dict[str, Any] = {
    "bos_token": "<|startoftext|>",
    "clean_up_tokenization_spaces": False,
    "eos_token": "<|return|>",
    "model_max_length": 131_072,
    "pad_token": "<|endoftext|>",
    "tokenizer_class": "PreTrainedTokenizerFast",
}
