"""The worker's database: ledger, activity, memberships, identities, drafts, cursors."""

from __future__ import annotations
