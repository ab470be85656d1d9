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
        "opportunity": ("Occasion", "occasions", "opportunity", "opportunities"),
        "practice": ("Practice", "exercises"),
        "planning": ("Plan", "plans", "planning"),
        "self-belief": ("Confidence", "courage", "self-belief"),
        "relevance": ("Content", "material", "relevance"),
        "firm": ("Organisation", "organization", "rules", "tools"),
        "motivation": ("Motivation", "reason"),
    },
    seen={"yes": "Yes, I have seen it", "not-yet": "Not yet", "talk": "Let us talk"},
    reasons={
        "ask": "Some weeks have passed: everybody is asked how much they have used it, and what came of it.",
        "nobody": "nobody is in the cohort whom it could ask",
        "few": "answers so far: {answered}; cases are chosen from five answers on",
        "chosen": "Answers so far: {answered}. People chosen for a conversation: {number}.",
        "none": "answers so far: {answered}; none is high or low enough to stand for a case",
        "best": "{name} answered “{answer}”, one of the highest answers given.",
        "worst": "{name} answered “{answer}”, one of the lowest answers given.",
        "words": "Wrote what came of it.",
        "signs": "Posts on the forum that speak of it: {number}.",
        "lot": "Drawn by lot among {number} people whose answers are alike.",
        "manager": "{name} allows that {manager} is asked one question about it.",
        "mails": "Managers to be asked: {number}.",
        "no_mails": "no manager is to be asked: nobody chosen allows it, or none is known, or they want no mails",
        "guide": "{name} is willing to talk about it.",
    },
    report={
        "title": "Success case study",
        "intro": (
            "Some weeks after the programme everybody was asked two questions: how often they have used at work "
            "what they learned, and what came of it. The highest and the lowest answers were followed up in "
            "conversations. The extremes show what works, and what stands in the way; they are not an average."
        ),
        "answers": "Who answered",
        "rate": "{answered} of {asked} people answered ({share}).",
        "nobody_asked": "Nobody has been asked so far.",
        "few": "Fewer than five people answered. Their answers are not shown, and no cases were chosen.",
        "low_rate": "Fewer than half answered: read all that follows with that in mind.",
        "level": "Answer",
        "people": "People",
        "chart": "How often people have used at work what they learned",
        "merged": "Answers that fewer than five people gave stand together with their neighbours.",
        "hidden": "How the answers are spread is not shown: too few people gave one answer or another.",
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
        "factor": "What",
        "helped_count": "Helped in",
        "hindered_count": "Hindered in",
        "factors_why": "Each number counts conversations in which it was named.",
        "protected": (
            "Of the answers, no group of fewer than five people is shown. Each case is told because the person agreed "
            "to a conversation for this report. Names and quotations are shown only where the person agreed to that "
            "too."
        ),
        "as_of": "As of",
        "data": "The answers as CSV",
        "factor_data": "What helped and hindered as CSV",
    },
)
