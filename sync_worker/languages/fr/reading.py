"""French words that tell whether a sentence stands on its own."""

from __future__ import annotations

from sync_worker.languages.reading_words import NEVER, WEAK, DayWords, Doubt, ReadingWords, listed

READING = ReadingWords(
    opens_a_lean=listed(
        """
        il elle ils elles ce c'est c'était cela ça ceci celui celle ceux celles lui leur leurs y en là mais et ou donc
        alors aussi ensuite puis car parce pourtant cependant toutefois néanmoins sinon or d'où dont lequel laquelle
        lesquels lesquelles même idem également enfin bref voilà voici ainsi tel telle
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
    points_out=(
        "dans ce message",
        "dans ce sujet",
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
        exactement voilà bref edit ps bonne bon bien
        """
    ),
    takes_back=(
        "je me suis trompé",
        "je me suis trompée",
        "je me trompais",
        "j'avais tort",
        "autant pour moi",
        "au temps pour moi",
        "oubliez ce que j'ai",
        "ne tenez pas compte de",
        "je retire ce que j'ai",
        "finalement cela ne marche pas",
        "finalement ça ne marche pas",
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
            r"une autre|un autre|l'autre|une dernière chose|quant à|concernant|pas besoin|il n'y a (?:pas|aucun)|sauf|"
            r"\w+ (?:aussi|également)\b)\b"
        ),
        Doubt(
            r"\b(?:vidéo|image|photo|capture|liens?|pièce jointe|ci-dessous|ci-dessus|plus haut|plus bas|"
            r"précédemment|ce (?:sujet|fil|message))\b",
            anywhere=True,
        ),
        Doubt(r"\b(?:figure \d|le même (?:problème|souci)|la même (?:erreur|chose)|avant cela)\b", anywhere=True),
        Doubt(r"(?:\.{2,}|…|!)['\"”’»)\u00a0]*$", anywhere=True),
        Doubt(r"\b(?:sinon|aussi|non plus|quand même|du coup|plutôt)[.]$|\bdu coup\b"),
        Doubt(r"\b(?:l'original|les autres|le second|la seconde|ce dernier|cette dernière|le reste)\b"),
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
            r"félicitations|arrêtez de|plain(?:s|dre))\b|[:;]-?[()DPp](?![\w])",
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
