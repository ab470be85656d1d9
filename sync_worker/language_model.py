"""A language model behind an API like OpenAI's, asked over HTTP; what it says is data, to be checked by the caller."""

from __future__ import annotations

import json
import logging
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from sync_worker import __version__
from sync_worker.checks import failed, ok, warn
from sync_worker.config.language_model import language_model_key
from sync_worker.errors import LanguageModelError, LcmError
from sync_worker.http import Bounds, OverdueError, TooLargeError, UnreadableError, fetch, open_session, redact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.checks import Finding
    from sync_worker.config.language_model import LanguageModelSettings


LOG = logging.getLogger(__name__)
AREA = "language model"
LONGEST_CONNECT = 5.0
LARGEST_ANSWER = 256 * 1024  # bytes; what is asked for has some kilobytes
CHARS_A_TOKEN = 3  # fewer than there are: what a server does not count is rather counted too high
PROBE = ("You answer with one word.", "Answer with the word: yes")
PROBE_TOKENS = 16
DO: dict[int, str] = {
    400: "Does the server know this model? Can it answer in JSON?",
    401: "Check the key (`key_env` or `key_file`).",
    403: "Check the key, and what it may use.",
    404: "Check `url` (it ends before /chat/completions) and `model`.",
    429: "The provider's own limit is reached; raise it there, or ask less.",
}
AT_SERVER = "Look at the server of the model; texts are written without it meanwhile."


@dataclass(frozen=True, slots=True)
class Message:
    """One part of what a model is asked; `role` is `system` or `user`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, and how many tokens question and answer had."""

    text: str = field(repr=False)
    tokens: int


def tokens_in(text: str) -> int:
    """Return how many tokens a text may have at most, roughly."""
    return len(text) // CHARS_A_TOKEN + 1


class LanguageModel:
    """Asks one model; use it as a context.

    Args:
        settings: where it is, and how long it may take.
        key: what it asks for, "" for none.

    """

    def __init__(self, settings: LanguageModelSettings, key: str) -> None:
        self.name = settings.model
        self.url = f"{settings.url}/chat/completions"
        self._key = key
        self._bounds = Bounds(
            min(LONGEST_CONNECT, settings.timeout), settings.timeout, settings.timeout, LARGEST_ANSWER
        )
        self._session = open_session({"User-Agent": f"discourse-lcm/{__version__}"}, connections=1)

    def __enter__(self) -> LanguageModel:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ask(self, messages: Sequence[Message], most_tokens: int, *, as_json: bool = False) -> Answer:
        """Ask once, with the least chance that the model knows. Calls: 1 to the model, none to the forum.

        Args:
            messages: what is asked.
            most_tokens: of the answer.
            as_json: whether the answer is to be an object in JSON.

        Raises:
            LanguageModelError: it did not answer in time, or not in a way that can be read. No message of it holds
                anything of what was asked.

        """
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            "temperature": 0,
            "max_tokens": most_tokens,
            "stream": False,
        }
        if as_json:
            body["response_format"] = {"type": "json_object"}
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            response, content = fetch(self._session, "POST", self.url, self._bounds, json=body, headers=headers)
        except (requests.RequestException, OSError) as error:
            raise self._error(*_explained(error)) from None
        if response.status_code != requests.codes.ok:
            # A server may repeat in its answer what it was asked: only the status is told.
            do = DO.get(response.status_code, AT_SERVER)
            raise self._error(f"it answered {response.status_code}.", do, status=response.status_code)
        return self._read(content, sum(tokens_in(one.content) for one in messages))

    def _read(self, content: bytes, asked: int) -> Answer:
        try:
            found = json.loads(content)
            text = found["choices"][0]["message"]["content"]
            counted = (found.get("usage") or {}).get("total_tokens")
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            text, counted = None, None
        if not isinstance(text, str):
            do = "Is this the address of an API like OpenAI's? `url` ends before /chat/completions."
            raise self._error("its answer is not that of /chat/completions.", do)
        tokens = asked + tokens_in(text)
        if isinstance(counted, int) and not isinstance(counted, bool) and counted > 0:  # True is an int in Python
            tokens = counted
        LOG.debug("%s answered: %d tokens", self.name, tokens)
        return Answer(text, tokens)

    def _error(self, what: str, do: str, *, status: int | None = None) -> LanguageModelError:
        return LanguageModelError(redact(what, self._key), where=redact(self.url, self._key), do=do, status=status)


def _explained(error: Exception) -> tuple[str, str]:
    """Return what went wrong on the way, and what to do; nothing of it is the server's own words."""
    if isinstance(error, OverdueError | requests.Timeout):
        return "it did not answer in time.", "Raise `timeout`, or use a faster model."
    if isinstance(error, TooLargeError):
        return f"its answer has more than {error.limit:,} bytes.", AT_SERVER
    if isinstance(error, UnreadableError):
        return "its answer cannot be unpacked.", AT_SERVER
    if isinstance(error, requests.exceptions.SSLError | ssl.SSLError):
        return "its certificate is not accepted.", "Renew it, or check `url` and this machine's clock."
    return "no connection.", "Check `url`, and whether this machine may reach it."


def check_language_model(settings: LanguageModelSettings) -> list[Finding]:
    """Return whether the model answers; asks it one question of a few words. Calls: 1 to the model."""
    try:
        key = language_model_key(settings)
        with LanguageModel(settings, key) as model:
            asked = (Message("system", PROBE[0]), Message("user", PROBE[1]))
            model.ask(asked, PROBE_TOKENS)
    except LanguageModelError as error:
        return [warn(AREA, f"{error.where}: {error.what} Texts are written without it.", error.do or "")]
    except LcmError as error:
        return [failed(AREA, error)]
    sent = ", ".join(settings.private_categories_of)
    also = f"posts of private categories are sent for: {sent}" if sent else "no post of a private category is sent"
    return [ok(AREA, f"{settings.model} answers at {redact(settings.url, key)}; {also}")]
