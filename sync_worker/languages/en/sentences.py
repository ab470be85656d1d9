"""The sentences that we write in English."""

from __future__ import annotations

from sync_worker.languages.sentences import (
    DeskSentences,
    HeldSentences,
    MembershipSentences,
    ReasonSentences,
    ReportSentences,
    RunSentences,
    SyncSentences,
)

REASONS = ReasonSentences(
    found={True: "One person wrote what others can use", False: "{people} wrote what others can use"},
    open={True: "one question is still open", False: "{questions} are still open"},
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
    template="The playbook opens this topic at this moment.",
    prompt="The next prompt of the deck; {left} are left after it.",
    resource={True: "The moment that the list names for it has come.", False: "The next resource of the list."},
    no_resource="the list “{name}” has nothing for this day that was not posted before",
    nobody_to_ask="no story in the last {days} days whose author has not been asked lately",
    asked_before="its author was asked before; the answer belongs into that conversation",
    not_tellable="the post cannot be told: it only asks, has no sentence of its own, or is more than a year old",
    not_seen="@{name} agreed, but has not seen the story as it reads now",
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
        "PASSAGE_GONE": "Its author has taken out words that the text quotes.",
        "HIDDEN": "The post is hidden by now.",
        "PRIVATE": "Its topic now stands where not everybody in the cohort can read it.",
        "UNLISTED": "Its topic was unlisted.",
        "NOT_IN_GOOD_STANDING": "Its author’s account is suspended, silenced or gone.",
        "ANONYMISED": "Its author’s account was anonymised.",
        "RENAMED": "Its author has another name by now, and I could not write the text anew.",
        "RETITLED": "Its topic has another title by now, and I could not write the text anew.",
    },
    otherwise="The post is not there any more.",
)
DESK = DeskSentences(
    too_late="The time for it has passed.",
    post="{name} in “{title}”",
    plays={
        "topic": "Topic",
        "prompt": "Prompt",
        "resource": "Something to read or watch",
        "consent": "Question to an author",
        "story": "Success story",
        "roundup": "Roundup",
    },
    never_wrote="Has not written here yet.",
    quiet="Last wrote {weeks} weeks ago.",
    quiet_one_week="Last wrote a week ago.",
    usual="The others write about {posts} posts in four weeks.",
    usual_one="The others write about one post in four weeks.",
    unanswered="Nobody has answered.",
    answered_once="One person answered; the question is still open.",
    shown_in_roundup="Shown in a roundup.",
    rejected="Rejected by {name}: {reason}",
    journal={
        "FOUND": "It was found on the forum.",
        "REMOVED": "A person removed it; it is not posted again.",
        "NO_RECIPIENT": "The group that it is for is gone from the forum, or is not ours any more. Nothing was sent.",
        "NO_TOPIC": "The topic to reply to is gone.",
        "NOT_PINNED": "There is no topic to pin.",
        "PIN_OVER": "The time to be pinned is over.",
        "GONE": "It is gone already.",
        "NOT_OURS": "The topic is not ours any more. Nothing was deleted.",
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
    busy="Another worker is looking after this forum. Ask again in a minute.",
    unknown_cohort="This worker has no cohort “{name}”.",
    no_playbook="The cohort “{name}” has no playbook.",
    unknown_step="The playbook “{playbook}” has no step “{step}”.",
    nothing_to_come="Nothing of that is still to come.",
    technical="{problem}",
    preview="{step}, {day}, {clock}: {reason}",
    outcomes={
        "done": "done",
        "waiting": "waits for an LCM’s decision",
        "nothing": "nothing to post",
        "skipped": "left out",
        "failed": "failed",
        "later": "is tried again later",
    },
    done={
        "topic": "Topic posted",
        "reply": "Reply posted",
        "message": "Message sent",
        "pin": "Topic pinned",
        "unpublish": "Topic taken down",
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
        "pin": "Pinning",
        "unpublish": "Taking down",
    },
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
        "few": "fewer than three",
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
