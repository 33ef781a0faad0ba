"""Browser sessions: a link with a code that works once opens one, and a cookie keeps it.

So the key is never in an address, where histories and logs would keep it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

CODE_SECONDS = 120.0
SESSION_SECONDS = 12 * 3600.0
TOKEN_BYTES = 32


class Sessions:
    """Codes and tokens are known until they are used or too old. Any thread may ask."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._codes: dict[str, float] = {}
        self._tokens: dict[str, float] = {}

    def new_code(self) -> str:
        code = secrets.token_urlsafe(TOKEN_BYTES)
        with self._lock:
            self._forget_old()
            self._codes[code] = self._now() + CODE_SECONDS
        return code

    def redeem(self, code: str) -> str | None:
        """The token of a new session; None for a code that is unknown, used or too old."""
        with self._lock:
            self._forget_old()
            if self._codes.pop(code, None) is None:
                return None
            token = secrets.token_urlsafe(TOKEN_BYTES)
            self._tokens[token] = self._now() + SESSION_SECONDS
            return token

    def is_open(self, token: str) -> bool:
        with self._lock:
            self._forget_old()
            # All are compared, each in constant time: how long it takes tells nothing.
            return (
                sum(secrets.compare_digest(token.encode(), one.encode()) for one in self._tokens)
                > 0
            )

    def _forget_old(self) -> None:
        now = self._now()
        self._codes = {code: end for code, end in self._codes.items() if end > now}
        self._tokens = {token: end for token, end in self._tokens.items() if end > now}
