"""How a post is shown: its heading, and one sentence in its author's own words."""

from __future__ import annotations

from dataclasses import dataclass

PULLED = 90  # a sentence up to this long can be a heading in quotation marks


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The heading may be a sentence of the author (`pulled`) or the topic's title (`titled`).

    `sources` are the sentences of the post that the heading was made of. `repeats` tells that the quote says hardly
    more than the heading, `story` that the post tells what was tried and what came of it.
    """

    heading: str
    quote: str
    score: float
    sources: tuple[str, ...] = ()
    pulled: bool = False
    titled: bool = False
    repeats: bool = False
    story: bool = False
