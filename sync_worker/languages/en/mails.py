"""What stands in mails, on the page that a link in them opens, and in the notes about them, in English."""

from __future__ import annotations

from sync_worker.languages.sentences import MailSentences, NoteSentences

MAILS = MailSentences(
    answers={"yes": "Yes, there is time", "not-yet": "Not yet", "talk": "Let us talk"},
    stop="No more of these mails",
    may_read=("My manager may read this.", "My manager may read this plan.", "My manager may see this."),
    subject="{choice} ({code})",
    page_title="Your answer",
    page_ask="You chose: “{choice}”.",
    page_button="Send this answer",
    page_stop_ask="You will get no more mails like this one, from this programme or the ones after it.",
    page_stop_button="No more mails",
    page_thanks="Thank you. The person who looks after the programme can see your answer now. You can close this page.",
    page_stopped="Done: no more of these mails will come. You can close this page.",
    page_void="This link does not work any more. Please answer the mail instead; a person reads it.",
    page_former="Thank you. As far as we know, you are no longer the manager of anybody that mail was about, so your"
    " answer was not passed on. If that is a mistake, please answer the mail; a person reads it.",
    reason="Mail to {manager}, manager of {learners}.",
    reason_unnamed="Mail to the manager of {learners}.",
    sent={True: "One manager gets a mail.", False: "{managers} managers get a mail."},
    nobody="No manager gets a mail: none is known, or they want no mails, or they have answered.",
    unknown_managers={
        True: "No manager’s address is known for one learner.",
        False: "No manager’s address is known for {learners} learners.",
    },
    unsubscribed="this person wants no mails; nothing was sent",
    refused_before="the mail server refused this address before; nothing was sent",
    forgotten="this person asked to be forgotten; nothing was sent",
    agreed="this person answered yes to an earlier mail of this step; nothing was sent",
    unknown="unknown whether sent: the worker was interrupted while it handed the mail over; it is not sent twice",
    not_sent_title="A mail could not be delivered",
    not_sent="This mail did not reach its reader. {reason}\n\nWhat it was: {why}\n\nWhat to do: check the address in"
    " the roster. Once it is right there, later mails go out again; this one does not. If it matters now, call.",
    unknown_title="A mail may not have arrived",
    unknown_body="The worker was interrupted while it handed a mail over, and nobody can tell whether it went out."
    " It is not sent a second time.\n\nWhat it was: {why}\n\nWhat to do: if it matters, ask the reader whether it came."
    " `lcm retry` sends it again.",
    expired="the time for it passed before it could go out; nothing was sent",
    expired_title={True: "A mail to a manager was not sent", False: "Mails to managers were not sent"},
    expired_body={
        True: "The time for this mail passed before it could go out. It will not be sent.\n\n{mails}\n\n{reason}"
        "What to do: if it matters, say it yourself, by telephone or in your own mail.",
        False: "The time for these mails passed before they could go out. They will not be sent.\n\n{mails}\n\n"
        "{reason}What to do: if it matters, say it yourself, by telephone or in your own mail.",
    },
)
NOTE = NoteSentences(
    kinds={
        "draft": "Draft: {what}",
        "hand-over": "Handed over to you: {what} has not written for a while",
        "wrote": "{what} wrote to me and needs an answer from a person",
        "question": "Without a reply: {what}",
        "talk": "A manager wants to talk: {what}",
        "not yet": "A manager has no time for it yet: {what}",
        "failed": "Not delivered: {what}",
        "practice": "For the practice library, if you want: {what}",
    },
    who="{manager}, manager of {learners}",
    who_unnamed="the manager of {learners}",
    how={
        "decide": "Reply “yes {number}, thank you” or “no {number}: your reason”",
        "done": "Once it is done, reply “done {number}, thank you”",
    },
    otherwise={
        "draft": "Decide on your desk, or with `lcm drafts`",
        "talk": "Once you have talked: `lcm briefing settle` with the address that `lcm briefings` shows",
        "not yet": "Once you have seen it: `lcm briefing settle` with the address that `lcm briefings` shows",
        "failed": "`lcm retry` tries again",
        "practice": "Keep it with “Mark as practice” in the topic, or with `lcm practices mark`",
    },
    since={True: "since yesterday", False: "for {days} days"},
    today="since today",
    more={True: "One more thing waits behind these.", False: "{count} more things wait behind these."},
    waiting={True: "One thing waits for an LCM.", False: "{count} things wait for an LCM."},
    nothing="Nothing waits for an LCM.",
)
