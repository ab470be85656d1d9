"""The shape of `language_model` in `lcm.yaml`: which model may propose words for roundups, within which limits."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from sync_worker.config.base import Strict
from sync_worker.config.mail import HERE
from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


class LanguageModelSettings(Strict):
    """A language model behind an API like OpenAI's (`POST {url}/chat/completions`); without this part there is none.

    `model` is its name there. The key comes from the environment variable `key_env` or from `key_file`; a model on a
    machine of your own may need none. A call takes at most `timeout` seconds. On one day (of UTC) there are at most
    `calls_per_day`, and none once `tokens_per_day` could be passed. Posts of a category that not everybody can read,
    logged in or not, are sent only for the cohorts in `private_categories_of`.
    """

    url: str
    model: Annotated[str, Field(pattern=r"^[\w./:@+-]{1,200}$")]
    key_env: str | None = None
    key_file: Path | None = None
    timeout: Annotated[float, Field(gt=0, le=120)] = 30.0
    calls_per_day: Annotated[int, Field(ge=0, le=10_000)] = 50
    tokens_per_day: Annotated[int, Field(ge=0, le=100_000_000)] = 200_000
    private_categories_of: tuple[str, ...] = ()

    @field_validator("url")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", value):
            raise ValueError("expected an address like https://models.example.org/v1, without user, key or query")
        if value.startswith("http://") and urlsplit(value).hostname not in HERE:
            raise ValueError("without https everybody on the way can read: http is for a model on localhost only")
        return value.rstrip("/").removesuffix("/chat/completions")


def language_model_key(model: LanguageModelSettings, environ: Mapping[str, str] | None = None) -> str:
    """Return the key of a language model from its file or the environment; "" where the settings name neither.

    Raises:
        ConfigError: they name one, and there is no key in it, or none that can be a key.

    """
    environment = os.environ if environ is None else environ
    if model.key_file is None and model.key_env is None:
        return ""
    place = str(model.key_file) if model.key_file else f"environment variable {model.key_env}"
    try:
        key = model.key_file.read_text("utf-8") if model.key_file else environment.get(model.key_env or "", "")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        do = "Write the key into it, readable only by the worker's user."
        raise ConfigError(
            f"the file with the language model's key cannot be read: {why}.", where=place, do=do
        ) from None
    key = key.strip()
    if not key:
        do = "Put the key there, or leave `key_env` and `key_file` out where the model needs none."
        raise ConfigError("no key of the language model.", where=place, do=do)
    if not (key.isascii() and key.isprintable()) or " " in key:
        do = "Copy it again: one line of letters, digits and signs."
        raise ConfigError("the language model's key has characters that no key has.", where=place, do=do)
    return key
