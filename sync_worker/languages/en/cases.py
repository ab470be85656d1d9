"""A success case study in English: its questions and answers, what LCMs note, why, and the words of its report."""

from __future__ import annotations

from sync_worker.languages.sentences import CaseSentences

CASES = CaseSentences(
    options=("Not at all", "Once or twice", "Several times", "Almost every week"),
    levels=(
        ("never", "not once", "not so far", "not yet"),
        ("once", "twice", "a little", "one or two times"),
        ("a few times", "sometimes", "three times", "four times"),
        ("every week", "each week", "most weeks", "all the time", "often", "every day"),
    ),
    consents={
        "conversation": ("Yes, let us talk", "No, I would rather not"),
        "named": ("With my name", "Without my name"),
        "manager": ("You may ask my manager", "Please do not ask my manager"),
    },
    doubts={
        "conversation": ("rather", "mind", "withdraw", "back", "cancel", "stop", "regret", "delete", "nothing"),
        "named": ("name", "named", "names", "anonymous", "anonymously", "anonymity"),
        "manager": ("manager", "managers", "boss", "supervisor", "superior"),
    },
    notes={
        "used": ("used",),
        "result": ("result", "results"),
        "helped": ("helped", "helps"),
        "hindered": ("hindered", "hinders"),
        "confirm": ("confirm", "confirms", "who can confirm"),
    },
    factors={
        "manager": ("Manager", "managers", "boss"),
        "peers": ("Colleagues", "colleague", "peers", "team"),
        "time": ("Time",),
        "opportunity": ("Opportunity", "opportunities", "occasion", "occasions"),
        "practice": ("Practice", "exercises"),
        "planning": ("Plan", "plans", "planning"),
        "self-belief": ("Confidence", "courage", "self-belief"),
        "relevance": ("Content", "material", "relevance"),
        "firm": ("Organisation", "organization", "rules", "tools"),
        "motivation": ("Motivation", "reason"),
    },
    seen={"yes": "Yes, I have seen it", "not-yet": "Not yet", "talk": "Let us talk"},
    reasons={
        "ask": "Some weeks have passed: it is time to ask everybody how often it has been of use, and what came of it.",
        "nobody": "there is nobody in the cohort to ask",
        "few": "answers so far: {answered}; cases are chosen from five answers on",
        "chosen": "Answers so far: {answered}. People chosen for a conversation: {number}.",
        "best": "{name} answered “{answer}”, one of the highest answers given.",
        "worst": "{name} answered “{answer}”, one of the lowest answers given.",
        "words": "There is also a sentence on what came of it.",
        "signs": "Posts on the forum about it: {number}.",
        "lot": "Drawn by lot among {number} people whose answers are alike.",
        "manager": "{name} has agreed that {manager} may be asked one question.",
        "mails": "Managers to be asked: {number}.",
        "no_mails": "no manager to ask: none of those chosen has agreed, no address is known, or mails are unwanted",
        "guide": "{name} is willing to talk about it.",
    },
    report={
        "title": "Success case study",
        "intro": (
            "Some weeks after the programme everybody was asked two questions: how often they had put what they "
            "learned to use at work, and what had come of it. The highest and the lowest answers were followed up in "
            "conversations. The extremes show what works, and what stands in the way; they are not an average."
        ),
        "answers": "Who answered",
        "rate": "{answered} of {asked} people answered ({share}).",
        "nobody_asked": "Nobody has been asked so far.",
        "few": "Fewer than five people answered. Their answers are not shown, and no cases were chosen.",
        "low_rate": "Fewer than half answered: read what follows with that in mind.",
        "level": "Answer",
        "people": "People",
        "chart": "How often people have put what they learned to use at work",
        "merged": "An answer that fewer than five people gave is counted together with the one next to it.",
        "hidden": "How the answers are spread is not shown, because too few people gave some of them.",
        "cases": "The cases",
        "best": "Where it worked",
        "worst": "Where it did not",
        "no_cases": "No conversation has been written down so far.",
        "someone": "One person",
        "used": "What was used",
        "result": "What came of it",
        "helped": "What helped",
        "hindered": "What hindered",
        "manager_yes": "A manager has seen it.",
        "manager_not yet": "A manager has not seen it yet.",
        "manager_talk": "A manager wanted to talk about it first.",
        "manager_none": "No manager has confirmed it.",
        "factors": "What helped and what hindered",
        "factor": "Factor",
        "helped_count": "Helped in",
        "hindered_count": "Hindered in",
        "factors_why": "Each number says in how many conversations the factor was named.",
        "protected": (
            "Answers are shown for groups of at least five people only. A case is told only where the person agreed to "
            "a conversation for this report. Names and quotations are shown only where the person agreed to that "
            "too."
        ),
        "as_of": "As of",
        "data": "The answers as CSV",
        "factor_data": "What helped and hindered as CSV",
    },
)
