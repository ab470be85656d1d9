"""Each wrong call gets what is wrong, where, and what to do; its exit code is 2, or 5 where there is no forum."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.forum import Patience

SETTINGS = """\
forum: {url: 'http://127.0.0.1:9', connect_timeout: 60}
roster: {csv: r.csv}
cohorts:
  - {key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon, playbook: first-steps}
"""
CSV = "email,name,cohort,role\nana@x.org,Ana,spring,learner\n"
KEY = "k" * 64
KEY_FILE = SETTINGS.replace("connect", "key_file: key, connect")


@dataclass(frozen=True)
class Call:
    """A command line, what it must say, and what differs in the folder and in the environment."""

    name: str
    line: str
    says: tuple[str, ...]
    files: dict[str, str | bytes | None] = field(default_factory=dict)
    key: str = KEY
    folders: tuple[str, ...] = ()
    code: int = 2


def with_store(store: str) -> dict[str, str | bytes | None]:
    return {"lcm.yaml": f"{SETTINGS}store: '{store}'\n"}


CALLS = [
    Call("unknown command", "sinc", ("No such command 'sinc'", "Did you mean 'sync'?")),
    Call("unknown command like none", "xyzzy", ("No such command", "lcm --help")),
    Call("unknown subcommand", "playbook lst", ("No such command 'lst'", "list")),
    Call("unknown option", "sync --aply", ("--aply", "--apply")),
    Call("missing argument", "playbook preview", ("Missing argument 'STEP'",)),
    Call("missing option", "drafts reject abc", ("--reason",)),
    Call("number out of range", "history --limit 0", ("--limit", "1<=x<=10000")),
    Call("settings that are absent", "status --config no.yaml", ("no.yaml", "lcm init")),
    Call("a folder for settings", "status --config .", ("'.' is a directory",)),
    Call("settings in UTF-16", "status", ("lcm.yaml:1", "UTF-8"), {"lcm.yaml": SETTINGS.encode("utf-16")}),
    Call("broken YAML", "status", ("lcm.yaml:6:1", "Check indentation"), {"lcm.yaml": f"{SETTINGS}  - [\n"}),
    Call("empty settings", "status", ("lcm.yaml:1:1", "'forum' is missing"), {"lcm.yaml": ""}),
    Call("a day that is none", "status", ("lcm.yaml:4", "'2027-02-30'", "2027-12-31"),
         {"lcm.yaml": SETTINGS.replace("2027-05-31", "2027-02-30")}),
    Call("a time without offset", "status --now 2027-01-01T10:00", ("2027-01-01T10:00+01:00",)),
    Call("a day for a time", "status --now 2027-01-01", ("2027-01-01T09:00+01:00",)),
    Call("a word for a time", "status --now yesterday", ("'yesterday'", "2026-11-02T09:00+00:00")),
    Call("a day in another order", "playbook preview welcome --cohort spring --on 1/2/2027", ("2026-11-02",)),
    *(
        Call(f"unknown cohort in {line}", f"{line} sprung", ("'sprung'", "Did you mean 'spring'?"))
        for line in ("drafts list --cohort", "sync drift --cohort", "history --cohort", "retry --cohort",
                     "cohort pause", "roundup", "report --out o", "playbook preview welcome --cohort")
    ),
    Call("unknown cohort of a sync", "sync --cohort sprung", ("'sprung'", "spring")),
    Call("no key", "sync", ("DISCOURSE_API_KEY", "Admin > API"), key=""),
    Call("a key with other letters", "sync", ("DISCOURSE_API_KEY", "Admin > API"), key="schlüssel€"),
    Call("a key of two lines", "sync", ("DISCOURSE_API_KEY", "one line"), key="abc\ndef"),
    Call("a key file that is none", "sync", ("key", "Copy it again"), {"lcm.yaml": KEY_FILE, "key": b"\xff\xfe\x00"}),
    Call("a folder for a key file", "sync", ("key", "cannot be read"), {"lcm.yaml": KEY_FILE}, folders=("key",)),
    Call("no forum", "sync", ("http://127.0.0.1:9/", "refuses connections", "Is it running"), code=5),
    Call("no roster", "sync", ("r.csv", "does not exist", "Correct its path"), {"r.csv": None}),
    Call("a folder for a roster", "sync", ("r.csv", "is a folder"), {"r.csv": None}, folders=("r.csv",)),
    Call("an empty roster", "sync", ("r.csv:1", "export it again"), {"r.csv": ""}),
    Call("no such plan", "sync --apply plan.json", ("plan.json", "lcm sync --out")),
    Call("a plan that is none", "sync --apply plan.json", ("plan.json", "lcm sync --out"), {"plan.json": "{"}),
    Call("no such run", "sync undo sync-x", ("'sync-x'", "lcm sync runs")),
    Call("no such draft", "drafts show abc", ("'abc'", "lcm drafts list")),
    Call("no such entry", "retry abc", ("'abc'", "lcm retry")),
    Call("no such playbook", "playbook check furst-steps", ("Did you mean 'first-steps'?",)),
    Call("a folder for a store", "status", ("store: sqlite:///", "cannot be opened"), with_store("sqlite:///s"),
         folders=("s",)),
    Call("a text for a store", "status", ("store: sqlite:///", "backup"), {"lcm.db": "not a database " * 99}),
    Call("an address that is no store's", "status", ("store:", "sqlite:///lcm.db"), with_store("nonsense")),
    Call("a store where nothing can be", "status", ("/proc/x", "Make the folder"), with_store("sqlite:////proc/x/l.db")),
    Call("a store's server that is down", "status", ("store: postgresql", "server runs"),
         with_store("postgresql+psycopg://lcm:s3cret@127.0.0.1:1/x")),
    Call("settings that are there already", "init .", ("lcm.yaml", "nothing was written", "lcm init FOLDER")),
    Call("a calendar in no folder", "playbook show first-steps --cohort spring --ics no/x.ics", ("no/x.ics", "folder")),
    Call("topics that are absent", "practice-forum import no.jsonl", ("no.jsonl", "No such file")),
    Call("a forum for everybody", "practice-forum serve --host 0.0.0.0", ("0.0.0.0", "--host 127.0.0.1")),
    Call("a full folder for a demo", "demo --dir . --no-serve", ("lcm.yaml", "--dir")),
]  # fmt: skip


@pytest.fixture
def lcm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Call], tuple[int, str]]:
    """Make the call in a folder of its own; return the exit code and what standard error says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Patience, "pause_after", lambda *_, **__: None)

    def run(call: Call) -> tuple[int, str]:
        for name, text in {"lcm.yaml": SETTINGS, "r.csv": CSV, **call.files}.items():
            if text is not None and name not in call.folders:
                (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        for name in call.folders:
            (tmp_path / name).mkdir()
        result = CliRunner().invoke(main, call.line.split(), env={"DISCOURSE_API_KEY": call.key})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stderr

    return run


@pytest.mark.parametrize("call", CALLS, ids=[call.name for call in CALLS])
def test_a_wrong_call_says_what_where_and_what_to_do(lcm: Callable[[Call], tuple[int, str]], call: Call) -> None:
    code, shown = lcm(call)
    assert (code, [words for words in call.says if words not in shown]) == (call.code, []), shown
    assert "Traceback" not in shown
    assert "a bug in lcm" not in shown
    assert "[Errno" not in shown
    assert "s3cret" not in shown


def test_a_copy_that_a_full_disk_stops_says_so_in_one_line_and_leaves_nothing(
    lcm: Callable[[Call], tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(source: Path, target: Path) -> None:
        target.mkdir(parents=True)
        raise shutil.Error(
            [(str(source), str(target), f"[Errno 28] No space left on device: '{source}' -> '{target}'")]
        )

    monkeypatch.setattr(shutil, "copytree", fill)
    code, shown = lcm(Call("", "playbook copy first-steps mine", ()))
    assert code == 2
    assert "playbooks/mine: the playbook cannot be copied: No space left on device. Name a folder" in shown
    assert not (tmp_path / "playbooks" / "mine").exists()
