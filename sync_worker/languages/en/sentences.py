"""The sentences that we write in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.sentences import (
    CommitmentSentences,
    DeskSentences,
    DueDateSentences,
    HeldSentences,
    MembershipSentences,
    PromptSentences,
    QuestionSentences,
    ReasonSentences,
    RehearsalSentences,
    RelaySentences,
    ReportSentences,
    RunSentences,
    SyncSentences,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


REASONS = ReasonSentences(
    found={True: "One person wrote what others can use", False: "{people} wrote what others can use"},
    open={True: "one question is still open", False: "{questions} are still open"},
    proposed={
        True: "One phrase was written by a language model and checked against the posts.",
        False: "{count} phrases were written by a language model and checked against the posts.",
    },
    nothing_written="nobody wrote anything in this period",
    nothing_usable="{posts}, none with a sentence that others could use",
    tells="The post tells what was tried and what came of it.",
    tells_a_figure="The post tells what was tried and what came of it, with a figure.",
    picked="An LCM chose this post.",
    agreed="{name} agreed to it.",
    no_story="No story has its author’s consent yet.",
    none_told="No story can be made of the posts of those who agreed.",
    lcms_know="{reason} The LCMs know.",
    not_agreed="Its author has not agreed to it as it reads now, it was told before, or it cannot be told.",
    rewritten="Something that the approved text showed has changed since, so it was written anew. {reason}",
    missed="It was to happen by {day}, {clock}.",
    overtaken="A later date of this step has come too; only that one is done.",
    held_back={
        "quiet": "Nobody is written to at this hour.",
        "day": "The learner has had as many messages today as one may get in a day.",
        "week": "The learner has had as many messages this week as one may get in a week.",
    },
    held_back_together={
        "quiet": "Nobody is written to at this hour.",
        "day": "One of them has had as many messages today as one may get in a day.",
        "week": "One of them has had as many messages this week as one may get in a week.",
    },
    waits_until="{why} It goes out on {day} at {clock} at the earliest.",
    too_late="{why} It could only go out on {day} at {clock}, when it would come too late.",
    unheard="Somebody whom it concerns may have written “stop” in a message that the forum does not show at present.",
    no_nudges="The learner has asked for no such messages.",
    account_away="The learner’s account is gone, suspended or silenced.",
    template="The playbook opens this topic at this moment.",
    prompt="The next prompt of the deck; {left} more after it.",
    resource={True: "The moment that the list names for it has come.", False: "The next resource of the list."},
    no_resource="the list “{name}” has nothing for this day that was not posted before",
    session="The session is on {when}.",
    session_now="the session takes place; there is nothing to post",
    session_over="the session has begun, so it is too late to tell people about it",
    session_announced="the session was announced before",
    session_gone="the topic of the session was deleted, moved or closed, or is not there yet, so nothing is written",
    session_changed="the topic of the session does not say “{when}”; where it was moved, change the step’s day",
    attendance_unknown="nobody has said who was there: `lcm session attendance` reads a list",
    all_attended="all those of whom it is known were there",
    absent={True: "One person missed the session.", False: "{people} missed the session."},
    one_absent="{name} missed the session.",
    assignment="The playbook gives this task at this moment; it is due {due}.",
    no_due_date="the template “{template}” does not say when the task is due: write its value `due` into it",
    not_given="the task was not given on this date",
    task_gone="the topic of the task was deleted, moved or closed, so nobody is written to",
    due_date_changed="the topic of the task does not say “{due}” any more, so nobody is written to",
    all_answered="everybody who owes an answer has given it",
    not_answered={
        True: "One person has not answered the task that is due {due}.",
        False: "{people} have not answered the task that is due {due}.",
    },
    one_not_answered="{name} has not answered the task that is due {due}.",
    nudged={True: "One person is written to.", False: "{people} are written to."},
    nobody_silent="there is nobody silent to whom a message would say something new",
    silent={
        True: "{name} is still silent, and did not react to the first message. This is the second; there is no third.",
        False: "{name} is silent while most of the others write.",
    },
    came_back="The learner has written meanwhile.",
    held_out={True: "One person, drawn by lot, gets no message.", False: "{people}, drawn by lot, get no message."},
    handed_over={True: "One person did not react to two messages.", False: "{people} did not react to two messages."},
    nobody_to_hand_over="nobody is silent after two messages",
    nobody_waits="nothing new waits for a first reply",
    nothing_blocks="nothing new is in the way",
    blocked={True: "One topic says that something is in the way.", False: "{topics} say that something is in the way."},
    escalates="Others hear of what is still open.",
    escalated={True: "One blocker is still open.", False: "{topics} with blockers are still open."},
    waits_for_reply={True: "One topic waits for a first reply.", False: "{topics} wait for a first reply."},
    nobody_to_pair="nobody is free who has not met all the others yet",
    paired={True: "One group is brought together.", False: "{groups} groups are brought together."},
    met_everybody={
        True: "One person has met everybody who was free.",
        False: "{people} have met everybody who was free.",
    },
    nobody_new="nobody is new, or nobody who knows the cohort is free",
    introduced={True: "One person is introduced to somebody.", False: "{people} are introduced to somebody."},
    together_again={
        True: "{names} have answered each other here, and were not brought together before.",
        False: "{names} have not answered each other here so far.",
    },
    told="written to on {days}",
    told_and_waits="written to on {days}; one more message waits for you",
    not_told="not written to",
    waits="a message waits for you",
    nobody_to_ask="no story in the last {days} days whose author has not been asked lately",
    asked_before="its author was asked before; the answer belongs into that conversation",
    not_tellable="the post cannot be told: it only asks, has no sentence of its own, or is more than a year old",
    not_seen="@{name} agreed, but has not seen the story as it reads now",
    no_topic_of="the step '{step}' has posted no topic",
    pin="pinned until {day}, {clock}",
    unpin="the topic is not needed at the top any more",
    pin_over="the time to be pinned is over",
    close={True: "One topic is closed.", False: "{topics} topics are closed."},
    close_later={True: "One more waits for the next date.", False: "{topics} more wait for the next date."},
    nothing_to_close="no topic is to be closed",
    archive="the cohort has ended; from the next sync on, learners read its category and no longer write",
    no_programme="the cohort belongs to no programme (`programme:` in lcm.yaml), so it has nobody before or after it",
    no_promise="the template '{template}' does not hold the promise word for word, so nobody was asked",
    ask_leavers="the cohort ends soon, and the next one starts where it stops",
    nobody_before="no earlier cohort of the programme was asked",
    nothing_handed_on="nobody in {cohort} left anything that may be shown",
    hand_on={
        True: "One person in {cohort} left something for this cohort.",
        False: "{people} in {cohort} left something for this cohort.",
    },
    compare={True: "One cohort got this prompt so far.", False: "{cohorts} cohorts got the same prompt."},
    not_ended="the cohort does not end before {day}; it becomes no archive until then",
    commitment="Everybody is asked for a plan of their own, with a day and a witness.",
    no_plan_due="Nobody’s plan is due.",
    plan_due="The day for the plan of {name} is over: {day}.",
    plan_later="It is time to ask {name} what came of the plan.",
    survey="The programme is about to end: a few questions, one tap each.",
    no_polls="The forum has no polls, and written answers would have names: nothing is asked.",
    no_votes="The topic with the questions is gone, or has no polls any more.",
    survey_results={True: "{people} has answered.", False: "{people} have answered."},
    nobody_answered="Nobody has answered so far.",
)
HELD = HeldSentences(
    title="A story of {cohort} was not published",
    body=(
        "I was about to publish a story from [this post]({address}), and looked at the post once more. {reason}\n\n"
        "So the story stays where it is, and nothing of it was shown. You do not have to do anything: at the next "
        "story day I take another one whose author agreed. If the post may be shown after all, put that right on "
        "the forum first."
    ),
    reasons={
        "NO_CONSENT": "Its author’s yes does not stand any more.",
        "UNQUOTED": "Its author has asked not to be quoted.",
        "NAMED": "It names somebody who has asked not to be quoted.",
        "PASSAGE_GONE": "Its author has taken out words that the text quotes.",
        "HIDDEN": "The post is hidden by now.",
        "PRIVATE": "Its topic now stands where not everybody in the cohort can read it.",
        "UNLISTED": "Its topic was unlisted.",
        "NOT_IN_GOOD_STANDING": "Its author’s account is suspended, silenced or gone.",
        "ANONYMISED": "Its author’s account was anonymised.",
        "RENAMED": "Its author has another name by now, and I could not write the text anew.",
        "RETITLED": "Its topic has another title by now, and I could not write the text anew.",
        "UNWILLING": "One of the people does not want to be brought together with others.",
        "ANSWERED": "It was answered meanwhile.",
        "LEFT": "The person is not in the cohort any more.",
        "NOT_SO": "What it says of the person is not so any more.",
    },
    otherwise="The post is not there any more.",
)
DUE_DATES = DueDateSentences(
    title="{cohort}: one task, two dates",
    body=(
        "The topic {task} gives **{said}** as the date. The playbook now says **{due}** for it.\n\n"
        "Until the two agree, I remind nobody of this task, and you get no list of those who are late. I have not "
        "changed the topic: people plan by the date in it, and an edit by me would reach nobody.\n\n"
        "- If the new date is right, put **{due}** in the place of the old one in the topic, in these words (or ask a "
        "moderator to), and tell people in a reply. My reminders then follow the new date.\n"
        "- If the old date is right, ask the people who look after the playbook to put it back."
    ),
    reason="the topic of the task says {said}, the playbook now says {due}",
)
DESK = DeskSentences(
    too_late="The time for it has passed.",
    post="{name} in “{title}”",
    plays={
        "topic": "Topic",
        "prompt": "Prompt",
        "resource": "Something to read or watch",
        "assignment": "Task",
        "commitment": "Plans with a day",
        "survey": "Two questions at the end",
        "case_study": "The success case study",
        "nudge": "A word to those who are silent",
        "brief_manager": "A mail to managers",
        "morning_note": "The LCM’s morning note",
        "hand_over": "Handed over to the LCMs",
        "first_reply": "Waiting for a first reply",
        "blockers": "What is in the way",
        "pair": "Conversations in pairs",
        "introductions": "Introductions",
        "session": "Session",
        "consent": "Question to an author",
        "story": "Success story",
        "roundup": "Roundup",
        "relay": "Handed on",
        "pin": "Pinned topic",
        "close": "Topics closed",
        "archive": "Cohort archived",
    },
    never_wrote="Has not written here yet.",
    quiet="Last wrote {weeks} weeks ago.",
    quiet_one_week="Last wrote a week ago.",
    usual="The others write about {posts} posts in four weeks.",
    usual_one="The others write about one post in four weeks.",
    reads_along="Was here on {day}, and may be reading along.",
    dropped="Wrote {posts} in the last two weeks; before, it was about {usual} a week.",
    no_answers="Wrote {posts} in the last four weeks, and nobody has answered any of them.",
    task_open="Has not answered “{title}”, which was due on {day}; most of the others have.",
    plan_unanswered="A plan for {day} is without an outcome; the question of {since} is not answered. {words}",
    plan_not_yet="A plan for {day} is without an outcome; the answer of {since} is “not yet”. {words}",
    unanswered="Nobody has answered.",
    tagged="It has the tag “{tag}”.",
    opened_by="{name} called it a blocker.",
    escalated="People other than the LCMs heard of it on {day}.",
    answered_once="One person answered; the question is still open.",
    shown_in_roundup="Shown in a roundup.",
    rejected="Rejected by {name}: {reason}",
    journal={
        "FOUND": "It was found on the forum.",
        "REMOVED": "A person removed it; it is not posted again.",
        "NO_RECIPIENT": "The group that it is for is gone from the forum, or is not ours any more. Nothing was sent.",
        "NO_TOPIC": "The topic to reply to is gone.",
        "NOT_TOGETHER": "One of the accounts is gone, suspended or silenced. Nothing was sent.",
        "NOT_PINNED": "There is no topic to pin.",
        "PIN_OVER": "The time to be pinned is over.",
        "GONE": "It is gone already.",
        "NOT_OURS": "The topic is not ours any more. Nothing was deleted.",
        "TOPIC_GONE": "The topic was deleted. Nothing was done about it.",
        "TOPIC_MOVED": "The topic was moved to another category, and is left as it is.",
        "NOT_THE_TOPIC": "The topic is not ours any more, and is left as it is.",
        "TOPIC_CLOSED": "Somebody closed the topic. It is left as it is.",
        "PINNED_BY_OTHERS": "Somebody pinned the topic until another time. It is left so.",
        "NOT_PINNED_NOW": "The topic is not pinned any more.",
        "IN_USE": "Somebody has written in the topic since. It stays open.",
    },
)
RUNS = RunSentences(
    paused_until="Paused until {day}, {clock}.",
    paused="Paused until a person resumes it.",
    resumed="The journey continues.",
    later="What is still to come happens {days} later than planned.",
    earlier="What is still to come happens {days} earlier than planned.",
    as_planned="What is still to come happens as planned.",
    nothing_due="Nothing was due.",
    carried_out_none="Nothing was posted or sent.",
    carried_out_one="One text was posted or sent.",
    carried_out="{number} texts were posted or sent.",
    waiting_one="One draft waits for an LCM.",
    waiting="{number} drafts wait for an LCM.",
    calls="Calls to the forum: {calls}.",
    done_before="That was done before.",
    given_up="It was begun several times, and each time the worker was stopped before its end. Ask for it again.",
    busy="Another worker is looking after this forum. Ask again in a minute.",
    unknown_cohort="This worker has no cohort “{name}”.",
    no_playbook="The cohort “{name}” has no playbook.",
    unknown_step="The playbook “{playbook}” has no step “{step}”.",
    nothing_to_come="Nothing of that is still to come.",
    nothing_to_approve="The step “{step}” has no text that could wait for an LCM, so a workflow cannot run it.",
    stands_still="The journey is paused, so workflows start nothing.",
    technical="{problem}",
    preview="{step}, {day}, {clock}: {reason}",
    outcomes={
        "done": "done",
        "waiting": "waits for an LCM’s decision",
        "nothing": "nothing to post",
        "not now": "not now",
        "skipped": "left out",
        "failed": "failed",
        "later": "is tried again later",
    },
    done={
        "topic": "Topic posted",
        "reply": "Reply posted",
        "message": "Message sent",
        "mail": "Mail sent",
        "pin": "Topic pinned",
        "unpin": "Pin taken away",
        "close": "Topic closed",
        "archive": "Cohort archived",
        "unpublish": "Topic taken down",
        "translation": "Other language added",
        "revision": "Taken out of what was published",
    },
    not_done={
        "skipped": "{action} left out",
        "failed": "{action} failed",
        "intended": "{action} is tried again later",
    },
    actions={
        "topic": "Topic",
        "reply": "Reply",
        "message": "Message",
        "mail": "Mail",
        "pin": "Pinning",
        "unpin": "Taking a pin away",
        "close": "Closing",
        "archive": "Archiving",
        "unpublish": "Taking down",
        "translation": "Adding the other language",
        "revision": "Taking something out of what was published",
    },
)
QUESTIONS = QuestionSentences(
    title="A question for you about {cohort}",
    asks="A workflow of this forum, “{workflow}”, has a question for you:",
    about_learner="It is about {learner}.",
    about_topic="It is about [this topic]({address}).",
    close=(
        "It asks in the name of {by}. If you answer here, your colleagues read it; the workflow does not read answers."
    ),
    reason="The workflow “{workflow}” asks the LCMs.",
)
REPORT = ReportSentences(
    words={
        "report": "Report",
        "as_of": "As of",
        "numbers": "In numbers",
        "posts": "posts",
        "people": "people wrote",
        "people_who_wrote": "People who wrote",
        "members": "of {members} members",
        "cohort": "Cohort",
        "open_count": "Open questions",
        "few": "fewer than five",
        "people_chart": "People who wrote, by week",
        "too_few": "<5",
        "best_first": "Those that most people answered come first.",
        "prompt_data": "The prompts as CSV",
        "together": "All cohorts",
        "sum": "Together",
        "protected": "People are counted once each. Numbers of fewer than five people are not shown.",
        "by_week": "Week by week",
        "week": "Week",
        "dates": "Dates",
        "prompts": "Prompts and their answers",
        "prompt": "Prompt",
        "posted": "Posted",
        "answers": "Answers",
        "stories": "Success stories",
        "roundups": "Roundups",
        "open": "Questions that wait for an answer",
        "open_for": "open for {days} days",
        "open_day": "open since yesterday",
        "open_today": "asked today",
        "nothing": "Nothing yet.",
        "data": "The figures as CSV",
        "all": "All cohorts",
        "chart": "Posts a week",
        "decimal_sign": ".",
        "effect": "Do messages to silent people help?",
        "effect_few": "Too few to tell (n={n}): at least {fewest} people on each side are needed.",
        "effect_hidden": "Too few to tell: at least {fewest} people on each side are needed.",
        "effect_none": "No effect seen.",
        "effect_more": "More people came back with a message.",
        "effect_fewer": "Fewer people came back with a message.",
        "effect_numbers": "Within {days} days, {nudged} came back of those written to, and {held_out} of those"
        " whom the draw left out: a difference of {difference} percentage points, 95 % interval {low} to {high}.",
        "effect_what": "A draw left out a part of the silent people; the others were written to.",
        "network": "Who answers whom",
        "network_few": "Fewer than five learners have answered each other so far.",
        "network_ties": "Pairs that answered each other",
        "network_density": "Share of all possible answers from one person to another (density)",
        "network_reciprocity": "Share of these that were returned (reciprocity)",
        "network_isolates": "Learners who are connected to nobody yet",
        "network_bridges": "Pairs that alone connect two groups",
        "network_week": "Week of",
        "network_week_ties": "Pairs in the week",
        "network_so_far": "{what} so far",
        "density": "Density",
        "reciprocity": "Reciprocity",
        "hidden": "not shown",
        "nudges_data": "Messages to the silent as CSV",
        "network_data": "Who answers whom, week by week, as CSV",
    }
)
MEMBERSHIP = MembershipSentences(
    invitation=(
        "You have a place in “$cohort”, which runs from $start to $end. Between the meetings, the people in it"
        " work things out together here. This link opens the door; your first visit takes two minutes."
    ),
    about_category=(
        "This is the place of the cohort $cohort: the weekly question, your answers, and what you found out. What"
        " is written here can be read by the members of the cohort and those who look after it."
    ),
    about_title="About the $category category",
)
SYNC = SyncSentences(
    title="The members of your cohorts were not synced",
    text="On {day} at {clock}, the groups of this forum could not be brought into step with the roster. {done}"
    " This is the reason:\n\n```text\n{problem}\n```\n\n"
    "The worker tries again {every} after each attempt, and does not write again about this problem. On its"
    " machine, `lcm status` shows how things stand and `lcm sync` shows what would change.",
    part_done="Part of it was done.",
    nothing_done="Nothing was changed.",
)
PROMPT = PromptSentences(
    form="Answer in one reply, with the same numbers. A few words for each are enough.",
    no_poll="Reply with the number of what fits, and one sentence on why.",
)
COMMITMENT = CommitmentSentences(
    options=("Did it", "Not yet", "Changed"),
    replies=("Yes, I did it", "No, not yet", "My plan changed"),
    done=("done", "did it", "i did it", "i did", "yes i did", "yes i did it", "it is done", "it's done"),
    not_yet=("not yet", "not done", "not done yet", "no not yet", "i did not", "i didn't", "not so far"),
    changed=("changed", "it changed", "i changed it", "another plan", "my plan changed"),
    alone=("yes", "no"),
)
RELAY = RelaySentences(
    promise=(
        "What you answer here is handed on: the people of the next cohort read it in your own words, with your name. "
        "Write “without my name” in your answer, and they read it without. Write “only for us”, and it stays here."
    ),
    without_name=("without my name", "without name", "no name"),
    only_here=("only for us", "just for us", "not for the next cohort"),
    someone="somebody in {cohort}",
)


# The words of a rehearsal's page in English.


WORDS: Mapping[str, str | tuple[str, str]] = {
    "rehearsal": "Rehearsal",
    "of": "{title} for {cohort}",
    "who": "{learners} and {lcms}, {period}",
    "learner": ("learner", "learners"),
    "lcm": ("LCM", "LCMs"),
    "all_lcms": "the LCMs",
    "what_this_is": (
        "Every text of the journey, as the practice forum showed it on its day. Names are those of the roster. Nobody "
        "writes in a rehearsal, so what shows learners’ posts had nothing to show; drafts were approved as they are."
    ),
    "by_week": "Week by week",
    "week": "Week",
    "dates": "Dates",
    "texts": "Texts for every learner",
    "reading": "Minutes to read",
    "answering": "Minutes to answer",
    "messages": "Messages to one learner",
    "decisions": "Decisions of an LCM",
    "lcm_minutes": "Minutes of an LCM",
    "assumed": (
        "Assumed: {words} words a minute, {answer} minutes for an answer to a prompt, {decide} minutes for a decision. "
        "Reading what others write comes on top."
    ),
    "everybody": "Every learner reads",
    "one_learner": "One learner receives",
    "lcms": "The LCMs receive",
    "managers": "Managers receive by e-mail",
    "to": "to",
    "approved": "an LCM approves it first",
    "pinned": "pinned for {days}",
    "why": "Why",
    "quiet": "Nothing was posted for",
    "nothing": "Nothing this week.",
    "problems": "What did not work",
    "before": "Before the start",
}
REHEARSAL = RehearsalSentences(WORDS)
