"""The sentences that we write into a forum, a report or a message; each language has its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ReasonSentences:
    """Why a draft exists, or why there is none; `{...}` are filled in with counts in words and with names."""

    found: Mapping[bool, str]
    open: Mapping[bool, str]
    proposed: Mapping[bool, str]
    nothing_written: str
    nothing_usable: str
    tells: str
    tells_a_figure: str
    picked: str
    agreed: str
    no_story: str
    none_told: str
    lcms_know: str
    not_agreed: str
    rewritten: str
    missed: str
    overtaken: str
    held_back: Mapping[str, str]
    held_back_together: Mapping[str, str]
    waits_until: str
    too_late: str
    unheard: str
    no_nudges: str
    account_away: str
    template: str
    prompt: str
    resource: Mapping[bool, str]
    no_resource: str
    session: str
    session_now: str
    session_over: str
    session_announced: str
    session_gone: str
    session_changed: str
    attendance_unknown: str
    all_attended: str
    absent: Mapping[bool, str]
    one_absent: str
    assignment: str
    no_due_date: str
    not_given: str
    task_gone: str
    due_date_changed: str
    all_answered: str
    not_answered: Mapping[bool, str]
    one_not_answered: str
    nudged: Mapping[bool, str]
    nobody_silent: str
    silent: Mapping[bool, str]
    held_out: Mapping[bool, str]
    came_back: str
    handed_over: Mapping[bool, str]
    nobody_to_hand_over: str
    nobody_waits: str
    waits_for_reply: Mapping[bool, str]
    nothing_blocks: str
    blocked: Mapping[bool, str]
    escalates: str
    escalated: Mapping[bool, str]
    nobody_to_pair: str
    paired: Mapping[bool, str]
    met_everybody: Mapping[bool, str]
    nobody_new: str
    introduced: Mapping[bool, str]
    together_again: Mapping[bool, str]
    told: str
    told_and_waits: str
    not_told: str
    waits: str
    nobody_to_ask: str
    asked_before: str
    not_tellable: str
    not_seen: str
    no_topic_of: str
    pin: str
    unpin: str
    pin_over: str
    close: Mapping[bool, str]
    close_later: Mapping[bool, str]
    nothing_to_close: str
    archive: str
    not_ended: str
    no_programme: str
    no_promise: str
    ask_leavers: str
    nobody_before: str
    nothing_handed_on: str
    hand_on: Mapping[bool, str]
    compare: Mapping[bool, str]
    commitment: str
    no_plan_due: str
    plan_due: str
    plan_later: str
    survey: str
    no_polls: str
    no_votes: str
    survey_results: Mapping[bool, str]
    nobody_answered: str


@dataclass(frozen=True, slots=True)
class HeldSentences:
    """The note about a story that was not published; `reasons` by the name of a `recheck.Trouble`."""

    title: str
    body: str
    reasons: Mapping[str, str]
    otherwise: str


@dataclass(frozen=True, slots=True)
class DueDateSentences:
    """The note about a task whose topic says another due date than the playbook does now."""

    title: str
    body: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeskSentences:
    """Titles of plays and reasons on the desk; `{...}` are filled in with numbers and names.

    `journal` says what the ledger's reasons mean, by the names that `publish/carry_out.py` has for them.
    """

    plays: Mapping[str, str]
    too_late: str
    post: str
    never_wrote: str
    quiet: str
    quiet_one_week: str
    usual: str
    usual_one: str
    reads_along: str
    dropped: str
    no_answers: str
    task_open: str
    plan_unanswered: str
    plan_not_yet: str
    unanswered: str
    tagged: str
    opened_by: str
    escalated: str
    answered_once: str
    shown_in_roundup: str
    rejected: str
    journal: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunSentences:
    """The desk's log of runs; `{...}` are filled in with times, counts and names."""

    paused_until: str
    paused: str
    resumed: str
    later: str
    earlier: str
    as_planned: str
    nothing_due: str
    carried_out_none: str
    carried_out_one: str
    carried_out: str
    waiting_one: str
    waiting: str
    calls: str
    done_before: str
    given_up: str
    busy: str
    unknown_cohort: str
    no_playbook: str
    unknown_step: str
    nothing_to_come: str
    nothing_to_approve: str
    stands_still: str
    technical: str
    preview: str
    outcomes: Mapping[str, str]
    done: Mapping[str, str]
    not_done: Mapping[str, str]
    actions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class QuestionSentences:
    """The message with a workflow's question to the LCMs; `{...}` are filled in with names and addresses."""

    title: str
    asks: str
    about_learner: str
    about_topic: str
    close: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReportSentences:
    """The words of the report's pages, by what they are for."""

    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PersonalSentences:
    """What the page says that shows a person all that is held about them.

    Args:
        words: the page's own, by what they are for.
        tables: what each table of the store holds about a person.
        columns: what a column of such a table is called.

    """

    words: Mapping[str, str]
    tables: Mapping[str, str]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MembershipSentences:
    """What newcomers read; `$...` are filled in.

    Args:
        invitation: the sentence that Discourse puts into its mail to somebody invited: `$cohort`, `$start`, `$end`.
        about_category: the text of a category's own topic: `$cohort`.
        about_title: its title, as Discourse itself calls such a topic in this language: `$category`.

    """

    invitation: str
    about_category: str
    about_title: str


@dataclass(frozen=True, slots=True)
class SyncSentences:
    """The message that people could not be synced: `{day}`, `{clock}`, `{done}`, `{problem}`, `{every}`."""

    title: str
    text: str
    part_done: str
    nothing_done: str


@dataclass(frozen=True, slots=True)
class PromptSentences:
    """What stands below a prompt: how to answer the questions of a form, and a poll where the forum has none."""

    form: str
    no_poll: str


@dataclass(frozen=True, slots=True)
class RelaySentences:
    """What leavers are promised about their answers, and the words by which they choose.

    Args:
        promise: says that answers are shown to the next cohort, and how to say no; stands in the topic word for word.
        without_name: words with which an answer is shown without its author's name.
        only_here: words with which an answer is not shown at all.
        someone: who said something, without a name: `{cohort}`.

    """

    promise: str
    without_name: tuple[str, ...]
    only_here: tuple[str, ...]
    someone: str


@dataclass(frozen=True, slots=True)
class CommitmentSentences:
    """The three answers to "what became of your plan", and the replies that say them; in small letters.

    Args:
        options: done, not yet and changed, as the poll shows them.
        replies: the same as sentences to reply with; Discourse takes no message of fewer than ten characters.
        done: replies, or beginnings of replies up to the first comma or full stop, that say that it was done.
        not_yet: those that say that it was not done yet.
        changed: those that say that the plan is another one now.
        alone: yes and no, which are done and not yet where nothing else is said.

    """

    options: tuple[str, str, str]
    replies: tuple[str, str, str]
    done: tuple[str, ...]
    not_yet: tuple[str, ...]
    changed: tuple[str, ...]
    alone: tuple[str, str]


@dataclass(frozen=True, slots=True)
class CaseSentences:
    """The words of a success case study: its two questions and their answers, what LCMs note, why, and its report.

    Args:
        options: how much somebody has used what they learned, from not at all on, as the poll shows it.
        levels: for each option the phrases that say it as well, in small letters.
        consents: what a person allows, by `model.Allowed`, each with the option that says yes and the one that
            says no; these are also the lines to reply with.
        doubts: words that take such a yes back where they stand in what is neither yes nor no; those of `conversation`
            take back all of them.
        notes: the words that begin a line of an LCM's notes, by its kind; the first one is shown.
        factors: the words for what may help or hinder, by lever; the first one is shown.
        seen: what the links of the mail say that asks a manager, by the words of `store.mails`.
        reasons: why somebody is asked, chosen, invited, or nobody is: `{name}`,
            `{answer}`, `{answered}`, `{number}`, `{manager}`.
        report: the words of the report.

    """

    options: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    consents: Mapping[str, tuple[str, str]]
    doubts: Mapping[str, tuple[str, ...]]
    notes: Mapping[str, tuple[str, ...]]
    factors: Mapping[str, tuple[str, ...]]
    seen: Mapping[str, str]
    reasons: Mapping[str, str]
    report: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MailSentences:
    """What stands in mails to managers, on the page that their links open, and why they were or were not sent.

    Args:
        answers: what the links say, by the words of `store.mails`.
        stop: the link that ends the mails.
        may_read: the sentence, in a learner's own plan, that lets their manager read it; nothing else does.
        subject: of the mail that a link opens: `{choice}`, and `{code}`, by which the answer is recognised.
        page_title, page_ask, page_button, page_stop_ask, page_stop_button, page_thanks, page_stopped, page_void,
            page_former: of the page on which an answer is confirmed; `{choice}`.
        reason, reason_unnamed: for whom a mail is: `{manager}`, `{learners}`.
        sent: how many managers get one, by whether it is one: `{managers}`.
        nobody: that none is to be written to.
        unknown_managers: that the managers of some learners are not known, by whether it is one: `{learners}`.
        unsubscribed, refused_before, forgotten, agreed, unknown: why a mail was not sent, or is not sent again.
        not_sent_title, not_sent: the note about a mail that was refused: `{reason}`, `{why}`.
        unknown_title, unknown_body: the note about a mail of which nobody knows whether it was sent: `{why}`.
        expired: that the time for a mail passed before it was sent.
        expired_title, expired_body: the note about such mails of one step, by whether it is one: `{mails}`, a list,
            `{reason}` they waited, which may be empty.

    """

    answers: Mapping[str, str]
    stop: str
    may_read: tuple[str, ...]
    subject: str
    page_title: str
    page_ask: str
    page_button: str
    page_stop_ask: str
    page_stop_button: str
    page_thanks: str
    page_stopped: str
    page_void: str
    page_former: str
    reason: str
    reason_unnamed: str
    sent: Mapping[bool, str]
    nobody: str
    unknown_managers: Mapping[bool, str]
    unsubscribed: str
    refused_before: str
    forgotten: str
    agreed: str
    unknown: str
    not_sent_title: str
    not_sent: str
    unknown_title: str
    unknown_body: str
    expired: str
    expired_title: Mapping[bool, str]
    expired_body: Mapping[bool, str]


@dataclass(frozen=True, slots=True)
class NoteSentences:
    """The lines of the morning note: `{what}`, `{number}`, `{days}`, `{count}`.

    Args:
        kinds: what waits, by its kind.
        who, who_unnamed: which manager: `{manager}`, `{learners}`.
        how: how a reply settles it: a decision, or that it is done.
        otherwise: by its kind, how it is settled where no reply does it; nothing for what speaks for itself.
        since: for how many days, by whether it is one; `today` for none.
        more: how much was left out, by whether it is one.
        waiting, nothing: how much waits, for the log.

    """

    kinds: Mapping[str, str]
    who: str
    who_unnamed: str
    how: Mapping[str, str]
    otherwise: Mapping[str, str]
    since: Mapping[bool, str]
    today: str
    more: Mapping[bool, str]
    waiting: Mapping[bool, str]
    nothing: str


@dataclass(frozen=True, slots=True)
class LetterSentences:
    """What the worker writes to LCMs and learners where the forum has no plugin: what waits, answers, the desk.

    Args:
        title: of the message with what waits: `{cohort}`, `{things}`.
        opening: its first lines; `{example}` is a reply that decides.
        example: a reply: `{yes}`, `{no}` are numbers.
        example_one: the same where one draft waits: `{yes}`.
        example_task: a reply about a task: `{number}`.
        draft: an item's heading, for a message: `{number}`, `{what}`, `{to}`, `{when}`, `{why}`.
        draft_all: the same for a text to all.
        task: an item's heading: `{number}`, `{who}`; then their words.
        kinds: what a draft is, by its kind.
        cut: where a text was shortened: `{key}`.
        more: how many more wait: `{things}`.
        outcomes: by what became of a decision, the sentence: `{numbers}`, and `{why}`, `{name}` or `{day}`.
        unclear: the answer to what was not understood; `{example}`.
        read: what of it could be read: `{read}`.
        no_such: that a number was never shown: `{numbers}`.
        not_for: that a word does not go with a number: `{numbers}`.
        changed: that a reply was edited after it was acted on.
        solved, solved_which: the answers to a reply that says that a blocker is solved: `{topics}`.
        someone_reads: that somebody else can read the desk: `{names}`.
        chosen: by a choice, what holds from now on.
        desk: the headings and lines of the desk, by name.

    """

    title: str
    opening: str
    example: str
    example_one: str
    example_task: str
    draft: str
    draft_all: str
    task: str
    kinds: Mapping[str, str]
    cut: str
    more: str
    outcomes: Mapping[str, str]
    unclear: str
    read: str
    no_such: str
    not_for: str
    changed: str
    solved: str
    solved_which: str
    someone_reads: str
    chosen: Mapping[str, str]
    desk: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RehearsalSentences:
    """The words of a rehearsal's page, by what they are for; of what is counted, the singular and the plural."""

    words: Mapping[str, str | tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PracticeSentences:
    """The practice library: its topics and entries, the question to an author, the offer to a later cohort.

    Args:
        title: of a subject's topic: `{subject}`.
        intro: its first post; `{no_quotes}` is the message that takes somebody's words out.
        said: who found it, where and when: `{name}`, `{topic}` (a link), `{cohort}`, `{day}`.
        said_closed: the same where not all readers can open the topic.
        conversation: what such a topic is called where its title is not shown.
        also: above the people who found the same; `also_more` where they go on in a further post.
        also_line: one of them: `{name}`, `{cohort}` (a link), `{day}`.
        ask_title, ask: the question to an author: `{cohort}`, `{name}`, `{shown}`, `{place}`.
        place: where it would stand: `{category}`; `place_readers` with how many read it (`{readers}`), `place_public`.
        signed: below it: `{hosts}`.
        ask_reason: why an author is asked: `{name}`.
        told: what an author who agreed hears: `{address}`.
        offer: the reply under a later cohort's topic: `{cohort}`, `{name}`, `{words}`, `{more}` (a link).
        more: what that link says: `{subject}`.
        offer_reason: why it is offered: `{cohort}`, `{title}`.
        keep: what LCMs are asked about a post of a roundup: `{number}`, `{post}` (a link that says whose), `{example}`.

    """

    title: str
    intro: str
    said: str
    said_closed: str
    conversation: str
    also: str
    also_more: str
    also_line: str
    ask_title: str
    ask: str
    place: str
    place_readers: str
    place_public: str
    signed: str
    ask_reason: str
    told: str
    offer: str
    more: str
    offer_reason: str
    keep: str
