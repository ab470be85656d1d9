"""Turns of phrase that tell what a sentence does, in French."""

from __future__ import annotations

from sync_worker.languages.cue_words import CueWords

CUES = CueWords(
    tried=(
        r"\bj['’]ai (?:donc |enfin |simplement |d['’]abord |aussi |tout )?\w+(?:é|i|is|it|u|ert|oint|aint)\b",
        r"\bj['’]ai (?:fait|dit|mis|pris|écrit)\b",
        r"\b(?:nous avons|on a) (?:donc |d['’]abord )?\w+(?:é|i|is|it|u|ert)\b",
        r"\bje (?:me|m['’])\s?suis \w+(?:é|ée|is|ise|u|ue)\b",
    ),
    outcome=(
        r"\b(?:résultat|du coup|au final|finalement|depuis|au lieu d[e’'])",
        r"\b(?:ça|cela) (?:n['’])?(?:a |m['’]a |nous a )?(?:marché|aidé|fonctionné|changé|pris|suffi|marche)\b",
        r"\b(?:contre|au lieu de) (?:\d+|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|zéro)\b",
        r"\b(?:minutes|heures|questions|fois|erreurs) de (?:moins|plus)\b",
        (
            r"\b(?:nous gagnons|nous avons (?:changé|rattrapé|trouvé)|ne m['’]évite plus|rien (?:corrigé|"
            r"à reprendre))\b"
        ),
        r"\b(?:deux|trois|quatre|cinq) fois (?:moins|plus)\b",
        (
            r"\b(?:a duré|avons gagné|j['’]ai gagné|a pris|est revenue?|a proposé|a accepté|m['’]a remercié|"
            r"a suffi|ont proposé)\b"
        ),
    ),
    lesson=(
        (
            r"\b(?:ce que j(?:e |['’]en )(?:retiens|garde)|je retiens|j['’]en ai fait ma règle|ma règle|"
            r"vaut (?:mieux|la peine)|valait la peine|suffit|suffisent|la prochaine fois|désormais|je confondais|"
            r"ne coûtent? rien|m['’]en a (?:plus |mieux )?appris|fait la différence|j['’]avais (?:confondu|"
            r"toujours)|change tout|c['’]est ce qui)\b"
        ),
    ),
    settles=(r"\b(?:résolu|trouvé|la solution|ça marche)\b",),
    thanks=(r"\bmerci\b",),
    unsure=(
        (
            r"\b(?:je ne (?:sais|comprends|vois|suis)|aucune idée|peut-être|j['’]espère|j['’]aimerais|je voudrais|"
            r"quelqu['’]un|je vais)\b"
        ),
    ),
    empty_question=(
        (
            r"\b(?:quelqu['’]un|une idée|des idées|qui a (?:vécu|déjà|de l['’]expérience)|que (?:feriez|"
            r"faites)-vous \?|pouvez-vous m['’]aider|est-ce (?:normal|possible|juste))\b"
        ),
    ),
    unanswerable=(r"\brésolu\b",),
    number=(
        r"\b\d+(?:[.,]\d+)?\s?(?:%|minutes?|h|heures?|jours?|semaines?|personnes|fois|questions?)\b",
        (
            r"\b(?:une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|trente|quarante|"
            r"cinquante) (?:minutes|heures?|jours|semaines|personnes|fois|questions)\b"
        ),
    ),
    says_stuck=(
        r"^\W*(?:bloquée?s?|coincée?s?|blocage)\b",
        r"\b(?:je suis|nous sommes|suis|toujours) (?:bloquée?s?|coincée?s?)\b",
    ),
    shares_trouble=(r"^\W*(?:moi aussi|nous aussi|pareil|idem|m[eê]me (?:souci|probl[eè]me|question))\b",),
    trouble_over=(r"\b(?:résolue?|ça marche|débloquée?|trouvé)\b",),
    announced=(r"^ce que j(?:e |['’]en )(?:retiens|garde)[^:,.]{0,20}[\s\u00a0]*: ",),
    aside=(
        (
            r"^(?:désolée?|pardon|j['’]écris|un peu tard|ce n['’]est pas grand-chose|c['’]était \w+, donc|"
            r"c['’]est (?:à peu près )?(?:comme cela|ainsi) que je)\b"
        ),
    ),
    asks=(
        (
            r"^(?:(?:à|de|en|avec|pour|par|sur|chez|depuis) )?(?:qui|que|quoi|quel|quelle|quels|quelles|où|quand|"
            r"comment|"
            r"combien|pourquoi|est-ce|lequel|laquelle)\b"
        ),
        r"^(?:d['’]où|qu['’])",
        r"^[^\W\d_]+-(?:vous|tu|nous|on|t-on|t-il|t-elle|il|elle|ce)\b",
    ),
    leans=(
        r"\b(?:cela|ça|ceci|ci-dessus|celui|celle)\b",
        r"^(?:en|y) ",
        r"\b(?:l|s|n)['’](?:annonc|expliqu|utilis)|\bles autres\b",
    ),
    seeks_help=(
        (
            r"\b(?:je me demand\w+|(?:une|des|quelques?) (?:aide|idées?|conseils?|pistes?) (?:serai\w+|sur|pour|à)|"
            r"j['’]ai besoin d['’](?:aide|un conseil)|je cherche (?:de l['’]aide|un moyen|des conseils|comment)|"
            r"je ne (?:sais|comprends) "
            r"pas (?:comment|pourquoi|quoi|où)|je n['’]arrive pas|j['’]aimerais (?:savoir|comprendre)|ma question|"
            r"aidez-moi|"
            r"quelqu['’]un (?:sait|a|aurait|connaît|peut))\b"
        ),
    ),
    trouble_title=(
        (
            r"\b(?:problèmes?|soucis?|erreurs?|aide|échou\w+|échec|plant\w+|bogues?|bugs?|bloqu\w+|ne (?:marche|"
            r"fonctionne) "
            r"(?:pas|plus)|impossible|n['’]arrive pas)\b"
        ),
    ),
)
