"""Turns of phrase, English and French, that tell what a sentence does: advise, report a result, ask, thank."""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


# What somebody did, in the first person.
TRIED = _any(
    r"\b(?:i|we)(?:['’]ve| have)? (?:\w+ly )?(?:just |then |now |first |also |simply )?(?:tried|asked|wrote|started|"
    r"stopped|"
    r"said|told|gave|made|put|moved|let|used|set|changed|began|took|kept|left|replaced|split|added|removed|invited|"
    r"handed|delegated|prepared|opened|closed|listened|waited|booked|blocked|named|listed|drew|cut|rewrote|agreed|"
    r"decided to|chose|switched|turned|sent|read|ran|held|went|found|solved|fixed|walked|shared|offered|named|"
    r"repeated|"
    r"swapped|proposed|picked|called|met|thanked|praised|paused|counted|dropped|described)\b",
    r"\bj['’]ai (?:donc |enfin |simplement |d['’]abord |aussi |tout )?\w+(?:é|i|is|it|u|ert|oint|aint)\b",
    r"\bj['’]ai (?:fait|dit|mis|pris|écrit)\b",
    r"\b(?:nous avons|on a) (?:donc |d['’]abord )?\w+(?:é|i|is|it|u|ert)\b",
    r"\bje (?:me|m['’])\s?suis \w+(?:é|ée|is|ise|u|ue)\b",
)
# What came of it.
OUTCOME = _any(
    r"\b(?:it|that|this|which) (?:\w+ )?(?:worked|works|helped|helps|made|saved|took|did the (?:trick|job)|fixed|"
    r"solved)\b",
    r"\bworks? (?:as expected|fine|well|now|perfectly|great)\b",
    r"\b(?:as a result|the result|in the end|turned out|turns out|since then|by (?:the end|friday|thursday|"
    r"wednesday))\b",
    r"\binstead of (?:the |its |about )?(?:\d+|two|three|four|five|six|seven|eight|nine|ten|an hour|half)\b",
    r"\bfrom \w+ (?:minutes|hours|days|weeks)? ?(?:down )?to \w+",
    r"\b(?:faster|shorter|sooner|less time|half the time|twice|fewer)\b",
    r"\b(?:took|lasted|saved|finished|ended)\b.{0,40}\b(?:\d+|one|two|three|four|five|six|ten|twenty|thirty|half)\b",
    r"\b(?:came back with|thanked me|said yes|agreed|spoke up|nobody)\b",
    r"\bproblem (?:is )?(?:solved|gone)\b",
    r"\b(?:résultat|du coup|au final|finalement|depuis|au lieu d[e’'])",
    r"\b(?:ça|cela) (?:n['’])?(?:a |m['’]a |nous a )?(?:marché|aidé|fonctionné|changé|pris|suffi|marche)\b",
    r"\b(?:contre|au lieu de) (?:\d+|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|zéro)\b",
    r"\b(?:minutes|heures|questions|fois|erreurs) de (?:moins|plus)\b",
    r"\b(?:nous gagnons|nous avons (?:changé|rattrapé|trouvé)|ne m['’]évite plus|rien (?:corrigé|à reprendre))\b",
    r"\b(?:deux|trois|quatre|cinq) fois (?:moins|plus)\b",
    r"\b(?:a duré|avons gagné|j['’]ai gagné|a pris|est revenue?|a proposé|a accepté|m['’]a remercié|a suffi|"
    r"ont proposé)\b",
)
# What somebody takes away from it.
LESSON = _any(
    r"\b(?:what i (?:take|keep|learned|learnt)|i (?:used to|had confused|had always|had never)|my rule|is worth|"
    r"was worth|costs? nothing|"
    r"taught me|beats?\b|turns out|turned out|is enough|are enough|matters|the difference|next time|from now on|"
    r"it is the reason)\b",
    r"\b(?:ce que j(?:e |['’]en )(?:retiens|garde)|je retiens|j['’]en ai fait ma règle|ma règle|vaut (?:mieux|"
    r"la peine)|valait la peine|suffit|suffisent|la prochaine fois|désormais|je confondais|"
    r"ne coûtent? rien|m['’]en a (?:plus |mieux )?appris|fait la différence|j['’]avais (?:confondu|toujours)|"
    r"change tout|c['’]est ce qui)\b",
)
# What settles a question.
SETTLES = _any(
    r"\b(?:solved|fixed|fix is|solution|workaround|found (?:it|the|a|out)|figured (?:it )?out|the (?:problem|reason|"
    r"cause|culprit|issue) (?:was|is)|"
    r"works? now|it works|did the trick|résolu|trouvé|la solution|ça marche)\b",
)
# Thanks: a person who asked and then thanks has stopped asking. The word does not say what for, or whether it worked.
THANKS = _any(r"\bthank(?:s| you)\b", r"\bmerci\b", r"\bcheers\b", r"\bthx\b")
# Sentences that are about wishes, plans or not knowing, not about something found out.
UNSURE = _any(
    r"\b(?:i (?:don['’]?t|do not|can['’]?t|cannot|am not|didn['’]?t|could not|couldn['’]?t)|i['’]m not|no idea|"
    r"i guess|i wonder|i hope|maybe|perhaps|"
    r"i (?:will|plan|want|would like|wish|need)|i['’]ll|i['’]d like|i was wondering|not working|doesn['’]?t work|"
    r"does not work|"
    r"what i (?:mean|am saying|want)|i (?:assume|bet|might|sure|for one|consider|think|feel|know|believe|see if|"
    r"wanted)|i['’]m sure|my guess|apparently|as you can see|if this|how (?:do|can|would|should) (?:you|i|we)|"
    r"what do|"
    r"i(?:['’]m| am)(?: just)? (?:guessing|trying|curious)|i(?:['’]ve| have) been trying|i ran into|if i had to|"
    r"looks like|not sure|i meant|i imagine|i try|i remember|time.consuming|neither worked|"
    r"i (?:doubt|still|honestly|wish|am fine)|i['’]m fine|complain\w*|in theory|so far|your idea|no right to|"
    r"on the (?:left|right)|(?:first|second|last) (?:image|picture|video)|hopefully|i am afraid|would be (?:nice|"
    r"great|cool|good)|"
    r"any (?:idea|help|suggestion)s?|anyone (?:know|else|has|have|got|help)\w*|"
    r"same (?:problem|issue|error)|stuck|fails?|crash\w*|errors?)\b",
    r"\b(?:je ne (?:sais|comprends|vois|suis)|aucune idée|peut-être|j['’]espère|j['’]aimerais|je voudrais|"
    r"quelqu['’]un|je vais)\b",
)
EMPTY_QUESTION = _any(
    r"\b(?:anyone|anybody|any (?:idea|thought|help|suggestion|tip|pointer|clue|hint)s?|am i|if i am|did (?:someone|"
    r"anyone)|is (?:this|that|it) (?:correct|right|possible|normal|ok)|"
    r"what am i|what['’]s wrong|what is wrong|help me|thoughts|could you (?:help|tell)|can you (?:help|tell)|"
    r"why is that|how come|"
    r"quelqu['’]un|une idée|des idées|qui a (?:vécu|déjà|de l['’]expérience)|"
    r"que (?:feriez|faites)-vous \?|pouvez-vous m['’]aider|est-ce (?:normal|possible|juste))\b",
)
UNANSWERABLE = _any(r"\[solved", r"\(solved", r"\bsolved\]", r"\brésolu\b")
NUMBER = _any(
    r"\b\d+(?:[.,]\d+)?\s?(?:%|minutes?|mins?|hours?|h|heures?|days?|jours?|weeks?|semaines?|people|personnes|times|"
    r"fois|questions?)\b",
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|half an|"
    r"an) (?:minutes|hours?|days|weeks|people|times|questions)\b",
    r"\b(?:une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|trente|quarante|"
    r"cinquante) (?:minutes|heures?|jours|semaines|personnes|fois|questions)\b",
)
