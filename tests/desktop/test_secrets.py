"""The API key in a real Secret Service, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import keyring
import keyring.errors
import pytest

from desktop.secrets import ApiKeys, keyring_name, new_key
from engine.errors import KeyUnavailable
from tests.desktop.secret_service import needs_secret_service, run_in_session

IN_THE_SERVICE = """
import json, keyring
from desktop.secrets import ApiKeys, keyring_name
first = ApiKeys().current()
again = ApiKeys().current()
other_user = ApiKeys(user="somebody else").current()
rotated = ApiKeys().rotate()
print(json.dumps({
    "name": keyring_name(),
    "first": first,
    "again": again,
    "other_user": other_user,
    "rotated": rotated,
    "after": ApiKeys().current(),
    "stored": keyring.get_password("hearth", "api-key"),
}))
"""
WITH_A_PROMPT = """
from desktop.secrets import ApiKeys
from engine.errors import KeyUnavailable
try:
    ApiKeys().current()
except KeyUnavailable as error:
    print(error, end="")
"""


@needs_secret_service
def test_the_key_is_made_once_kept_in_the_keyring_and_rotated(tmp_path: Path) -> None:
    told = json.loads(run_in_session(tmp_path, IN_THE_SERVICE))
    assert told["first"] == told["again"]
    assert len(told["first"]) == 43
    assert told["other_user"] != told["first"]
    assert told["rotated"] != told["first"]
    assert told["after"] == told["stored"] == told["rotated"]
    assert "SecretService" in told["name"]


@needs_secret_service
def test_a_keyring_that_nobody_unlocks_is_one_sentence(tmp_path: Path) -> None:
    sentence = run_in_session(tmp_path, WITH_A_PROMPT, is_unlocked=False)
    assert sentence.startswith("The keyring did not hand out the API key: ")
    assert sentence.endswith("Prompt dismissed.")


@pytest.mark.parametrize("method", ["current", "rotate"])
def test_without_a_keyring_the_sentence_says_which_would_do(method: str) -> None:
    with pytest.raises(KeyUnavailable) as caught:
        getattr(ApiKeys(), method)()
    assert str(caught.value) == (
        "This system has no keyring that Hearth can use, such as GNOME Keyring, KWallet or "
        "KeePassXC, so the API key cannot be kept."
    )


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (keyring.errors.KeyringLocked("x"), "The keyring is locked. Unlock it and try again."),
        (OSError("no bus."), "The keyring did not hand out the API key: no bus."),
    ],
)
def test_whatever_a_keyring_raises_becomes_a_sentence(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(service: str, user: str) -> str:
        raise error

    monkeypatch.setattr(keyring, "get_password", fail)
    with pytest.raises(KeyUnavailable) as caught:
        ApiKeys().current()
    assert str(caught.value) == sentence


def test_the_name_of_the_keyring_is_known_without_asking_it() -> None:
    assert keyring_name() == keyring.get_keyring().name


def test_each_key_is_another() -> None:
    assert len({new_key() for _ in range(100)}) == 100
