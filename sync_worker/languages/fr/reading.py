"""French words that tell whether a sentence stands on its own."""

from __future__ import annotations

from sync_worker.languages.reading_words import DayWords, ReadingWords, listed

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
