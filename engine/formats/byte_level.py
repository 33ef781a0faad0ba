"""The byte-level alphabet of GPT-2's tokenizer: each byte has a printable character of its own.

Source: openai/gpt-2, src/encoder.py, bytes_to_unicode.
"""

from __future__ import annotations

from functools import cache


def token_bytes(token: str) -> bytes:
    """The bytes of a vocabulary entry; of one outside the alphabet (a control token), its name."""
    try:
        return token.translate(_latin1()).encode("latin-1")
    except UnicodeEncodeError:
        return token.encode()


@cache
def _latin1() -> dict[int, int]:
    """For str.translate: the alphabet as Latin-1, whose other characters are put outside of it."""
    others = dict.fromkeys(range(0x100), 0xFFFD)
    return others | {ord(character): byte for character, byte in byte_of_character().items()}


@cache
def byte_of_character() -> dict[str, int]:
    """Printable Latin-1 bytes stand for themselves, the others for U+0100 and on, in order."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    table.update({chr(0x100 + number): byte for number, byte in enumerate(others)})
    return table
