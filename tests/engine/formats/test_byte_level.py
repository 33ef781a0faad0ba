from __future__ import annotations

from tokenizers.pre_tokenizers import ByteLevel

from engine.formats.byte_level import byte_of_character, token_bytes


def test_the_alphabet_is_that_of_the_tokenizers_library() -> None:
    assert set(byte_of_character()) == set(ByteLevel.alphabet())
    assert sorted(byte_of_character().values()) == list(range(256))


def test_text_comes_back_as_its_bytes() -> None:
    text = "naïve ☃\n"
    (piece, _), *_ = ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text)
    assert token_bytes(piece) == text.encode()


def test_a_control_token_gives_its_name() -> None:
    assert token_bytes("<|im_start|>☃") == "<|im_start|>☃".encode()
