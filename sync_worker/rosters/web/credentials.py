"""A source's secret, read from the environment or a file; it is never written in `lcm.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_BYTES = 64 * 1024


def read_token(env: str | None, file: Path | None, environment: Mapping[str, str], make: str) -> str:
    """Return the token in the file, else in the environment variable; `make` says where one gets a token.

    Raises:
        ConfigError: there is none, or it cannot be sent in a header.

    """
    if file is not None:
        token, place = read_secret_file(file, make).strip(), str(file)
    else:
        token, place = environment.get(env or "", "").strip(), f"environment variable {env}"
    if not token:
        raise ConfigError("there is no token.", where=place, do=make)
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ConfigError("expected exactly one token here.", where=place, do="Put the token there and nothing else.")
    return token


def read_secret_file(file: Path, make: str) -> str:
    """Return the text of a file with a secret.

    Raises:
        ConfigError: it cannot be read, is not text, or far too large.

    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}.", where=str(file), do=make) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if not text.strip() or len(content) > MAX_BYTES:
        raise ConfigError("the file does not hold a token or key as text.", where=str(file), do=make)
    return text
