"""The library's file and its key: which one opens it, and the change between plain and encrypted,
which happens while no window has it open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop.language import tr, tr_later
from desktop.library.encryption import decrypt, encrypt, fits, is_encrypted, new_key
from desktop.library.migrations import LibraryUnavailable
from desktop.library.store import Store
from desktop.preferences.encryption import LOST, from_text
from desktop.secrets import LibraryKey
from engine.errors import KeyUnavailable

UNREADABLE = tr_later(
    "The conversations cannot be read: their file is encrypted, or damaged. {error}"
)


class Vault:
    def __init__(self, path: Path, keys: LibraryKey) -> None:
        self._path = path
        self._keys = keys
        self._wanted: bool | None = None

    @property
    def is_encrypted(self) -> bool:
        return is_encrypted(self._path)

    def open_store(self, ask: Callable[[bool], str | None]) -> Store:
        """`ask` gives the key that the user kept, where the keyring has none; it is told whether
        the last one was wrong, and gives None where they give up. Raises LibraryUnavailable,
        and KeyUnavailable where the keyring does not take that key."""
        if not self.is_encrypted:
            return Store(self._path)
        key = self._stored_key()
        if key is None or not fits(self._path, key):
            key = self._asked_for(ask)
            self._keys.keep(key)
        return Store(self._path, key)

    def _stored_key(self) -> bytes | None:
        try:
            return self._keys.get()
        except KeyUnavailable as error:
            raise LibraryUnavailable(tr(UNREADABLE, error=error)) from error

    def want(self, encrypted: bool) -> None:
        """When the window is closed."""
        self._wanted = encrypted

    @property
    def is_change_wanted(self) -> bool:
        return self._wanted is not None and self._wanted != self.is_encrypted

    def change(self) -> bytes | None:
        """Do what is wanted. Returns a new key, for the user to keep. Raises LibraryUnavailable,
        KeyUnavailable; the library is as it was then."""
        wanted, self._wanted = self._wanted, None
        if wanted is None or wanted == self.is_encrypted:
            return None
        if wanted:
            return self._encrypt()
        key = self._keys.get()
        if key is None:
            raise LibraryUnavailable(tr(LOST))
        decrypt(self._path, key)
        return None

    def _encrypt(self) -> bytes:
        key = new_key()
        self._keys.keep(key)  # first: a library whose key is nowhere is lost
        encrypt(self._path, key)
        return key

    def _asked_for(self, ask: Callable[[bool], str | None]) -> bytes:
        is_wrong = False
        while (typed := ask(is_wrong)) is not None:
            key = from_text(typed)
            if key is not None and fits(self._path, key):
                return key
            is_wrong = True
        raise LibraryUnavailable(tr(LOST))
