"""The demo's figures count each thing once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sync_worker.demo.outcome import published
from sync_worker.store.database import open_store
from sync_worker.store.tables import LedgerRow

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)


def row(key: str, action: str, *refs: str, state: str = "done") -> LedgerRow:
    place = {"forum": "f", "cohort": "c", "playbook": "p", "step": "s", "slot": NOW}
    times = {"created_at": NOW, "updated_at": NOW}
    return LedgerRow(key=key, action=action, state=state, payload={"refs": list(refs)}, **place, **times)


def test_a_prompt_with_its_place_in_the_deck_is_one_prompt(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with store.begin() as session:
        session.add(row("a", "topic", "prompt", "prompt:apply-it/first-sentence"))
        session.add(row("b", "topic", "roundup", "open:17", "open:18"))
        session.add(row("c", "message", "consent"))
        session.add(row("d", "topic", "story", state="intended"))
    kinds = published(store, "f")
    store.close()
    assert (kinds["prompt"], kinds["roundup"], kinds["message"], kinds["story"]) == (1, 1, 1, 0)
