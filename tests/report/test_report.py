"""The report: figures that are right, pages that are safe, small groups that stay unseen."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Cohort, Post, Topic
from sync_worker.report import CohortReport, cohort_report, write_report
from sync_worker.report.figures import FEWEST_PEOPLE, groups, shown
from sync_worker.report.published import Published
from sync_worker.report.write import rendered, safe_cell

NOW = datetime(2027, 1, 27, 12, tzinfo=UTC)
OWN = frozenset({"system", "helena"})


def cohort(locale: str = "en") -> Cohort:
    return Cohort(
        key="lead",
        name="Leading <teams>",
        start=date(2027, 1, 11),
        end=date(2027, 2, 21),
        timezone="Europe/Lisbon",
        locale=locale,
        group="lead",
        lcm_group="lead-lcm",
        category="Leading teams",
        category_slug="lead",
    )


def topic(number: int, title: str, *posts: tuple[str, datetime, str]) -> Topic:
    made = tuple(
        Post(
            id=number * 100 + index,
            topic_id=number,
            number=index,
            user_id=sum(map(ord, username)),
            username=username,
            name=username.title(),
            created_at=at,
            raw=None,
            cooked=f"<p>{text}</p>",
            likes=0,
        )
        for index, (username, at, text) in enumerate(posts, start=1)
    )
    return Topic(number, 5, title, "slug", posts[0][1], made)


def day(number: int, hour: int = 10) -> datetime:
    return datetime(2027, 1, number, hour, tzinfo=UTC)


PROMPT = topic(
    1,
    "One sentence you said",
    ("system", day(11), "What did you say first?"),
    ("ana", day(12), "I said no."),
    ("rui", day(12), "I asked why."),
    ("ana", day(19), "And again on Monday."),
    ("eva", day(20), "I waited."),
    ("noa", day(20), "I counted to three."),
    ("kim", day(21), "I said nothing at all."),
    ("helena", day(20), "Thank you."),
)
QUESTION = topic(2, "How do you hand over a shift?", ("rui", day(18), "How do you hand over a shift in ten minutes?"))
PUBLISHED = [Published("prompt", "One sentence you said", 1, day(11), "What did you say first?")]


def report(locale: str = "en"):
    return cohort_report(cohort(locale), [PROMPT, QUESTION], PUBLISHED, OWN, NOW)


def test_a_week_counts_what_learners_wrote_in_it_and_nobody_else() -> None:
    assert [(week.number, week.posts) for week in report().weeks] == [(1, 2), (2, 5), (3, 0)]


def test_weeks_that_have_not_begun_are_not_shown() -> None:
    assert report().weeks[-1].first == date(2027, 1, 25)


def test_a_prompt_shows_how_many_answers_it_had_without_the_lcms() -> None:
    (prompt,) = report().prompts
    assert (prompt.answers, prompt.people) == (6, 5)


def test_what_was_asked_last_evening_is_open_since_yesterday(tmp_path: Path) -> None:
    asked = topic(2, "How do you hand over a shift?", ("rui", day(26, 23), "How do you hand over a shift?"))
    before = topic(3, "How do you begin a shift?", ("rui", day(25, 23), "How do you begin a shift, and with whom?"))
    for locale, said in (
        ("en", ["open for 2 days", "open since yesterday"]),
        ("fr", ["posée il y a 2 jours", "posée hier"]),
    ):
        write_report([cohort_report(cohort(locale), [before, asked], [], OWN, NOW)], "https://f.example", tmp_path, NOW)
        page = BeautifulSoup((tmp_path / "lead.html").read_text(encoding="utf-8"), "html.parser")
        assert [one.text for one in page.select("li .soft")] == said


def test_a_number_of_people_so_small_that_it_points_at_somebody_is_not_shown() -> None:
    first, second, third = report().weeks
    assert (first.people, second.people, third.people) == (None, 5, 0)


@given(st.sets(st.integers()))
def test_no_number_between_none_and_the_limit_is_ever_shown(people: set[int]) -> None:
    number = shown(people)
    assert number is None or number == 0 or number >= FEWEST_PEOPLE


def test_an_open_question_is_listed_with_its_age() -> None:
    (item,) = report().open_items
    assert (item.title, item.age_days) == ("How do you hand over a shift?", 9)


def test_the_page_escapes_what_people_wrote(tmp_path: Path) -> None:
    hostile = topic(3, "<script>alert(1)</script>?", ("rui", day(18), "Who can help?"))
    figures = cohort_report(cohort(), [hostile], PUBLISHED, OWN, NOW)
    write_report([figures], "https://forum.example.org", tmp_path, NOW)
    page = BeautifulSoup((tmp_path / "lead.html").read_text(encoding="utf-8"), "html.parser")
    assert page.find("script") is None
    assert "<script>alert(1)</script>?" in page.get_text()
    assert "Leading <teams>" in page.get_text()


def test_a_published_text_is_shown_as_it_reads_and_cannot_run_anything() -> None:
    html = rendered(
        'Said well.\n\n[quote="ana, post:2, topic:1"]\nI said no.\n[/quote]\n\n<img src=x onerror=alert(1)>'
    )
    assert "<blockquote>" in html
    assert "ana" in html
    assert "onerror" not in html
    assert "[quote" not in html


def test_a_picture_in_a_published_text_is_told_in_words_and_never_loaded() -> None:
    raw = 'Posts:\n\n![29 posts|690x200](upload://a1.png)\n\n<img alt="a dot" src="https://track.example/p.png"> Bye.'
    page = BeautifulSoup(str(rendered(raw)), "html.parser")
    assert page.find("img") is None
    assert "29 posts" in page.get_text()
    assert "690" not in page.get_text()
    assert "Bye." in page.get_text()


def test_the_report_speaks_the_cohorts_language(tmp_path: Path) -> None:
    write_report([report("fr")], "https://forum.example.org", tmp_path, NOW)
    page = BeautifulSoup((tmp_path / "lead.html").read_text(encoding="utf-8"), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert "posée il y a 9 jours" in page.get_text()
    assert "mercredi 27\u00a0janvier" in page.get_text()


def test_the_index_speaks_the_language_that_all_cohorts_share(tmp_path: Path) -> None:
    index = write_report([report("fr")], "https://forum.example.org", tmp_path, NOW)
    page = BeautifulSoup(index.read_text(encoding="utf-8"), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert page.select_one("td.dates").text == "du 11\u00a0janvier au 21\u00a0février"
    mixed = write_report([report("fr"), report("en")], "https://forum.example.org", tmp_path, NOW)
    assert "Cohort" in mixed.read_text(encoding="utf-8")


def test_the_number_of_members_stands_beside_the_number_who_wrote(tmp_path: Path) -> None:
    counted = cohort_report(cohort("fr"), [PROMPT, QUESTION], PUBLISHED, OWN, NOW, members=35)
    index = write_report([counted], "https://forum.example.org", tmp_path, NOW)
    page = BeautifulSoup((tmp_path / "lead.html").read_text(encoding="utf-8"), "html.parser")
    assert "5 personnes ont écrit, sur 35 membres" in page.get_text()
    assert "5 sur 35 membres" in index.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("members", "shown_members"),
    [
        (5, 5),  # who wrote in the second week and answered the prompt: all five
        (9, None),  # 9 - 5 would be the four who did not
        (10, 10),
        (4, None),
    ],
)
def test_a_number_of_members_from_which_a_few_follow_is_not_shown(
    tmp_path: Path, members: int, shown_members: int | None
) -> None:
    counted = cohort_report(cohort(), [PROMPT, QUESTION], PUBLISHED, OWN, NOW, members=members)
    assert counted.people == 5
    write_report([counted], "https://forum.example.org", tmp_path, NOW)
    said = f"of {members} members"
    for name in ("lead.html", "index.html"):
        assert (said in (tmp_path / name).read_text(encoding="utf-8")) is (shown_members is not None)


def test_the_members_of_a_cohort_of_which_a_few_were_silent_in_one_week_are_not_counted() -> None:
    written = [(f"user-{number}", day(12 if number < 6 else 20), "A word.") for number in range(11)]
    posts = topic(1, "Hello", *written)
    assert cohort_report(cohort(), [posts], [], OWN, NOW, members=16).members == 16
    assert cohort_report(cohort(), [posts], [], OWN, NOW, members=10).members is None  # six wrote in the first week


def test_the_csv_holds_a_row_a_week_and_hides_small_numbers(tmp_path: Path) -> None:
    write_report([report()], "https://forum.example.org", tmp_path, NOW)
    with (tmp_path / "lead.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["posts"] for row in rows] == ["2", "5", "0"]
    assert [row["people"] for row in rows] == ["", "5", "0"]


def test_the_index_links_every_cohort(tmp_path: Path) -> None:
    index = write_report([report()], "https://forum.example.org", tmp_path, NOW + timedelta(days=1))
    page = BeautifulSoup(index.read_text(encoding="utf-8"), "html.parser")
    links = [link["href"] for link in page.find_all("a")]
    assert links == ["lead.html"]
    assert all((tmp_path / str(link)).exists() for link in links)


def test_its_files_are_for_their_owner_alone_also_those_that_were_there(tmp_path: Path) -> None:
    (tmp_path / "lead.html").write_text("an older report", encoding="utf-8")
    (tmp_path / "lead.html").chmod(0o644)
    write_report([report()], "https://forum.example.org", tmp_path, NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("index.html", "lead.html", "lead.csv", "lead-prompts.csv"), 0o600)


def test_folders_made_for_a_report_are_the_owners_alone(tmp_path: Path) -> None:
    write_report([report()], "https://forum.example.org", tmp_path / "reports" / "spring", NOW)
    for made in ("reports", "reports/spring"):
        assert (tmp_path / made).stat().st_mode & 0o777 == 0o700


def test_the_prompt_that_most_people_answered_comes_first(tmp_path: Path) -> None:
    answers = (("ana", day(12), "Once."), ("ana", day(13), "And twice."))
    quiet = topic(4, "Nobody answers this", ("system", day(11), "What?"), *answers)
    published = [Published("prompt", "=Nobody answers this", 4, day(11), "What?"), *PUBLISHED]
    made = cohort_report(cohort(), [PROMPT, quiet], published, OWN, NOW)
    assert [one.published.topic_id for one in made.best_prompts] == [1, 4]
    write_report([made], "https://forum.example.org", tmp_path, NOW)
    with (tmp_path / "lead-prompts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["prompt"], row["answers"], row["people"]) for row in rows] == [
        ("'=Nobody answers this", "2", ""),
        ("One sentence you said", "6", "5"),
    ]


def test_cohorts_of_a_programme_stand_together_and_people_in_both_count_once(tmp_path: Path) -> None:
    def of(key: str, programme: str | None, number: int) -> CohortReport:
        one = replace(cohort(), key=key, programme=programme)
        topics = [of_its_own(PROMPT, number), of_its_own(QUESTION, number)]
        return cohort_report(one, topics, PUBLISHED, OWN, NOW)

    reports = [of("one", "leading", 0), of("two", "leading", 10), of("three", None, 20), of("four", "alone", 30)]
    programme, everybody = groups(reports)
    assert (programme.name, [one.cohort.key for one in programme.cohorts]) == ("leading", ["one", "two"])
    assert (programme.posts, programme.people, programme.open_items) == (14, 5, 2)
    assert (everybody.name, len(everybody.cohorts), everybody.people) == ("", 4, 5)
    index = write_report(reports, "https://forum.example.org", tmp_path, NOW)
    page = BeautifulSoup(index.read_text(encoding="utf-8"), "html.parser")
    assert [heading.text for heading in page.find_all("h2")] == ["leading", "All cohorts"]
    assert [row.find_all("td")[2].text for row in page.select("tr.sum")] == ["5", "5"]


def of_its_own(made: Topic, number: int) -> Topic:
    """Return a topic with the same posts under numbers of their own."""
    posts = tuple(replace(post, id=post.id + 100 * number, topic_id=made.id + number) for post in made.posts)
    return replace(made, id=made.id + number, posts=posts)


def test_what_stands_in_a_category_that_several_cohorts_read_counts_once_in_their_sum() -> None:
    def of(key: str, number: int) -> CohortReport:
        return cohort_report(replace(cohort(), key=key), [of_its_own(PROMPT, number), QUESTION], [], OWN, NOW)

    one, two = reports = [of("one", 0), of("two", 10)]
    (together,) = groups(reports)
    assert (one.posts, two.posts, together.posts) == (7, 7, 13)
    assert (len(one.open_items), len(two.open_items), together.open_items) == (1, 1, 1)


def test_what_a_bot_writes_is_nobody_s_post_and_no_answer() -> None:
    last = PROMPT.posts[-1]
    said = replace(last, id=199, number=9, user_id=-1205, username="ask_me_bot", name="Ask me")
    made = cohort_report(cohort(), [replace(PROMPT, posts=(*PROMPT.posts, said)), QUESTION], PUBLISHED, OWN, NOW)
    assert (made.posts, made.people, made.weeks) == (report().posts, report().people, report().weeks)
    assert [one.answers for one in made.prompts] == [6]


def test_a_chart_says_in_words_what_it_shows_and_a_hidden_number_has_no_bar(tmp_path: Path) -> None:
    write_report([report()], "https://forum.example.org", tmp_path, NOW)
    page = BeautifulSoup((tmp_path / "lead.html").read_text(encoding="utf-8"), "html.parser")
    posts, people = page.select("svg.chart")
    assert posts["aria-label"] == "Posts a week: 1: 2, 2: 5, 3: 0"
    assert people["aria-label"] == "People who wrote, by week: 1: <5, 2: 5, 3: 0"
    assert [rect["height"] for rect in people.find_all("rect")] == ["0", "80", "0"]


@given(st.text())
def test_no_cell_of_ours_is_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert isinstance(cell, str)
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell.removeprefix("'") == text.removeprefix("'")


def test_a_sum_from_which_a_hidden_number_follows_is_hidden_too() -> None:
    def of(key: str, *people: str) -> CohortReport:
        posts = tuple((name, day(12), "A word.") for name in people)
        return cohort_report(replace(cohort(), key=key), [topic(1, "Hello", *posts)], [], OWN, NOW)

    many, few = of("many", "ana", "rui", "eva", "noa", "kim"), of("few", "mia", "leo")
    assert (many.people, few.people) == (5, None)
    (everybody,) = groups([many, few])
    assert everybody.people is None  # 7 - 5 would be the two of the small cohort
    (everybody,) = groups([many, few, of("more", "bob", "pia", "uma")])
    assert everybody.people == 10  # five people are left, of two cohorts
    (everybody,) = groups([many, of("same", "ana", "rui")])
    assert everybody.people == 5


def test_a_sum_from_which_a_hidden_number_follows_by_that_of_a_programme_is_hidden_too() -> None:
    def of(key: str, programme: str | None, first: int, people: int) -> CohortReport:
        posts = tuple((f"user-{number}", day(12), "A word.") for number in range(first, first + people))
        made = topic(1, "Hello", *posts)
        made = replace(made, posts=tuple(replace(one, user_id=int(one.username[5:])) for one in made.posts))
        return cohort_report(replace(cohort(), key=key, programme=programme), [made], [], OWN, NOW)

    led = [of("many", "lead", 1, 10), of("few", "lead", 100, 3), of("less", "lead", 200, 3)]
    programme, everybody = groups([*led, of("alone", None, 300, 4)])
    assert programme.people == 16  # six people are left, of two cohorts
    assert everybody.people is None  # 20 - 16 would be the four of the cohort of no programme
    assert groups([*led, of("alone", None, 300, 5)])[-1].people == 21
