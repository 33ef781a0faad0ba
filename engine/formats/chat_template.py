"""The Jinja template by which a model's conversations are written, as transformers renders it.

Source: transformers, utils/chat_template_utils.py and tokenization_utils_base.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.errors import BadModelFolder
from engine.models.folder import TEMPLATE_FILE

TOKENIZER_CONFIG_FILE = "tokenizer_config.json"
NAMED_TOKENS = ("bos_token", "eos_token", "pad_token", "unk_token")
"""What templates may call control tokens."""


class ChatTemplate:
    """`names` are the control tokens that the template asks for by name."""

    def __init__(self, text: str, names: Mapping[str, str] | None = None) -> None:
        """Raises TemplateError."""
        self._template = _environment().from_string(text, dict(names or {}))

    @classmethod
    def read(cls, folder: Path) -> ChatTemplate:
        """A file of its own, or as older models have it, in tokenizer_config.json.

        Raises BadModelFolder.
        """
        try:
            config = folder / TOKENIZER_CONFIG_FILE
            stored: dict[str, Any] = (
                json.loads(config.read_text("utf-8")) if config.exists() else {}
            )
            own = folder / TEMPLATE_FILE
            text = own.read_text("utf-8") if own.exists() else template_in(stored)
            return cls(text, names_in(stored))
        except KeyError:
            raise BadModelFolder(f"{folder} has no chat template: the model cannot chat.") from None
        except (OSError, ValueError, TypeError, TemplateError) as error:
            raise BadModelFolder(f"The chat template in {folder} cannot be read: {error}") from None

    def render(self, messages: Sequence[Mapping[str, str]]) -> str:
        """With the opening of the assistant's answer. Raises TemplateError."""
        return self._template.render(messages=messages, add_generation_prompt=True)


def template_in(config: Mapping[str, Any]) -> str:
    """Raises KeyError where there is none."""
    stored = config["chat_template"]
    if not isinstance(stored, list):
        return str(stored)
    several = cast("list[dict[str, str]]", stored)
    return {one["name"]: one["template"] for one in several}["default"]


def names_in(config: Mapping[str, Any]) -> dict[str, str]:
    """A token is its text, or an object that holds it."""
    found = {name: config[name] for name in NAMED_TOKENS if config.get(name)}
    return {name: text_of(token) for name, token in found.items()}


def text_of(token: str | Mapping[str, str]) -> str:
    return token if isinstance(token, str) else token["content"]


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    own = {"raise_exception": _refuse, "strftime_now": _now}
    environment.filters.update(tojson=_to_json)  # pyright: ignore[reportUnknownMemberType]
    environment.globals.update(own)  # pyright: ignore[reportUnknownMemberType]
    return environment


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    raise TemplateError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)
