"""The words of the project as frozen data: people, cohorts, rosters, plans, posts, drafts. No I/O."""

from sync_worker.model.cohorts import Cohort, DaysOff, Occurrence, SourceCohort
from sync_worker.model.commitments import Answer, Commitment
from sync_worker.model.drafts import (
    UNTIL_ANSWERED,
    WHILE_FACT,
    WHILE_IN,
    Action,
    ActionKind,
    Approval,
    Citation,
    Draft,
    DraftKind,
    Translation,
    Use,
)
from sync_worker.model.facts import FACT_NAME, Fact, FactType, FactValue, StatedFacts
from sync_worker.model.levers import Lever
from sync_worker.model.people import Person, fold
from sync_worker.model.plan import Change, ChangeKind, Plan, Steady
from sync_worker.model.posts import Post, Signal, Topic
from sync_worker.model.reach import Reach
from sync_worker.model.roster import (
    Enrolment,
    GroupedEnrolments,
    Listed,
    RejectedRow,
    Role,
    Roster,
    RosterKind,
    SourceFacts,
)

__all__ = [
    "FACT_NAME",
    "UNTIL_ANSWERED",
    "WHILE_FACT",
    "WHILE_IN",
    "Action",
    "ActionKind",
    "Answer",
    "Approval",
    "Change",
    "ChangeKind",
    "Citation",
    "Cohort",
    "Commitment",
    "DaysOff",
    "Draft",
    "DraftKind",
    "Enrolment",
    "Fact",
    "FactType",
    "FactValue",
    "GroupedEnrolments",
    "Lever",
    "Listed",
    "Occurrence",
    "Person",
    "Plan",
    "Post",
    "Reach",
    "RejectedRow",
    "Role",
    "Roster",
    "RosterKind",
    "Signal",
    "SourceCohort",
    "SourceFacts",
    "StatedFacts",
    "Steady",
    "Topic",
    "Translation",
    "Use",
    "fold",
]
