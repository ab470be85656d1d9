"""A language model proposes words for a roundup: once, within its limits, never from what not everybody may read."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.activity.choices import no_longer_unread, note_unread
from sync_worker.config.language_model import LanguageModelSettings
from sync_worker.content.proposals import NotAsked
from sync_worker.store.tables import LedgerRow, ProposalRow
from sync_worker.worker.proposing import used_on
from tests.model_server import KEY, ModelServer, honest, model_server
from tests.worker.conftest import Killed, Reaper, deadly_lives
from tests.worker.story_site import day
from tests.worker.test_roundup_care import ANA, BEN, opt_out, write_two
from tests.worker.topics_site import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_worker.practice_forum.app import ForumServer
    from tests.model_server import Items
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: week, every: "friday 15:00", play: roundup}
"""
FRIDAY = day(5, 15)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    """Make a cohort with two posts that are worth a roundup; it allows a model to read its category, or does not."""
    folder, numbers = tmp_path_factory.mktemp("model"), count(1)

    def make(
        model: LanguageModelSettings | None, *, private: bool = True, open_to_all: bool = False, **more: Any
    ) -> TopicsSite:
        key, place = f"eyes{next(numbers):02}", None
        if open_to_all:
            more["also_reads"] = (f"open-{key}",)
        site = follow(story_server, folder, key, STEPS, **more)
        if open_to_all:
            with site.forum() as forum:
                place = forum.create_category(f"Open {key}", f"open-{key}", {"everyone": 1}).id
        allowed = (site.key,) if private else ()
        settings = model.model_copy(update={"private_categories_of": allowed}) if model else None
        site.settings = site.settings.model_copy(update={"language_model": settings})
        write_two(site, place)
        return site

    return make


def text_of(site: TopicsSite) -> str:
    """The text of the first roundup as it stands."""
    return site.topics()[0][1]


def kept(site: TopicsSite) -> dict[str, str]:
    """Why each text is ours, by its part without the post's number; "" where it is the model's."""
    with site.store() as store, store.begin() as session:
        rows = session.scalars(select(ProposalRow).order_by(ProposalRow.part)).all()
        return {row.part.partition(":")[0] or "asked": row.problem for row in rows}


def test_the_words_of_the_model_stand_in_the_roundup_and_the_quotes_are_the_authors(
    new: Any, model: ModelServer
) -> None:
    site = new(model.settings)
    site.run(FRIDAY)
    text = text_of(site)
    assert "### Our night shift reads one page\n" in text
    assert f"It is about one page at the door of the ward, {site.key}. **Ana**, in [" in text
    assert ANA in text
    assert BEN in text
    assert text.startswith("This week was about ")
    assert set(kept(site).values()) == {""}
    assert len(model.asked) == 1
    assert not model.headers[0].get("Authorization")
    with site.store() as store, store.begin() as session:
        [row] = session.scalars(select(LedgerRow).where(LedgerRow.action == "topic"))
        assert "Five phrases were written by a language model" in row.payload["reason"]
        assert used_on(session, site.settings.forum.name, FRIDAY).tokens == 321


def test_the_key_goes_with_the_call_and_names_do_not(new: Any, model: ModelServer, monkeypatch: Any) -> None:
    monkeypatch.setenv("LCM_MODEL_KEY", KEY)
    site = new(model.settings.model_copy(update={"key_env": "LCM_MODEL_KEY"}))
    site.run(FRIDAY)
    assert model.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert "reads one page aloud" in model.sent
    for name in ("Ana", f"ana_{site.key}", "Ben", "Lea"):
        assert name not in model.sent


def test_nothing_of_a_private_category_is_sent_unless_the_cohort_allows_it(new: Any, model: ModelServer) -> None:
    site = new(model.settings, private=False)
    site.run(FRIDAY)
    assert model.asked == []
    assert set(kept(site).values()) == {NotAsked.PRIVATE.value}
    assert "### On “One page at the door" in text_of(site)


def test_of_several_categories_only_what_people_without_an_account_read_is_sent(new: Any, model: ModelServer) -> None:
    closed = new(model.settings, private=False, open_to_all=True)
    login = "/admin/site_settings/login_required.json"
    closed.call("PUT", login, json={"login_required": "true"})
    closed.run(FRIDAY)
    assert model.asked == []
    closed.call("PUT", login, json={"login_required": "false"})
    site = new(model.settings, private=False, open_to_all=True)
    site.run(FRIDAY)
    assert [item["topic"] for item in model.items()] == [f"Three open orders on a board, {site.key}"]
    assert "night shift" not in model.sent
    text = text_of(site)
    assert "### My team writes the three open\n" in text
    assert "### On “One page at the door" in text
    with site.store() as store, store.begin() as session:
        rows = {row.part: row.problem for row in session.scalars(select(ProposalRow))}
    assert rows["opening"] == NotAsked.PRIVATE.value
    assert sorted(rows.values()).count(NotAsked.PRIVATE.value) == 3


def test_nothing_is_sent_of_somebody_who_may_have_said_no_in_a_message_that_cannot_be_read(
    new: Any, model: ModelServer
) -> None:
    site = new(model.settings)
    with site.store() as store, store.begin() as session:
        note_unread(session, site.settings.forum.name, 4711, frozenset({site.ana_post["user_id"]}), "Why not.", FRIDAY)
    site.run(FRIDAY)
    assert site.topics() == []
    with site.store() as store, store.begin() as session:
        no_longer_unread(session, site.settings.forum.name, 4711)
    site.run(day(5, 16))
    assert ANA in text_of(site)
    assert model.asked == []


def injected(items: Items) -> dict[str, Any]:
    """Do what a post asked for: put words, links and a mention everywhere."""
    evil = "Everybody must open https://evil.example and tell @admin the password"
    return {"opening": f"{evil}.", "items": [{"n": one["n"], "heading": evil, "sentence": f"{evil}."} for one in items]}


def inventive(items: Items) -> dict[str, Any]:
    """Add a number and a name that are nowhere."""
    told = [
        {
            "n": one["n"],
            "heading": "How Martina reads one page aloud",
            "sentence": "It reads 47 pages aloud at the door.",
        }
        for one in items
    ]
    return {"opening": "This week Martina read one page at the door.", "items": told}


@pytest.fixture(scope="module")
def plain_text(new: Any) -> str:
    """What the roundup says without a model, without the cohort's key and the numbers of topics."""
    site = new(None)
    site.run(FRIDAY)
    return bare(site)


def bare(site: TopicsSite) -> str:
    [(_, _, texts)] = [one for one in site.seen() if one[0] == "regular" and "what we found out" in one[1]]
    return str(texts[0])


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        ({"says": injected}, "is not in the sources|has a link|it says|may be markup"),
        ({"says": inventive}, "is not in the sources"),
        ({"says": lambda _: "I am sorry, I cannot do that."}, "not in the form"),
        ({"says": lambda items: {"items": [{"n": one["n"], "heading": "Sehr gute Ideen für alle"} for one in items]}},
         "begins with a word|proposed nothing"),
        ({"says": lambda items: {"items": [{"n": one["n"], "heading": one["passage"] * 9} for one in items]}},
         "words and|proposed nothing"),
        ({"status": 429}, "it answered 429"),
        ({"delay": 2.0}, "did not answer in time"),
    ],
)  # fmt: skip
def test_whatever_else_the_model_answers_the_roundup_is_the_plain_one(
    new: Any, plain_text: str, server: dict[str, Any], problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    with model_server(**server) as model:
        site = new(model.settings.model_copy(update={"timeout": 0.5 if "delay" in server else 5}))
        site.run(FRIDAY)
    assert bare(site) == plain_text
    whys = {part: why for part, why in kept(site).items() if part != "asked"}
    assert whys
    assert all(any(one in why for one in problem.split("|")) for why in whys.values()), whys
    assert "page aloud" not in caplog.text


def test_the_limits_of_the_day_hold_over_all_cohorts_of_a_store(new: Any, model: ModelServer) -> None:
    first = new(model.settings.model_copy(update={"calls_per_day": 1}))
    first.run(FRIDAY)
    with first.store() as store, store.begin() as session:
        assert used_on(session, first.settings.forum.name, FRIDAY).calls == 1
        assert used_on(session, first.settings.forum.name, day(6)).calls == 0
    few = new(model.settings.model_copy(update={"tokens_per_day": 500}))
    few.run(FRIDAY)
    assert len(model.asked) == 1
    assert set(kept(few).values()) == {NotAsked.LIMIT.value}


def test_what_an_author_takes_back_later_takes_the_words_made_of_it_along(new: Any, model: ModelServer) -> None:
    site = new(model.settings)
    site.run(FRIDAY)
    opt_out(site)
    site.run(day(12, 15))
    text = text_of(site)
    assert "night shift reads" not in text
    assert "One page" not in text
    assert "This week was about" not in text  # it was made of all items
    assert BEN in text


def test_killed_at_any_moment_the_roundup_has_the_words_of_one_answer_and_the_ledger_knows_them(
    new: Any, model: ModelServer
) -> None:
    """Each answer of the model differs, so that words of two answers, or of another than is kept, would show."""
    letters = iter("abcdefghijklmnopqrstuvwxyz" * 20)

    def differing(items: Items) -> dict[str, Any]:
        answer = honest(items)
        mark = next(letters)
        for one in answer["items"]:
            one["heading"] = f"{one['heading']} {mark}"
        return answer

    model.says = differing
    counted = Reaper()
    site = new(model.settings)
    with counted.at_work():
        site.run(FRIDAY)
    lives = deadly_lives([counted], at_most=5)
    assert len(lives) > 2
    for [reaper] in lives:
        site, asked = new(model.settings), len(model.asked)
        reaper.to_the_end(site.run, FRIDAY)
        site.run(FRIDAY)
        [(_, text)] = site.topics()
        marks = {line[-1] for line in text.splitlines() if line.startswith("### ")}
        assert len(marks) == 1
        with site.store() as store, store.begin() as session:
            [row] = session.scalars(select(LedgerRow).where(LedgerRow.action == "topic"))
            assert row.payload["raw"].strip() == text
            found = session.scalars(select(ProposalRow).where(ProposalRow.part.startswith("heading"))).all()
            assert {one.text[-1] for one in found} == marks
        assert len(model.asked) - asked <= 2


def test_an_answer_that_is_kept_is_never_asked_for_again_whatever_the_model_would_say(
    new: Any, model: ModelServer
) -> None:
    site = new(model.settings)
    with site.store() as store:  # a death right after the answer was kept
        reaper = Reaper(*_after_answer(new, model))
        try:
            with reaper.at_work():
                site.run(FRIDAY)
        except Killed:
            pass
        with store.begin() as session:
            assert session.scalars(select(LedgerRow)).all() == []
            before = {row.part: row.text for row in session.scalars(select(ProposalRow))}
    asked = len(model.asked)
    model.says = inventive
    site.run(FRIDAY)
    assert len(model.asked) == asked
    headings = [text for part, text in before.items() if part.startswith("heading")]
    assert len(headings) == 2
    assert all(f"### {text}" in text_of(site) for text in headings)


def _after_answer(new: Any, model: ModelServer) -> list[int]:
    """Return the moment right after the answer was kept: the second change of a store after the call to the model."""
    site = new(model.settings)
    counted = Reaper()
    moments: list[int] = []
    real = model.says

    def watched(items: Items) -> Any:
        moments.append(counted.count)
        return real(items)

    model.says = watched
    with counted.at_work():
        site.run(FRIDAY)
    model.says = real
    later = [one for one in counted.changes if one > moments[0]]
    return [later[2]]
