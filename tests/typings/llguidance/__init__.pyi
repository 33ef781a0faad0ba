"""What Hearth uses of llguidance 1.9.1; its own stub leaves `from_tiktoken` out."""

from collections.abc import Mapping, Sequence

class LLTokenizer:
    def __init__(
        self,
        tokenizer: str,
        n_vocab: int | None = ...,
        eos_token: int | None = ...,
        slices: Sequence[str] | None = ...,
    ) -> None: ...
    @staticmethod
    def from_tiktoken(
        *,
        encoder: Mapping[bytes, int],
        special_tokens: Mapping[str, int],
        pattern: str,
        eos_token: int | list[int],
        n_vocab: int | None = ...,
        slices: Sequence[str] | None = ...,
    ) -> LLTokenizer: ...

class LLParserLimits:
    def __init__(self, *, max_grammar_size: int | None = ...) -> None: ...

class LLMatcher:
    def __init__(
        self,
        tokenizer: LLTokenizer,
        grammar: str,
        *,
        log_level: int = ...,
        limits: LLParserLimits | None = ...,
    ) -> None: ...
    def is_error(self) -> bool: ...
    def get_error(self) -> str: ...
    def is_stopped(self) -> bool: ...
    def is_accepting(self) -> bool: ...
    def deep_copy(self) -> LLMatcher: ...
    def consume_token(self, token: int) -> bool: ...
    def compute_ff_tokens(self) -> list[int]: ...
