"""The tokenizer inside a GGUF file as a tokenizer.json."""

from __future__ import annotations

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from engine.errors import BadGguf

CONTROL_TOKEN_TYPE, USER_DEFINED_TOKEN_TYPE = 3, 4

SPLITS = {
    # llama.cpp, src/llama-vocab.cpp: "smollm" splits digits one by one, then as GPT-2 does.
    "smollm": [pre_tokenizers.Digits(individual_digits=True)],
    "gpt-2": [],
}


def byte_level_tokenizer(
    kind: str, split: str, tokens: list[str], types: list[int], merges: list[str]
) -> Tokenizer:
    """From tokenizer.ggml.{model, pre, tokens, token_type, merges}. Raises BadGguf."""
    if kind != "gpt2" or split not in SPLITS:
        raise BadGguf(f"The tokenizer of this GGUF file ({kind}, {split}) is not supported.")
    vocabulary = {token: number for number, token in enumerate(tokens)}
    pairs = [tuple(merge.split(" ", 1)) for merge in merges]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs))  # pyright: ignore[reportArgumentType]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*SPLITS[split], byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    controls = _added(tokens, types, CONTROL_TOKEN_TYPE, special=True)
    defined = _added(tokens, types, USER_DEFINED_TOKEN_TYPE, special=False)
    tokenizer.add_special_tokens(controls)  # pyright: ignore[reportUnknownMemberType]
    tokenizer.add_tokens(defined)  # pyright: ignore[reportUnknownMemberType]
    return tokenizer


def _added(tokens: list[str], types: list[int], kind: int, special: bool) -> list[AddedToken]:
    pairs = zip(tokens, types, strict=True)
    return [AddedToken(token, special=special, normalized=False) for token, t in pairs if t == kind]
