"""A success case study: two questions to everybody, the extremes looked into, what is allowed, and one mail at most."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.activity.cases import cases_of, enter_by_lcm, rows_of
from sync_worker.activity.choices import enter_word
from sync_worker.activity.replies import Choice
from sync_worker.cli import main
from sync_worker.config.mail import MailSettings
from sync_worker.config.options import ReachSettings
from sync_worker.desk.letters import hear
from sync_worker.model import Allowed, CaseKind, NoteKind
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Post
from sync_worker.publish.entries import key_of
from sync_worker.store import mails, pauses
from sync_worker.store.facts import facts_of, set_fact
from sync_worker.store.forgotten import remember_forgotten
from sync_worker.store.personal import Subject, held_about, known_as
from sync_worker.store.tables import CaseNoteRow, CaseRow, DraftRow, LedgerRow
from sync_worker.store.taking_out import take_out
from sync_worker.worker.personal_data import sweep
from tests.worker.story_site import day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from sync_worker.model import Case
    from sync_worker.practice_forum.app import ForumServer
    from sync_worker.publish.entries import StepOfCohort
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: study, at: start 09:00, play: case_study, approval: none, with: {choose: 5d, cases: 1, managers: 9d}}
"""
NAMES = ("ana", "ben", "cleo", "dora", "eva", "finn")
ASKED, CHOSEN, MANAGERS = day(1, 9), day(6, 9), day(10, 9)
USED = {"ana": 3, "ben": 1, "cleo": 2, "dora": 0, "eva": 2}
TITLE = "two questions, two minutes"
SECRET = "We lose no question at the hand-over any more."


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("cases"), count(1)

    def make(steps: str = STEPS, **more: Any) -> TopicsSite:
        key = f"case{next(numbers):03}"
        reach = ReachSettings(weekend=True, quiet=None, per_day=None, per_week=None)
        site = begin(story_server, folder, key, steps, **{"reach": reach, **more})
        site.join(*NAMES[2:])
        fields = {"folder": folder / key / "mails", "from": "lcm@example.org"}
        site.settings = site.settings.model_copy(update={"mail": MailSettings.model_validate(fields)})
        return site

    return make


@pytest.fixture
def asked(new: Callable[..., TopicsSite]) -> TopicsSite:
    """Everybody was asked."""
    site = new()
    site.run(ASKED)
    return site


@pytest.fixture
def invited(asked: TopicsSite) -> TopicsSite:
    """Five have answered, ana and dora were chosen, and lea approved both invitations."""
    answer(asked)
    asked.run(CHOSEN)
    assert asked.approve() == 2
    asked.run(day(6, 10))
    return asked


def talks(site: TopicsSite, name: str, words: str = TITLE) -> list[dict[str, Any]]:
    """The messages with these words in the title that a learner can read, as the learner sees them."""
    shown = [site.call("GET", f"/t/{one.id}.json") for one in site.messages() if words in one.title]
    return [one for one in shown if any(_is(user, name) for user in one["details"]["allowed_users"])]


def _is(user: Mapping[str, Any], name: str) -> bool:
    return str(user["username"]).startswith(f"{name}_")


def tap(site: TopicsSite, name: str, poll: str, place: int, words: str = TITLE) -> None:
    [talk] = talks(site, name, words)
    post = talk["post_stream"]["posts"][0]
    [found] = [one for one in post["polls"] if one["name"] == poll]
    chosen = {"post_id": post["id"], "poll_name": poll, "options": [found["options"][place]["id"]]}
    site.call("PUT", "/polls/vote", f"{name}_{site.key}", json=chosen)


def write(site: TopicsSite, name: str, raw: str, now: datetime, words: str = TITLE) -> int:
    [talk] = talks(site, name, words)
    return site.say(f"{name}_{site.key}", raw, now, talk["id"])


def answer(site: TopicsSite, used: Mapping[str, int] = USED) -> None:
    """Let people tap, and ana write what came of it."""
    site.set_clock(day(2, 12))
    for name, place in used.items():
        tap(site, name, "use", place)
    write(site, "ana", SECRET, day(2, 13))


def cases(site: TopicsSite) -> dict[str, Case]:
    with site.store() as store, store.begin() as session:
        found = cases_of(session, site.settings.forum.name, site.key)
    return {one.username.partition("_")[0]: one for one in found}


def waiting(site: TopicsSite) -> list[DraftRow]:
    with site.store() as store, store.begin() as session:
        rows = session.scalars(select(DraftRow).where(DraftRow.state == "pending").order_by(DraftRow.key)).all()
        session.expunge_all()
        return list(rows)


def sent(site: TopicsSite) -> list[tuple[str, str, str]]:
    """To whom each mail went, its subject and its text."""
    assert site.settings.mail is not None
    assert site.settings.mail.folder is not None
    found = []
    for file in site.settings.mail.folder.glob("*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        found.append((str(mail["To"]), str(mail["Subject"]), str(body.get_content())))
    return sorted(found)


def report_to(site: TopicsSite, name: str, address: str) -> None:
    number = site.join()[name]
    with site.store() as store, store.begin() as session:
        set_fact(session, site.settings.forum.name, number, "manager_email", address, "roster", day(0), cohort=site.key)


def test_everybody_is_asked_once_and_a_tap_and_a_sentence_are_kept_with_their_day(asked: TopicsSite) -> None:
    assert sorted(one.title for one in asked.messages()) == [f"Cohort {asked.key}: {TITLE}"] * 6
    answer(asked)
    asked.run(day(3, 9))
    found = cases(asked)
    assert {name: one.used for name, one in found.items()} == {**USED, "finn": None}
    assert (found["ana"].words, found["ben"].words) == (SECRET, "")
    with asked.store() as store, store.begin() as session:
        row = next(one for one in session.scalars(select(CaseRow)) if one.username == asked.learner)
        assert (row.answered_at, row.words_post is not None, row.answer_post) == (day(3, 9), True, None)
    asked.run(day(3, 12))
    asked.run(day(4, 9))
    assert len(asked.messages()) == 6


def test_without_polls_a_number_or_a_phrase_and_a_sentence_in_a_reply_answer_both(
    new: Callable[..., TopicsSite],
) -> None:
    site = new()
    site.call("PUT", "/admin/site_settings/poll_enabled.json", json={"poll_enabled": "false"})
    try:
        site.run(ASKED)
    finally:
        site.call("PUT", "/admin/site_settings/poll_enabled.json", json={"poll_enabled": "true"})
    [talk] = talks(site, "ana")
    assert "- 4 = Almost every week" in site.call("GET", f"/posts/{talk['post_stream']['posts'][0]['id']}.json")["raw"]
    write(site, "ana", "4. We read the list aloud now.", day(2, 10))
    write(site, "ben", "Pas du tout : jamais eu l’occasion.", day(2, 11))
    write(site, "cleo", "I was on leave and cannot say yet.", day(2, 12))
    site.run(day(3, 9))
    found = cases(site)
    said = {name: (found[name].used, found[name].words) for name in ("ana", "ben", "cleo")}
    assert said == {
        "ana": (3, "We read the list aloud now."),
        "ben": (0, "jamais eu l’occasion."),
        "cleo": (None, "I was on leave and cannot say yet."),
    }


def test_where_fewer_than_five_answer_nobody_is_chosen_and_the_lcms_hear_why(asked: TopicsSite) -> None:
    answer(asked, {name: USED[name] for name in ("ana", "ben", "cleo", "dora")})
    asked.run(CHOSEN)
    note = asked.note("no cases to look into")
    assert "I asked six people" in note
    assert "four answered" in note
    assert "With fewer than five answers" in note
    assert waiting(asked) == []
    assert all(one.kind is None for one in cases(asked).values())


def test_the_highest_and_the_lowest_answer_are_chosen_and_invited_once_an_lcm_agrees(asked: TopicsSite) -> None:
    answer(asked)
    asked.run(CHOSEN)
    note = asked.note("who could tell us most")
    assert "Where it worked: [Ana]" in note
    assert f"> {SECRET}" in note.replace("\u2060", "")
    assert "Where it did not: [Dora]" in note
    assert "Ben" not in note
    asked.run(day(6, 12))
    assert talks(asked, "ana", "twenty minutes") == []  # nothing without a yes of the LCM
    assert asked.approve() == 2
    asked.run(day(6, 13))
    [ana], [dora] = talks(asked, "ana", "twenty minutes"), talks(asked, "dora", "twenty minutes")
    assert any(_is(user, "lea") for user in ana["details"]["allowed_users"])
    assert [poll["name"] for poll in ana["post_stream"]["posts"][0]["polls"]] == ["conversation", "named"]
    assert "what stood in the way" in dora["post_stream"]["posts"][0]["cooked"]
    found = cases(asked)
    assert {name: one.kind for name, one in found.items() if one.kind} == {"ana": CaseKind.BEST, "dora": CaseKind.WORST}
    asked.run(day(7, 9))
    assert len(talks(asked, "ana", "twenty minutes")) == 1


def test_after_a_yes_the_lcms_get_a_guide_and_their_reply_becomes_notes(
    invited: TopicsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap(invited, "ana", "conversation", 0, "twenty minutes")
    invited.run(day(7, 9))
    guide = invited.note("a guide for your conversation")
    assert "[Ana](" in guide
    assert "“Almost every week”" in guide
    assert "In the report this is “one person”" in guide
    [topic] = [one for one in invited.messages() if "a guide" in one.title]
    raw = (
        "Thank you, that went well.\n\nused: the list, read aloud at each hand-over\n"
        "Result: two calls instead of seven\n"
        "helped: manager, who kept Fridays free\nhelped: Colleagues\nhindered: the old form\nwhich nobody dares to drop"
    )
    post = invited.say(invited.lcm, raw, day(8, 12), topic.id)
    invited.run(day(9, 9))
    notes = cases(invited)["ana"].notes
    assert [(one.kind, one.factor, one.text) for one in notes] == [
        (NoteKind.USED, "", "the list, read aloud at each hand-over"),
        (NoteKind.RESULT, "", "two calls instead of seven"),
        (NoteKind.HELPED, "manager", "who kept Fridays free"),
        (NoteKind.HELPED, "peers", ""),
        (NoteKind.HINDERED, "", "the old form which nobody dares to drop"),
    ]

    def key_under_another_name(step: StepOfCohort, on: date, part: str) -> str:
        return key_of(replace(step, forum="moved.example.org"), on, part)

    monkeypatch.setattr("sync_worker.worker.case_studies.key_of", key_under_another_name)
    edited = {"post": {"raw": "helped: time, an hour each week, says the person"}}
    invited.call("PUT", f"/posts/{post}.json", invited.lcm, json=edited)
    invited.run(day(10, 9))
    assert [(one.factor, one.text) for one in cases(invited)["ana"].notes] == [
        ("time", "an hour each week, says the person")
    ]
    assert [one.title for one in invited.messages() if "a guide" in one.title] == [topic.title]


def test_a_no_and_silence_bring_no_guide_and_a_no_in_words_stands_against_a_tap(invited: TopicsSite) -> None:
    tap(invited, "ana", "conversation", 0, "twenty minutes")
    write(invited, "ana", "No, I would rather not.", day(6, 15), "twenty minutes")
    invited.run(day(7, 9))
    assert [one for one in invited.messages() if "a guide" in one.title] == []
    assert cases(invited)["ana"].allows == {Allowed.TALK: False}
    assert cases(invited)["dora"].allows == {}


def allow(site: TopicsSite) -> None:
    """Let ana allow a conversation, her name, and a question to her manager."""
    for poll in ("conversation", "named", "manager"):
        tap(site, "ana", poll, 0, "twenty minutes")


@pytest.fixture
def with_manager(new: Callable[..., TopicsSite]) -> TopicsSite:
    """The same as `invited`, where ana's and dora's managers are known."""
    site = new()
    report_to(site, "ana", "bea@example.org; jo@example.org")
    report_to(site, "dora", "bea@example.org")
    site.run(ASKED)
    answer(site)
    site.run(CHOSEN)
    site.approve()
    site.run(day(6, 10))
    return site


def test_managers_are_asked_one_question_where_the_person_allows_it_and_hear_nothing_else(
    with_manager: TopicsSite,
) -> None:
    site = with_manager
    allow(site)
    site.run(MANAGERS)
    assert sent(site) == []  # an LCM reads each mail first
    assert site.approve() == 2
    site.run(day(10, 10))
    mails_sent = sent(site)
    assert [(to, subject) for to, subject, _ in mails_sent] == [
        ("bea@example.org", "Ana: one question, one click"),
        ("jo@example.org", "Ana: one question, one click"),
    ]
    for _, _, text in mails_sent:
        assert SECRET not in text
        assert "Almost every week" not in text
        assert "Yes, I have seen it" in text
    forum = site.settings.forum.name
    with site.store() as store, store.begin() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.action == "mail").order_by(LedgerRow.key)).all()
        for row in rows:
            word = mails.YES if row.payload["recipients"] == ["bea@example.org"] else mails.NOT_YET
            mails.take(session, forum, mails.Sealed(row.key, word), "lcm", day(11))
        answers = mails.corroborations(session, forum, site.key)
        assert {key: sorted(said) for key, said in answers.items()} == {cases(site)["ana"].key: ["not yet", "yes"]}
        number = site.join()["ana"]
        assert "manager_answer" not in facts_of(session, forum, site.key).get(number, {})


def test_a_permission_that_is_taken_back_holds_the_mail_that_was_approved_already(with_manager: TopicsSite) -> None:
    site = with_manager
    allow(site)
    site.run(MANAGERS)
    assert site.approve() == 2
    write(site, "ana", "I have changed my mind about my manager, so leave it.", day(10, 9.5), "twenty minutes")
    site.run(day(10, 10))
    assert sent(site) == []
    with site.store() as store, store.begin() as session:
        states = {row.state for row in session.scalars(select(LedgerRow).where(LedgerRow.action == "mail"))}
    assert states == {"skipped"}
    assert Allowed.MANAGER not in cases(site)["ana"].allows


@pytest.mark.parametrize("words", ["Do not ask my manager.", "I have changed my mind about my manager, so leave it."])
def test_a_no_counts_though_the_forum_has_hidden_it_and_a_hidden_yes_does_not(
    with_manager: TopicsSite, words: str
) -> None:
    site = with_manager
    allow(site)
    site.run(MANAGERS)
    assert site.approve() == 2
    hide(site, write(site, "ana", words, day(10, 9.2), "twenty minutes"))
    hide(site, write(site, "ana", "You may ask my manager.", day(10, 9.4), "twenty minutes"))
    site.run(day(10, 10))
    assert sent(site) == []
    assert Allowed.MANAGER not in {what for what, yes in cases(site)["ana"].allows.items() if yes}


def hide(site: TopicsSite, post: int) -> None:
    """Let the forum hide a post, as its filters do."""
    with site.server.forum.database.session() as session:
        session.get_one(Post, post).hidden = True


def test_a_doubt_that_the_person_writes_later_takes_back_what_an_lcm_entered(invited: TopicsSite) -> None:
    tap(invited, "ana", "conversation", 0, "twenty minutes")
    invited.run(day(7, 9))
    with invited.store() as store, store.begin() as session:
        [row] = [
            one for one in rows_of(session, invited.settings.forum.name, invited.key) if one.username == invited.learner
        ]
        enter_by_lcm(row, {Allowed.NAMED: True}, "lea", day(7, 12))
    invited.run(day(8, 9))
    assert cases(invited)["ana"].allows == {Allowed.TALK: True, Allowed.NAMED: True}
    write(invited, "ana", "About my name: I would like to stay anonymous after all.", day(8, 12), "twenty minutes")
    invited.run(day(9, 9))
    assert Allowed.NAMED not in cases(invited)["ana"].allows


def test_who_wants_no_messages_is_not_asked_and_who_is_left_out_of_nothing_counts(
    new: Callable[..., TopicsSite],
) -> None:
    site = new()
    number = site.join()["finn"]
    with site.store() as store, store.begin() as session:
        enter_word(session, site.settings.forum.name, number, f"finn_{site.key}", Choice.NO_NUDGES, day(0))
    site.run(ASKED)
    assert len(site.messages()) == 5
    assert talks(site, "finn") == []
    site.run(day(2, 9))
    assert "finn" not in cases(site)


def test_quiet_hours_and_caps_hold_and_an_old_question_is_not_sent_after_a_long_silence(
    new: Callable[..., TopicsSite],
) -> None:
    late = STEPS.replace("09:00", "21:00")
    site = new(late, reach=ReachSettings())
    site.run(day(1, 21))
    assert site.messages() == []
    site.run(day(2, 9))
    assert len(site.messages()) == 6
    slow = new()
    slow.run(day(25, 9))
    assert slow.messages() == []


def test_answers_and_notes_of_a_person_who_is_forgotten_are_gone_and_do_not_come_back(invited: TopicsSite) -> None:
    forum = invited.settings.forum.name
    tap(invited, "ana", "conversation", 0, "twenty minutes")
    invited.run(day(7, 9))
    [topic] = [one for one in invited.messages() if "a guide" in one.title]
    invited.say(invited.lcm, "helped: time\nconfirm: a colleague of hers", day(7, 12), topic.id)
    invited.run(day(8, 9))
    assert len(cases(invited)["ana"].notes) == 2
    number = invited.join()["ana"]
    with invited.store() as store, store.begin() as session:
        subject = known_as(
            session, forum, Subject(accounts=frozenset({number}), usernames=frozenset({invited.learner}))
        )
        remember_forgotten(session, forum, subject, day(8, 10))
        take_out(session, forum, subject)
        assert held_about(session, forum, subject) == {}
    for moment in (day(8, 12), day(9, 9), MANAGERS):
        invited.run(moment)
    assert "ana" not in cases(invited)
    with invited.store() as store, store.begin() as session:
        assert session.scalars(select(CaseNoteRow)).all() == []
        assert held_about(session, forum, subject) == {}


def test_the_commands_show_enter_and_report_and_refuse_what_the_person_has_refused(
    invited: TopicsSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap(invited, "ana", "conversation", 0, "twenty minutes")
    tap(invited, "dora", "named", 1, "twenty minutes")
    invited.run(day(7, 9))
    config = tmp_path / "lcm.yaml"
    config.write_text(invited.settings.model_dump_json(exclude_defaults=True, by_alias=True), encoding="utf-8")
    monkeypatch.setenv("DISCOURSE_API_KEY", DEFAULT_KEY)

    def lcm(*words: str) -> tuple[int, str]:
        shown = CliRunner().invoke(main, ["case-study", *words, "--config", str(config)])
        return shown.exit_code, shown.output

    ana, dora = invited.learner, f"dora_{invited.key}"
    code, shown = lcm("status", invited.key)
    assert code == 0, shown
    assert "5 of 6 answered how much they used it." in shown
    assert re.search(rf"@{ana} +Almost every week +best +yes +- +- +- +- +We lose no question", shown)
    assert lcm("guide", invited.key, ana)[1].startswith(f"Cohort {invited.key}: a guide for your conversation")
    code, shown = lcm("guide", invited.key, dora)
    assert (code, "has not said yes" in shown) == (2, True)
    assert lcm("guide", invited.key, f"ben_{invited.key}")[0] == 2
    assert lcm("note", invited.key, ana, "helped: time, an hour on Fridays", "result: it holds", "--named")[0] == 0
    code, shown = lcm("note", invited.key, dora, "--named", "--talk")
    assert (code, "“Without my name”" in shown) == (2, True)
    assert lcm("note", invited.key, dora, "hindered: time", "--talk", "--by", "lea")[0] == 0
    assert lcm("note", invited.key, dora, "it was long")[0] == 2
    assert lcm("note", invited.key, dora)[0] == 2
    code, shown = lcm("report", invited.key, "--out", str(tmp_path / "out"))
    assert code == 0, shown
    page = (tmp_path / "out" / f"{invited.key}-case-study.html").read_text("utf-8")
    assert "<h4>Ana</h4>" in page
    assert SECRET in page
    assert "Dora" not in page
    assert "One person" in page
    code, shown = lcm("report", invited.key, "--out", str(config / "out"))
    assert code == 2
    assert "lcm.yaml/out: the report cannot be written: Not a directory." in shown
    write(invited, "ana", "Without my name", day(8, 9), "twenty minutes")
    lcm("report", invited.key, "--out", str(tmp_path / "out"))  # read again, though no run has read it
    page = (tmp_path / "out" / f"{invited.key}-case-study.html").read_text("utf-8")
    assert "Ana" not in page
    assert SECRET not in page


def test_a_report_hears_who_has_just_written_not_to_be_quoted(
    invited: TopicsSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for poll in ("conversation", "named"):
        tap(invited, "ana", poll, 0, "twenty minutes")
    invited.run(day(7, 9))
    with invited.store() as store, invited.forum() as forum:
        hear(forum, store, invited.settings, day(7, 10))
    config, out = tmp_path / "lcm.yaml", tmp_path / "out"
    config.write_text(invited.settings.model_dump_json(exclude_defaults=True, by_alias=True), encoding="utf-8")
    monkeypatch.setenv("DISCOURSE_API_KEY", DEFAULT_KEY)

    def told() -> str:
        more = [invited.key, "--out", str(out), "--config", str(config)]
        assert CliRunner().invoke(main, ["case-study", "report", *more]).exit_code == 0
        return (out / f"{invited.key}-case-study.html").read_text("utf-8")

    note = ["note", invited.key, invited.learner, "result: the ward holds", "--config", str(config)]
    assert CliRunner().invoke(main, ["case-study", *note]).exit_code == 0
    assert SECRET in told()
    write(invited, "ana", "Please do not quote me, thank you", day(8, 9), "twenty minutes")
    page = told()  # though no run has read it
    assert SECRET not in page
    assert "Ana" not in page


def test_a_report_follows_a_new_name_an_anonymised_account_and_a_person_who_is_forgotten(
    invited: TopicsSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for poll in ("conversation", "named"):
        tap(invited, "ana", poll, 0, "twenty minutes")
    invited.run(day(7, 9))
    config, out = tmp_path / "lcm.yaml", tmp_path / "out"
    config.write_text(invited.settings.model_dump_json(exclude_defaults=True, by_alias=True), encoding="utf-8")
    monkeypatch.setenv("DISCOURSE_API_KEY", DEFAULT_KEY)
    page = out / f"{invited.key}-case-study.html"

    def lcm(*words: str) -> str:
        shown = CliRunner().invoke(main, [*words, "--config", str(config)])
        assert shown.exit_code == 0, shown.output
        return shown.output

    def told() -> str:
        lcm("case-study", "report", invited.key, "--out", str(out))
        return page.read_text("utf-8")

    ana = invited.learner
    lcm("case-study", "note", invited.key, ana, "result: the ward holds")
    invited.call("PUT", f"/u/{ana}.json", ana, json={"name": "Anaïs"})
    first = told()
    assert "<h4>Anaïs</h4>" in first
    assert SECRET in first
    again = f"lcm case-study report {invited.key} --out {out}"
    stale = f"The case-study report {page} was made with what the person said. Write it anew: `{again}`."
    assert stale in lcm("forget", ana)
    number = invited.join()["ana"]
    invited.call("PUT", f"/admin/users/{number}/anonymize.json")
    second = told()
    assert "Ana" not in second
    assert SECRET not in second
    assert "the ward holds" in second
    assert stale in lcm("forget", ana, "--apply")
    assert "the ward holds" not in told()


def test_it_speaks_french_to_a_french_cohort(new: Callable[..., TopicsSite]) -> None:
    site = new(locale="fr")
    site.run(ASKED)
    words = "deux questions, deux minutes"
    for name, place in USED.items():
        tap(site, name, "use", place, words)
    write(site, "ana", "Nous lisons la liste à voix haute.", day(2, 12), words)
    site.run(CHOSEN)
    assert "Là où cela a marché" in site.note("nous en dire le plus")
    site.approve()
    site.run(day(6, 10))
    write(site, "ana", "Oui, parlons-en. Avec mon nom", day(6, 15), "vingt minutes sur")
    site.run(day(7, 9))
    assert "veut bien en parler" in site.note("un guide pour votre entretien")
    [topic] = [one for one in site.messages() if "un guide" in one.title]
    site.say(site.lcm, "aide : hiérarchie, le vendredi libre\nfrein : temps", day(8, 9), topic.id)
    site.run(day(9, 9))
    found = cases(site)["ana"]
    assert found.allows == {Allowed.TALK: True, Allowed.NAMED: True}
    assert [(one.kind, one.factor) for one in found.notes] == [
        (NoteKind.HELPED, "manager"),
        (NoteKind.HINDERED, "time"),
    ]


def test_a_cohort_that_is_moved_back_after_the_question_loses_no_answer(asked: TopicsSite) -> None:
    with asked.store() as store, store.begin() as session:
        pauses.shift(session, asked.settings.forum.name, asked.key, 14)
    asked.run(CHOSEN)
    assert waiting(asked) == []
    asked.set_clock(day(18, 12))
    for name, place in USED.items():
        tap(asked, name, "use", place)
    asked.run(day(20, 9))  # two weeks after the day that it would have been
    assert sorted(row.body["recipients"][0].partition("_")[0] for row in waiting(asked)) == ["ana", "dora"]
    assert len([one for one in asked.messages() if TITLE in one.title]) == 6


def test_a_study_is_kept_as_long_as_the_texts_of_its_cohort(invited: TopicsSite) -> None:
    tap(invited, "ana", "conversation", 0, "twenty minutes")
    invited.run(day(7, 9))
    ana, dora = cases(invited)["ana"], cases(invited)["dora"]
    with invited.store() as store:
        sweep(store, invited.settings, day(500))
        assert {"ana", "dora"} <= cases(invited).keys()
        sweep(store, invited.settings, day(1300))
    assert cases(invited) == {}
    assert (ana.kind, dora.kind) == (CaseKind.BEST, CaseKind.WORST)
