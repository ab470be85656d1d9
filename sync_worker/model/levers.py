"""The levers of transfer effectiveness: what makes people use at work what they learned.

The twelve are those of Ina Weinbauer-Heidel, "What Makes Training Really Work" (2018): three of the learner, four of
the programme, five of the organisation.
"""

from __future__ import annotations

from enum import StrEnum


class Lever(StrEnum):
    """One lever, as playbooks and decks name it; `label` says it in full."""

    MOTIVATION = "motivation"
    SELF_BELIEF = "self-belief"
    VOLITION = "volition"
    EXPECTATIONS = "expectations"
    RELEVANCE = "relevance"
    PRACTICE = "practice"
    PLANNING = "planning"
    OPPORTUNITY = "opportunity"
    TIME = "time"
    MANAGER = "manager"
    PEERS = "peers"
    FIRM = "firm"

    @property
    def label(self) -> str:
        """The lever's name in words."""
        return LABELS[self]


LABELS = {
    Lever.MOTIVATION: "motivation",
    Lever.SELF_BELIEF: "belief in oneself",
    Lever.VOLITION: "volition",
    Lever.EXPECTATIONS: "clear expectations",
    Lever.RELEVANCE: "relevant content",
    Lever.PRACTICE: "active practice",
    Lever.PLANNING: "transfer planning",
    Lever.OPPORTUNITY: "opportunity to apply",
    Lever.TIME: "time",
    Lever.MANAGER: "manager's support",
    Lever.PEERS: "peers' support",
    Lever.FIRM: "expectation of the firm",
}
