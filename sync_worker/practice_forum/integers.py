"""Whole numbers among a request's parameters, refused where Discourse refuses them."""

from __future__ import annotations

from sync_worker.practice_forum import context, refusals


def bounded_integer(name: str, *, default: int, low: int = 0, high: int | None = None) -> int:
    """Return the parameter as an integer.

    Raises:
        Refusal: 400 naming the parameter, where it is no integer or out of bounds.

    """
    text = context.params().text(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise refusals.invalid_parameters(name) from None
    if value < low or (high is not None and value > high):
        raise refusals.invalid_parameters(name)
    return value
