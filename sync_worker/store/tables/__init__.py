"""Every table of the store, by subject. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from sync_worker.store.tables.activity import (
    ActivityDayRow,
    AnswerWeekRow,
    ChoiceRow,
    CommitmentRow,
    ConsentRow,
    DismissalRow,
    LikeRow,
    PostRow,
    PracticeMarkRow,
    TopicRow,
    VisitRow,
)
from sync_worker.store.tables.base import WORDS, Table, UtcDateTime, one_of
from sync_worker.store.tables.budget import BudgetRow, CallRow, CallWaiterRow
from sync_worker.store.tables.ledger import DraftRow, LedgerRow, OccurrenceRow, RunRow
from sync_worker.store.tables.membership import (
    ChangeRow,
    CreatedRow,
    EmailedRow,
    InvitationRow,
    MembershipRow,
    SeenRow,
    UnpairedRow,
)
from sync_worker.store.tables.people import AcceptedRosterRow, FactRow, IdentityRow, SettlementRow
from sync_worker.store.tables.progress import CohortClockRow, CursorRow, ForgottenRow, WebhookEventRow

__all__ = [
    "WORDS",
    "AcceptedRosterRow",
    "ActivityDayRow",
    "AnswerWeekRow",
    "BudgetRow",
    "CallRow",
    "CallWaiterRow",
    "ChangeRow",
    "ChoiceRow",
    "CohortClockRow",
    "CommitmentRow",
    "ConsentRow",
    "CreatedRow",
    "CursorRow",
    "DismissalRow",
    "DraftRow",
    "EmailedRow",
    "FactRow",
    "ForgottenRow",
    "IdentityRow",
    "InvitationRow",
    "LedgerRow",
    "LikeRow",
    "MembershipRow",
    "OccurrenceRow",
    "PostRow",
    "PracticeMarkRow",
    "RunRow",
    "SeenRow",
    "SettlementRow",
    "Table",
    "TopicRow",
    "UnpairedRow",
    "UtcDateTime",
    "VisitRow",
    "WebhookEventRow",
    "one_of",
]
