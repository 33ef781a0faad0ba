"""Greedy answers and their logits by transformers; runs in an environment of its own with torch.

python tests/oracle/reference.py MODEL.gguf PROMPTS.json OUT.npz
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main(gguf: Path, prompts: Path, out: Path) -> None:
    place = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    model = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(**place)
    wanted = json.loads(prompts.read_text("utf-8"))
    arrays: dict[str, np.ndarray] = {}
    for number, question in enumerate(wanted["questions"]):
        messages = [{"role": "user", "content": question}]
        ids = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )["input_ids"]
        tokens, logits = greedy(model, ids, wanted["tokens"])
        arrays[f"prompt.{number}"] = ids[0].numpy()
        arrays[f"tokens.{number}"] = tokens
        arrays[f"logits.{number}"] = logits
        print(f"{number + 1} of {len(wanted['questions'])}", file=sys.stderr, flush=True)
    np.savez(out, **arrays)


@torch.no_grad()
def greedy(model, ids, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(ids [count], logits [count, vocabulary]); goes on after an end token."""
    cache, tokens, rows = None, [], []
    for _ in range(count):
        result = model(input_ids=ids, past_key_values=cache, use_cache=True)
        cache, row = result.past_key_values, result.logits[0, -1]
        tokens.append(int(row.argmax()))
        rows.append(row.numpy())
        ids = torch.tensor([[tokens[-1]]])
    return np.array(tokens), np.stack(rows)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
