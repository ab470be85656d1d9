"""Words from which titles are made, and by which they are judged, in French."""

from __future__ import annotations

from sync_worker.languages.heading_words import HeadingWords, listed

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
        r"le chiffre|je|j|me|m|moi|il|elle|ils|elles|lui|leur|leurs|eux|ça|cela|ceci|ce que|nous|notre|nos|on|celui|"
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
