"""Keys in the system's keyring. The only module that touches keyring.

A keyring may ask the user to unlock it and block for as long: call from a worker thread.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import KeyUnavailable


def new_key() -> str:
    return secrets.token_urlsafe(32)


class ApiKeys:
    """The one key under which programs may use the localhost API. Nothing is cached."""

    def __init__(self, service: str = "hearth", user: str = "api-key") -> None:
        self._service = service
        self._user = user

    def current(self) -> str:
        """The stored key; made at first use. Raises KeyUnavailable."""
        with _errors_in_words():
            import keyring

            return keyring.get_password(self._service, self._user) or self.rotate()

    def rotate(self) -> str:
        """Replace the key; the old one is worth nothing any more. Raises KeyUnavailable."""
        key = new_key()
        with _errors_in_words():
            import keyring

            keyring.set_password(self._service, self._user, key)
        return key


class RemoteKeys:
    """The keys of models on other machines, by the models' ids."""

    def __init__(self, service: str = "hearth") -> None:
        self._service = service

    def get(self, id: str) -> str | None:
        """Raises KeyUnavailable."""
        with _errors_in_words():
            import keyring

            return keyring.get_password(self._service, _user(id))

    def set(self, id: str, key: str) -> None:
        """Raises KeyUnavailable."""
        with _errors_in_words():
            import keyring

            keyring.set_password(self._service, _user(id), key)

    def delete(self, id: str) -> None:
        """Nothing happens where there is none. Raises KeyUnavailable."""
        if self.get(id) is None:
            return
        with _errors_in_words():
            import keyring

            keyring.delete_password(self._service, _user(id))


class LibraryKey:
    """The key of encrypted conversations."""

    def __init__(self, service: str = "hearth", user: str = "library-key") -> None:
        self._service = service
        self._user = user

    def get(self) -> bytes | None:
        """Raises KeyUnavailable."""
        with _errors_in_words("the key of your conversations"):
            import keyring

            stored = keyring.get_password(self._service, self._user)
            return bytes.fromhex(stored) if stored else None

    def keep(self, key: bytes) -> None:
        """Read back before anything depends on it. Raises KeyUnavailable."""
        with _errors_in_words("the key of your conversations"):
            import keyring

            keyring.set_password(self._service, self._user, key.hex())
            if keyring.get_password(self._service, self._user) != key.hex():
                raise KeyUnavailable("The keyring does not keep what it is given.")


def _user(id: str) -> str:
    return f"remote:{id}"


@contextmanager
def _errors_in_words(what: str = "the API key") -> Iterator[None]:
    from keyring.errors import KeyringLocked, NoKeyringError

    try:
        yield
    except KeyUnavailable:
        raise
    except NoKeyringError as error:
        raise KeyUnavailable(
            "This system has no keyring that Hearth can use, such as GNOME Keyring, KWallet or "
            f"KeePassXC, so {what} cannot be kept."
        ) from error
    except KeyringLocked as error:
        raise KeyUnavailable("The keyring is locked. Unlock it and try again.") from error
    except Exception as error:  # backends let through whatever their own libraries raise
        reason = str(error).rstrip(".")
        raise KeyUnavailable(f"The keyring did not hand out {what}: {reason}.") from error


def keyring_name() -> str:
    """Which keyring would be asked, for people; asks it nothing."""
    import keyring

    return keyring.get_keyring().name
