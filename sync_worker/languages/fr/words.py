"""The words and turns of phrase by which posts in French are read."""

from __future__ import annotations

from sync_worker.languages.words import (
    NEVER,
    SEVERE,
    WEAK,
    CueWords,
    DayWords,
    Doubt,
    HeadingWords,
    ReadingWords,
    listed,
)

CUES = CueWords(
    tried=(
        (
            r"\bj['’]ai (?:donc |enfin |simplement |d['’]abord |aussi |tout )?"
            r"(?!(?:trois|promis|juré|choisi|décidé|prévu)\b)\w+(?:é|i|is|it|u|ert|oint|aint)\b"  # a number, or a plan
        ),
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
        r"\bj(?:e |['’])(?:\w+ ){0,2}(?!vrai\b)\w*rai\b",  # « je lui dirai », « j’attendrai » : still to be done
    ),
    empty_question=(
        (
            r"\b(?:quelqu['’]un|une idée|des idées|qui a (?:vécu|déjà|de l['’]expérience)|que (?:feriez|"
            r"faites)-vous \?|pouvez-vous m['’]aider|est-ce (?:normal|possible|juste))\b"
        ),
    ),
    rhetorical=(
        r"^(?:n['’](?:est|a|y a)|ne (?:sont|peut|peuvent|devrait|devraient|serait|faudrait))\b",
        r"^(?:pourquoi (?:pas|ne pas)|et si|à quoi bon|qui s['’]en (?:soucie|moque)|sondage)\b",
        r"^(?:aimez|préférez|voulez|soutenez|pensez|croyez)-vous\b",
    ),
    quarrels=(
        (
            r"\b(?:bannie?s?|bannir|exclue?s? du forum|code de conduite|diffam\w*|harc[eè]l\w*|attaques? personnelles?|"
            r"malhonnêt\w*|ta gueule|grossi(?:er|ère|èreté)s?|condescendant\w*)\b"
        ),
        (
            r"\b(?:stupid\w*|idiote?s?|crétin\w*|imbécile\w*|ridicule\w*|n['’]importe quoi|merde|putain|conneries?|"
            r"ras.le.bol|marre|taisez-vous|tais-toi|perte de temps|(?:votre|ton) (?:attitude|ton|ego|comportement)|"
            r"hypocri\w+|deux poids,? deux mesures|arrogan\w+|insult\w+|irrespect\w*|méprisant\w*|mépris|"
            r"mensonges?|menteu(?:r|se)s?|accus(?:e|es|ez|er|ations?)|pathétique\w*|toxique\w*|insupportable\w*|"
            r"inadmissible\w*|scandaleu\w+|honteu\w+|déteste)\b"
        ),
    ),
    success=(
        r"\b(?:ça|cela|tout|ce qui) (?:a |m['’]a |nous a )?(?:marché|marche|fonctionné|fonctionne|aidé|suffi|changé)\b",
        r"\b(?:j['’]ai|nous avons|on a) (?:enfin |finalement )?(?:réussi|résolu|réparé|corrigé|trouvé la solution)\b",
        r"\b(?:problème|souci) (?:est |a été )?(?:maintenant )?(?:résolu|réglé|corrigé)\b",
        r"\b(?:contre|au lieu de) (?:\d+|deux|trois|quatre|cinq|six|sept|huit|neuf|dix)\b",
        r"\b(?:deux|trois|quatre|cinq|dix|\d+) ?(?:fois|%) (?:moins|plus)\b",
    ),
    half_a_success=(r"\b(?:jusqu['’]|mais|seulement|sauf|à moins|pas|jamais|presque|devrait|pourrait|serait|si)\b",),
    announces=(r"\b(?:téléchargement|téléchargez|version \d|v\d|disponibles? (?:sur|ici|dès))\b",),
    added_later=(r"^\W*(?:[ée]dit|modification|mise à jour|p\.?-?s)\b",),
    still_in_trouble=(
        (
            r"\b(?:n['’](?:a|ai|ont)|ne) (?:\w+ )?(?:pas|jamais|rien) (?:encore |vraiment )?(?:marché|fonctionné|"
            r"aidé|changé|résolu)\b"
        ),
        r"\b(?:ne (?:marche|fonctionne) (?:pas|plus|toujours)|en vain|sans (?:succès|effet)|rien n['’]a changé|pire)\b",
        r"\b(?:toujours pas|pas encore|malheureusement|hélas|abandonné|au point de départ|bloquée?s?)\b",
        r"\b(?:autre|nouveau|seul) (?:problème|souci)\b",
    ),
    takes_back=(
        r"\b(?:je me suis trompée?|je me trompais|j['’]avais tort|(?:autant|au temps) pour moi|je retire ce que)\b",
        (
            r"\b(?:oubliez (?:ce que|mon|cela)|ne tenez pas compte|finalement,? (?:cela|ça) ne (?:marche|"
            r"fonctionne) pas|ne (?:marche|fonctionne) toujours pas|toujours le même problème)\b"
        ),
        r"^\W*(?:edit|édit|mise à jour)\b\W.*\b(?:en fait non|faux|erroné|plus valable|pas exact)\b",
    ),
    seeks_views=(
        (
            r"\b(?:(?:vos|tous les) (?:avis|retours|idées|remarques|commentaires|suggestions)|votre avis|"
            r"dites-moi|dites-nous|"
            r"n['’]hésitez pas|(?:curieux|curieuse) de (?:savoir|connaître|lire)|qu['’]en (?:pensez|dites)-vous)\b"
        ),
    ),
    contradicts=(
        (
            r"^\W*(?:non|faux|pas (?:vraiment|tout à fait|exactement)|(?:ce n['’]est|c['’]est) (?:pas (?:vrai|"
            r"exact|juste)|faux|inexact)|je ne pense pas|pas d['’]accord)(?!\w)"
        ),
        (
            r"\b(?:(?:c['’]est|ce n['’]est) (?:faux|inexact|pas (?:vrai|exact|juste|le cas))|vous (?:vous trompez|"
            r"avez tort)|"
            r"tu (?:te trompes|as tort)|je ne suis pas d['’]accord|je ne (?:pense|crois) pas|mauvaise idée|dangereux)\b"
        ),
    ),
    limits=(
        (
            r"^\W*(?:mais|cependant|ceci dit|d['’]un autre côté|encore que|"
            r"toutefois|pourtant|malheureusement|hélas|sauf que|en revanche|or|reste que|cela dit|"
            r"néanmoins|seul bémol|le (?:seul )?(?:bémol|problème|hic)|par contre|il (?:se trouve|s['’]avère)|edit)\b"
        ),
    ),
    draws_lesson=(
        (
            r"^(?:ce que j(?:e |['’]en )(?:retiens|garde|retire)|(?:j['’]en|je) retiens|ma (?:règle|leçon|conclusion)|"
            r"(?:la )?leçon|la prochaine fois,? (?:je|nous)|désormais,? (?:je|nous)|j['’](?:y )?ai appris (?:que|à))\b"
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
    blocker_tags=("blocage", "bloqué", "coincé"),
    says_stuck=(
        r"^\W*(?:bloquée?s?|coincée?s?|blocage)\b",
        r"\b(?:je suis|nous sommes|suis|toujours) (?:bloquée?s?|coincée?s?)\b",
    ),
    shares_trouble=(r"^\W*(?:moi aussi|nous aussi|pareil|idem|m[eê]me (?:souci|probl[eè]me|question))\b",),
    trouble_over=(r"\b(?:résolue?|ça marche|débloquée?|trouvé)\b",),
    announced=(
        (
            r"^(?:ce que j(?:e |['’]en )(?:retiens|garde|retire)|(?:j['’]en|je) retiens|ma (?:règle|leçon|conclusion)|"
            r"(?:la )?leçon)[^:,.]{0,20}[\s\u00a0]*: "
        ),
    ),
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
        r"\ben question\b",
        r"\b(?:l|s|n)['’](?:annonc|expliqu|utilis)|\bles (?:autres|deux)\b",
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


# French words that tell whether a sentence stands on its own.


READING = ReadingWords(
    opens_a_lean=listed(
        """
        il elle ils elles ce c'est c'était cela ça ceci celui celle ceux celles lui leur leurs y en là mais et ou donc
        alors aussi ensuite puis car parce pourtant cependant toutefois néanmoins tandis sinon or d'où dont lequel
        laquelle lesquels lesquelles même idem également enfin bref voilà voici ainsi tel telle
        """
    ),
    points_back=listed(
        """
        il elle ils elles lui leur leurs eux cela ça ceci celui celle ceux celles celui-ci celle-ci celui-là celle-là
        ci-dessus ci-dessous
        """
    ),
    names_a_thing=listed(
        """
        le la les l un une des du au aux mon ma mes ton ta tes notre nos votre vos chaque quelques plusieurs tous toutes
        deux trois quatre cinq
        """
    ),
    shows=(
        r"\b(?:cet|cette|ces|ce(?= [^\W\d_])(?! (?:qui|que|dont|n'|ne|sont|sera|serait|doit|peut)\b)|"
        r"une? tel(?:le)?)\b"
        r"(?! (?:année|après-midi|automne|été|fois|hiver|matin|mois|printemps|semaine|soir)\b) ?(?P<what>[\w-]*)"
    ),
    points_out=(
        "dans ce message",
        "dans ce sujet",
        "avait écrit ici",
        "a écrit ici",
        "ai lu cela",
        "lendemain de ma lecture",
        "ce que racontait",
        "ce que raconte",
        "ce que vous décrivez",
        "ce que tu décris",
        "dans cette discussion",
        "dans mon message",
        "dans mon précédent",
        "dans ce cas",
        "dans votre cas",
        "pour ce faire",
        "comme je l'ai dit",
        "comme je le disais",
        "comme vous le dites",
        "comme vous l'avez dit",
        "comme tu dis",
        "vous avez raison",
        "je suis d'accord",
        "votre question",
        "votre message",
        "ci-joint",
        "voir plus haut",
        "voir plus bas",
    ),
    empty=listed(
        """
        a afin ai ainsi alors après as assez au aucun aucune aujourd'hui aura aussi autant autre autres aux avais avait
        avant avec avez avoir avons beaucoup bien bon bonne car ce ceci cela celle celles celui cependant ces cet cette
        ceux chaque chez chose choses comme comment d dans de debout dedans dehors déjà demain depuis dernier dernière
        des dès deux devant devrait dit doit donc dont du elle elles en encore enfin entre es est et était étaient été
        être eu eux faire fais fait faut fois font furent grand ici il ils j je jamais jour jusque l la là le les leur
        leurs lors lui m ma maintenant mais me même mêmes merci mes mettre mieux moi moins mon n ne ni non nos notre
        nous on ont or ou où oui par parce parfois pas passé pendant personne peu peut peuvent plus plutôt plusieurs
        pour pourquoi pouvez presque puis puisque qu quand que quel quelle quelles quelque quelques quels qui quoi
        rien s sa sans se sera ses seulement si sien soit sommes son sont sous souvent sur t ta tant te tel telle tes
        toi ton toujours tous tout toute toutes très trop tu un une va vers voici voilà vos votre vous vraiment vu y à
        """
    ),
    chat=listed(
        """
        bonjour salut bonsoir merci désolé désolée pardon oui non d'accord ok okay bravo félicitations super génial
        exactement voilà bref ps bonne bon bien
        """
    ),
    withdrawn=(
        r"^\W*(?:(?:edit|édit|modification|mise à jour)\W+)?(?:retiré|annulé|obsolète|périmé|dépassé|oubliez (?:ce|"
        r"mon|"
        r"cette)|ignorez (?:ce|mon|cette)|ne tenez pas compte|(?:ce message|ce sujet|mon \w+|ma \w+) (?:est|"
        r"était) (?:faux|"
        r"fausse|erroné|erronée|inexact|inexacte|périmé|périmée|dépassé|dépassée))(?!\w)"
    ),
    presents=(
        r"\b(?:en bref|en résumé|pour résumer|(?:j'ai|nous avons|on a) (?:\w+ )?(?:fait|construit|écrit|créé|publié|"
        r"corrigé|terminé|trouvé|découvert|mesuré|proposé|comparé|testé|résolu|mis au point|mis en place)|"
        r"(?:je|nous) (?:vous )?(?:propose|proposons|présente|présentons|recommande|recommandons)|"
        r"je (?:voudrais|souhaite|voulais) (?:vous )?(?:partager|proposer|présenter)|"
        r"(?:ce|cette|le|la) (?:message|proposition|document|article|rapport|outil|version) "
        r"(?:définit|décrit|propose|présente|explique|ajoute|corrige|contient)|l'idée (?:est|c'est)|"
        r"est (?:désormais |maintenant )?(?:disponible|publiée?|en ligne))\b"
    ),
    advises=(
        r"\b(?:vous|tu|on) (?:pouvez|pourriez|devriez|devez|peux|pourrais|devrais|dois|peut|devrait)\b|"
        r"\bil (?:faut|faudrait|vaut mieux|suffit)\b|"
        r"^(?:assurez-vous|demandez|essayez|gardez|laissez|mettez|commencez|arrêtez|prenez|écrivez|donnez|nommez|"
        r"utilisez|pensez|évitez|n'\w+ pas|ne \w+ pas)\b"
    ),
    says_what_it_is=(
        r"(?:est|sont|permet(?:tent)?|donne(?:nt)?|offre(?:nt)?|contient|contiennent|corrige(?:nt)?|"
        r"résout|résolvent|réduit|réduisent|ajoute(?:nt)?|améliore(?:nt)?|peut|peuvent|doit|doivent|a|ont)\b"
    ),
    points_back_to_somebody=listed("lui"),
    brings_somebody_in=listed("un une mon ma notre votre chaque quelqu'un"),
    points_back_to_many=listed("ils elles leur leurs eux ceux celles"),
    no_pointers=(
        r"\b(?:et|ou) (?:antérieure?s?|ultérieure?s?|inférieure?s?|supérieure?s?|au-delà|en deçà)\b|"
        r"\bil (?:y a|y avait|faut|fallait|faudrait|s'agit|suffit|vaut mieux|"
        r"est (?:utile|possible|difficile|facile|important|préférable|nécessaire)(?= (?:de|d'|que)))"
    ),
    itself=(
        r"^(?:ceci est|voici) (?:une? |la |le |ma |mon )|\b(?:ce|cet|cette) (?:version|message|proposition|document|"
        r"article|outil|bibliothèque|enquête|série|projet|rapport|lettre|note|guide|tutoriel|jeu|sujet)\b"
    ),
    doubts=(
        Doubt(
            r"\b(?:ce|cet|cette|ces)\b(?! (?:qui|que|dont|n'est|sont|sera|soir|matin|après-midi|semaine|mois|année|"
            r"printemps|été|automne|hiver|jour-là)\b)",
            WEAK,
        ),
        Doubt(r"\b(?:ça|cela|celui-ci|celle-ci|ceux-ci|celui-là|celle-là|ceux-là)\b", WEAK),
        Doubt(
            r"\b(?:il|elle|ils|elles|lui|leur|leurs|eux|le même|la même|les mêmes)\b(?! (?:y a|faut|s'agit|"
            r"est (?:utile|"
            r"possible|difficile|facile|important))\b)",
            WEAK,
        ),
        Doubt(r"\b(?:etc|et cetera|truc|machin|bref)\b", WEAK),
        Doubt(
            r"\b(?:vous (?:dites|parlez|utilisez|essayez|demandez|décrivez|avez (?:dit|écrit|raison|essayé|proposé))|"
            r"tu (?:dis|parles|as (?:dit|écrit|raison))|(?:votre|ton|ta) (?:problème|question|idée|réponse|message|"
            r"exemple|"
            r"suggestion|proposition)|dites-nous|dis-nous|tenez-nous)\b",
            anywhere=True,
        ),
        Doubt(
            r"^(?:bien sûr|évidemment|pas (?:vraiment|sûr|encore)|au fait|en fait|d'ailleurs|franchement|"
            r"personnellement|je (?:pensais|voulais|veux dire|ne sais|suppose|comprends)|j'(?:espère|imagine|avoue)|"
            r"pour l'instant|pour (?:ma part|moi)|ensuite|enfin|peut-être|probablement|malheureusement|heureusement|"
            r"une autre|un autre|l'autre|une dernière chose|quant à|concernant|pas besoin|il n'y a (?:pas|aucun)|"
            r"sauf|"
            r"\w+ (?:aussi|également)\b)\b"
        ),
        Doubt(
            r"\b(?:vidéo|image|photo|capture|liens?|pièce jointe|ci-dessous|ci-dessus|plus haut|plus bas|"
            r"précédemment|ce (?:sujet|fil|message))\b",
            anywhere=True,
        ),
        Doubt(  # a caption without its picture, and what comes after the passage
            r"\b(?:à (?:gauche|droite)|en (?:haut|bas) à|(?:le|la|les) suivante?s?|comme suit)\b",
            SEVERE,
            anywhere=True,
        ),
        Doubt(r"^(?:il y a (?:une|un|encore|juste) |tou(?:s|tes) les autres )"),
        Doubt(r"\bje (?:ne sais pas|n'ai aucune idée)\b", anywhere=True),
        Doubt(r"\b(?:figure \d|le même (?:problème|souci)|la même (?:erreur|chose)|avant cela)\b", anywhere=True),
        Doubt(r"(?:\.{2,}|…|!)['\"”’»)\u00a0]*$", anywhere=True),
        Doubt(r"\b(?:sinon|aussi|non plus|quand même|du coup|plutôt)[.]$|\bdu coup\b"),
        Doubt(r"\b(?:l'original|les autres|le second|la seconde|ce dernier|cette dernière|le reste)\b"),
        Doubt(
            r"\b(?:(?:je serais|j'étais|je suis) curieu(?:x|se)|j'aimerais (?:savoir|comprendre|avoir (?:votre|vos|"
            r"des))|je voudrais "
            r"(?:savoir|comprendre)|(?:pourriez|pouvez)-vous|(?:pourrais|peux)-tu|je cherche (?:à savoir|de l'aide|"
            r"quelqu'un)|"
            r"vos (?:avis|idées|conseils|retours)|un avis|n'hésitez pas à)\b",
            SEVERE,
            anywhere=True,
        ),
        Doubt(
            r"^(?:pas (?:besoin|testé|essayé)|espérons|trouvé|testé|essayé|corrigé|reste à|dommage|soit [a-z] )\b",
            SEVERE,
        ),
        Doubt(  # un préambule
            r"^comme (?:(?:je|nous|vous|on) \w+|(?:dit|expliqué|mentionné|décrit|convenu|promis|demandé)\b)|"
            r"^(?:ci-dessous|ci-dessus)\b|\b(?:recopié|copié de|je vais (?:résumer|décrire|parler)|"
            r"nous allons (?:voir|résumer|décrire|parler)|on m'a demandé)\b",
            SEVERE,
        ),
        Doubt(r"\bj'espère\b|\bje (?:prévois|compte|souhaite)\b", anywhere=True),
        Doubt(
            r"\b(?:croquis|maquettes?|pièces? jointes?)\b|\b(?:est|sont|figurent?|suit|"
            r"suivent) (?:\w+ )?(?:ci-dessous|ci-dessus)\b",
            SEVERE,
            anywhere=True,
        ),
        Doubt(
            r"\bje (?:ne )?(?:suis pas (?:sûre?|certaine?)|(?:ne )?sais pas|(?:ne )?connais pas|me demand\w+|"
            r"voulais savoir)\b|"
            r"\baucune idée\b|\bsauf erreur\b",
            anywhere=True,
        ),
        Doubt(
            r"\b(?:décevant\w*|déçue?s?|énerv\w+|agac\w+|perte de temps|ridicule\w*|n'importe quoi|insupportable\w*|"
            r"déteste|"
            r"stupide\w*|idiote?s?|merde|putain|mdr|ptdr|lol|haha\w*|hihi|je plaisante|blague|bonne chance|bravo|"
            r"félicitations|arrêtez de|hypocri\w+|accus(?:e|es|ez|er)|plain(?:s|dre))\b|[:;]-?[()DPp](?![\w])",
            NEVER,
            anywhere=True,
        ),
    ),
)

DAYS = DayWords(
    today=("aujourd'hui", "ce soir", "ce matin", "cet après-midi"),
    tomorrow=("demain",),
    past_before=("depuis", "depuis le"),
    past_after=("dernier", "passé"),
    vague_before=("chaque", "tous les", "un", "avant", "avant le", "jusqu'à", "jusqu'au", "après", "après le"),
    vague_after=("prochain", "en huit", "en quinze"),
    ordinals="er",
)


# Words from which titles are made, and by which they are judged, in French.


HEADINGS = HeadingWords(
    did=(
        r"(?i)^(?:[^,.;:]{3,60}, )?j[’']ai (?:donc |simplement |d[’']abord |alors |enfin )?"
        r"(?P<verb>[\wé]+) (?P<rest>.*)"
    ),
    past=listed(
        """
        attendu choisi dit défini fait fini lu mis offert ouvert pris promis remis rendu réduit réparti répondu
        réuni réécrit suivi tenu transmis écrit
        """
    ),
    past_endings=("é",),
    deed="a {verb} {rest}",
    theirs={"mon": "son", "ma": "sa", "mes": "ses"},
    vague=(
        r"le chiffre|de nouveau|à nouveau|encore|recommencé|la question|l['’]idée|je|j|me|m|moi|il|elle|ils|"
        r"elles|lui|leur|leurs|eux|ça|cela|ceci|ce que|nous|notre|nos|on|celui|"
        r"celle|même|que j"
    ),
    ends="parce qu|car|mais|donc|afin d|ce qui|au lieu d|plutôt qu",
    soft_ends="et|avant|après|quand|si|ou|pour|avec|jusqu",
    joins="et|ou",
    dangling="le|la|les|un|une|des|de|du|d|à|au|aux|en|et|ou|son|sa|ses|par|pour|sur|avec|que|qui|si",
    weekdays=(
        r"\b(?:le )?(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?(?: (?:matin|soir|dernier|midi))?\b"
    ),
    openers=listed(
        """
        au ce cette chaque cinq dans depuis des deux dix en huit il l la le les neuf nos notre quatre sept six
        sur trois un une
        """
    ),
    own="je|j|me|m|mon|ma|mes|mien|mienne|nous|notre|nos|on|il|elle",
    empty=listed(
        """
        alors aussi autre avant avec avoir bien cela celle celui ceux chaque comme comment dans depuis deux doit
        donc elle elles encore entre faire fait faut leur leurs mais merci mieux moins même notre nous parce
        pendant peut plus pour pourquoi quand quel quelle quelles quels sans sera seulement sont sous suis tous
        tout toute toutes trop très votre vous était être
        """
    ),
    lead_in="bref|mais|alors|donc|oui|non|bonjour|salut|du coup|en fait|edit",
    lead_in_to="à tous",
    lead_word="et|mais|donc|alors|puis",
    clause_joins="et|mais|donc|car|parce",
    hanging=(
        r"il(?! (?:n['’e]\s?)?(?:rest|faut|fall|suff|y |a fallu|s['’]agi))|elle|ils|elles|ça|cela|ceci|ce(?! qu)|"
        r"c['’]est|ou|ensuite|aussi"
    ),
)
