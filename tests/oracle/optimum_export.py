"""Small random decoders, exported by optimum, and transformers' answers; in the oracle's
environment.

python tests/oracle/optimum_export.py FOLDER

FOLDER/NAME is as `optimum-cli export onnx --task text-generation-with-past` leaves it;
FOLDER/NAME.npz has `prompt` int64 [tokens], `tokens` int64 [COUNT], the greedy answer, and `logits`
float32 [COUNT, vocabulary]. Its tokenizer has a token for each byte.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from optimum.exporters.onnx import main_export
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

PROMPT = [{"role": "user", "content": "Grüß Gott, what is the weather in Paris?"}]
COUNT = 24
CONTROLS = ("<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SIZES = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "initializer_range": 0.3,  # so that greedy answers are not one token for ever
}


def main(folder: Path) -> None:
    tokenizer = byte_tokenizer()
    ids = {"vocab_size": len(tokenizer), "eos_token_id": 257, "bos_token_id": None}
    wide = {"n_positions": 2048, "n_embd": 64, "n_layer": 2, "n_head": 4, "initializer_range": 0.3}
    torch.manual_seed(7)
    decoders_by_name = {
        "llama": LlamaForCausalLM(LlamaConfig(**SIZES, **ids)),
        "qwen2": Qwen2ForCausalLM(Qwen2Config(**SIZES, **ids)),
        "gpt2": GPT2LMHeadModel(GPT2Config(**wide, **ids)),
    }
    prompt = tokenizer.apply_chat_template(PROMPT, add_generation_prompt=True)
    for name, model in decoders_by_name.items():
        with tempfile.TemporaryDirectory() as source:
            model.eval().save_pretrained(source)
            tokenizer.save_pretrained(source)
            main_export(source, output=folder / name, task="text-generation-with-past")
        tokens, logits = greedy(model, prompt)
        np.savez(folder / f"{name}.npz", prompt=prompt, tokens=tokens, logits=logits)


def byte_tokenizer() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: n for n, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in CONTROLS])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=CONTROLS[1])
    fast.chat_template = CHATML
    return fast


@torch.no_grad()
def greedy(model, prompt: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Goes on after an end token."""
    ids, rows = list(prompt), []
    for _ in range(COUNT):
        rows.append(model(torch.tensor([ids])).logits[0, -1].numpy())
        ids.append(int(rows[-1].argmax()))
    return np.array(ids[len(prompt) :]), np.stack(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
