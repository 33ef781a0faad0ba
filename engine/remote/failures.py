"""Makes one sentence of every error: the server's own message, whatever shape it has, or another.

It imports openai and httpx2 where they are used: they must not delay the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import BadRequest, HearthError, RemoteFailed
from engine.remote.values import Json, Unreadable, list_in, object_in, parsed, shortened

if TYPE_CHECKING:
    import httpx2

FIELDS = ("message", "msg", "detail", "error", "errors", "description", "title", "type", "code")
"""OpenAI's, FastAPI's and others' names for a message, the most telling one first."""
LONGEST, DEEPEST, MOST = 1000, 6, 5
ENDS = (".", "!", "?", "…")
PAGES = ("<!", "<?", "<html", "<head", "<body")


class ServerFailed(Exception):
    """Carries the message of an error that came amid an answer. It may be empty."""


FAILURES = (ServerFailed, Unreadable, UnicodeError, RecursionError)
"""What reading an answer raises. UnicodeError comes from a key that no header can hold."""


def sentence_for(error: Exception, host: str) -> HearthError:
    """Return the error that a user reads in place of this one."""
    import openai

    match error:
        case openai.AuthenticationError():
            return RemoteFailed(f"{host} does not accept the key.")
        case openai.BadRequestError() | openai.UnprocessableEntityError():
            return BadRequest(f"{host} refuses this: {message_of(error.response)}")
        case openai.APIStatusError():
            message = message_of(error.response)
            return RemoteFailed(f"{host} answers {error.status_code}: {message}")
        case openai.APIError():
            return RemoteFailed(f"{host} cannot be reached, or has hung up: {error}")
        case _:
            return RemoteFailed(reading_sentence(error, host))


def reading_sentence(error: Exception, host: str) -> str:
    match error:
        case ServerFailed():
            message = as_sentence(str(error) or "What is in its log may say why")
            return f"{host} broke the answer off{':' if str(error) else '.'} {message}"
        case Unreadable() | RecursionError():
            what = error if isinstance(error, Unreadable) else "it is nested too deeply"
            hint = "Check its address and its version."
            return f"{host} does not answer as OpenAI's API does: {what}. {hint}"
        case UnicodeError():
            return f"The key for {host} has a letter that no key can have."
        case _:
            return f"{host} cannot be reached, or has hung up: {connection_message(error)}"


def connection_message(error: Exception) -> str:
    """Return the openai package's message for an error: httpx2's names its own internals."""
    import httpx2

    is_late = isinstance(error, httpx2.TimeoutException)
    return "Request timed out." if is_late else "Connection error."


def check_chunk(chunk: Json) -> None:
    """Raise ServerFailed for an error that is sent in place of a chunk."""
    if error := chunk.get("error"):
        raise ServerFailed(message_in(error) or message_in(chunk))
    if chunk.get("object") == "error" or ("choices" not in chunk and chunk.get("detail")):
        raise ServerFailed(message_in(chunk))


def message_of(response: httpx2.Response) -> str:
    """Return the message of an error response as a sentence. A web page has none to quote."""
    try:
        message = message_in(parsed(response.text))
    except Unreadable:
        message = message_in(response.text)
    return as_sentence(message or response.reason_phrase or "It gives no reason")


def message_in(value: object, depth: int = DEEPEST) -> str:
    """Return the first message that an error's JSON has, or an empty text."""
    if isinstance(value, str):
        return one_line(value)
    if depth == 0:
        return ""
    if items := list_in(value):
        messages = (message_in(item, depth - 1) for item in items[:MOST])
        return one_line("; ".join(filter(None, messages)))
    fields = object_in(value)
    found = (message_in(fields[name], depth - 1) for name in FIELDS if fields.get(name))
    message = next(filter(None, found), "")
    place = place_in(fields)
    return one_line(f"{place}: {message}") if message and place else message


def place_in(error: Json) -> str:
    """Return the field that FastAPI refuses, such as body.messages.0."""
    return ".".join(str(step) for step in list_in(error.get("loc")) if isinstance(step, str | int))


def one_line(text: str) -> str:
    """Return a text as one line of bearable length. A web page becomes an empty one."""
    is_page = text.lstrip().lower().startswith(PAGES)
    return "" if is_page else shortened(text, LONGEST)


def as_sentence(message: str) -> str:
    return message if message.endswith(ENDS) else f"{message}."
