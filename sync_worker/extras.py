"""Libraries that only some features need: a plain installation leaves them out, and an error says how to get them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sync_worker.errors import ConfigError

# What is imported -> the extra of this package that installs it.
EXTRA_OF = {
    "openpyxl": "xlsx",
    "jwt": "lti",
    "cryptography": "lti",
    "psycopg": "postgres",
    "procrastinate": "cluster",
    "psycopg_pool": "cluster",
    "dateutil": "calendar",
    "holidays": "calendar",
    "icalendar": "calendar",
    "matplotlib": "plots",
    "networkx": "network",
    "flask": "demo",
    "linkify_it": "demo",
    "markdown_it": "demo",
    "rich": "demo",
    "waitress": "demo",
    "werkzeug": "demo",
}


def load(target: str, feature: str) -> Any:
    """Import `module` or `module:attribute`; `feature` begins the sentence of the error, such as "a roster in Excel".

    Raises:
        ConfigError: a library of an extra is not installed; names the command that installs it.

    """
    module, _, attribute = target.partition(":")
    try:
        imported = import_module(module)
        return getattr(imported, attribute) if attribute else imported
    except ModuleNotFoundError as error:
        problem = missing(error, feature)
        if problem is None:
            raise
        raise problem from None


def missing(error: ModuleNotFoundError, feature: str) -> ConfigError | None:
    """Return the error for a library of an extra that is not installed; None where the module is of no extra."""
    library = (error.name or "").partition(".")[0]
    extra = EXTRA_OF.get(library)
    return None if extra is None else _not_installed(library, extra, feature)


def require(extra: str, feature: str) -> None:
    """Refuse to go on where a library of an extra is not installed; imports nothing.

    Raises:
        ConfigError: as `load`.

    """
    for library, its_extra in EXTRA_OF.items():
        if its_extra == extra and find_spec(library) is None:
            raise _not_installed(library, extra, feature)


def _not_installed(library: str, extra: str, feature: str) -> ConfigError:
    return ConfigError(
        f"{feature} needs the library '{library}', which is not installed.",
        do=f"Run: {sys.executable} -m pip install 'discourse-lcm[{extra}]'",
    )
