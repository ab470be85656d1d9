"""What each command does, in a sentence: `lcm --help` shows these without importing a single command."""

from __future__ import annotations

SUMMARIES = {
    "init": "Write a commented lcm.yaml and a small roster.csv.",
    "check": "Check configuration, connection, key, rights and the forum's settings.",
    "sync": "Compare the roster with the forum, and make them agree.",
    "people": "Settle whose an account is, where roster and forum contradict each other.",
    "facts": "Import, list, show and forget what is known of people beyond who they are.",
    "cohort": "List the cohorts; pause, resume or shift the journey of one.",
    "playbook": "List, check, show, preview and run the plans for a cohort's journey.",
    "rehearse": "Play a whole playbook with the real roster on a practice forum.",
    "drafts": "List and decide on texts that wait for an LCM's decision.",
    "desk": "Take in what was decided on the forum, and bring the desks up to date.",
    "roundup": "Show the roundup that would be written now, and why.",
    "stories": "Show the posts that could be told as a story, best first.",
    "resources": "Show which resources a cohort got, and how often each was opened.",
    "commitments": "Show what the people of a cohort planned, and what became of it.",
    "survey": "Show what came back to the questions of a survey.",
    "participation": "Show how learners take part, and who may need a hand.",
    "network": "Show who answers whom, and who is connected to nobody.",
    "assignment": "Give single people more time for a task.",
    "report": "Write a report on one cohort or all, as HTML and CSV.",
    "run": "Look after all cohorts and their people until stopped.",
    "retry": "List what was given up, and try it again or drop it.",
    "recover": "Show what a restored forum has lost, and bring it back.",
    "status": "Show each cohort: what was done, what waits, what comes next.",
    "history": "Show what the worker did on the forum, or was about to do.",
    "forget": "Forget a person everywhere, and prove it by a search.",
    "export": "Write all that is held about a person, as JSON.",
    "practice-forum": "Serve a small forum to try everything out on.",
    "demo": "Play six weeks of two cohorts on a practice forum.",
}
