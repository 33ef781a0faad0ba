"""Text to the token ids of gpt-oss, in time that grows with the text and not with its square.

tiktoken merges long pieces with a heap, and lets other threads run meanwhile. openai-harmony's own
encoder does neither: 200,000 dashes take it 12 seconds, in which the whole process stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import tiktoken

from engine.errors import BadRequest
from engine.formats.harmony.vocabulary import Vocabulary

SPACE = r"[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
"""What Unicode calls white space, but for the ends of lines."""
LONG_SPACE = re.compile(rf"(?<!{SPACE}){SPACE}{{4096,}}+(?![\r\n])")
LONGEST_PIECE = 1 << 16


class Tokenizer:
    """Encodes plain text. Names of control tokens in it are plain text too."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Raises BadModelFolder for other tokens than those of gpt-oss."""
        vocabulary.check()
        ranks = {token: rank for rank, token in enumerate(vocabulary.tokens)}
        self._encoding = tiktoken.Encoding(
            "o200k_harmony",
            pat_str=vocabulary.pattern,
            mergeable_ranks=ranks,
            special_tokens=dict(vocabulary.controls),
        )

    def encode(self, text: str) -> list[int]:
        """Raises BadRequest for half of a surrogate pair, which is no character."""
        try:
            text.encode()
        except UnicodeEncodeError:
            reason = "A message or tool is not Unicode text: it holds half of a surrogate pair."
            raise BadRequest(reason, "messages") from None
        try:
            return self._encoding.encode(text, disallowed_special=())
        except ValueError:  # some 300,000 spaces in a row overflow the stack of its pattern
            pieces = (
                self._encoding.encode(one, disallowed_special=()) for one in cut_at_spaces(text)
            )
            return [token for piece in pieces for token in piece]


def cut_at_spaces(text: str) -> Iterator[str]:
    """Cut where the pattern of o200k cuts too: before a long run of spaces, and before its last
    space, which belongs to the word that follows. A run of more than LONGEST_PIECE is cut in
    between too, which costs a token or two."""
    cuts = [0]
    for run in LONG_SPACE.finditer(text):
        end = run.end() if run.end() == len(text) else run.end() - 1
        cuts += [*range(run.start(), end, LONGEST_PIECE), end]
    for start, end in pairwise([*cuts, len(text)]):
        if start < end:
            yield text[start:end]
