"""A gpt-oss checkpoint's logits by transformers in float32; runs in the oracle's environment.

python tests/oracle/gpt_oss_reference.py CHECKPOINT PROMPTS.npz OUT.npz [WEIGHTS.safetensors]

PROMPTS holds token ids [tokens] by name, OUT float32 logits [POSITIONS, vocabulary] at the last
positions of each, under the same names. WEIGHTS, where given, take the place of the checkpoint's:
float32 under transformers' names, experts as [experts, in, out].
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import GptOssForCausalLM, Mxfp4Config

POSITIONS = 16


def main(checkpoint: Path, prompts: Path, out: Path, weights: Path | None = None) -> None:
    model = GptOssForCausalLM.from_pretrained(
        checkpoint,
        quantization_config=Mxfp4Config(dequantize=True),
        dtype=torch.float32,
        attn_implementation="eager",
    ).eval()
    model.float()  # transformers 4 makes bfloat16 of MXFP4, which holds each value exactly
    if weights:
        replace_weights(model, load_file(weights))
    logits = {name: last_logits(model, ids) for name, ids in np.load(prompts).items()}
    np.savez(out, **logits)


@torch.no_grad()
def replace_weights(model: GptOssForCausalLM, weights: dict[str, torch.Tensor]) -> None:
    for name, value in weights.items():
        parameter = model.get_parameter(name)
        assert parameter.shape == value.shape, f"{name}: {parameter.shape}, not {value.shape}"
        parameter.copy_(value)


@torch.no_grad()
def last_logits(model: GptOssForCausalLM, ids: np.ndarray) -> np.ndarray:
    """[POSITIONS, vocabulary], all of the prompt at once and without a cache."""
    inputs = torch.tensor(ids[None].astype(np.int64))
    result = model(input_ids=inputs, use_cache=False, logits_to_keep=POSITIONS)
    return result.logits[0].numpy()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
