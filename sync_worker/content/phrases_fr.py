"""The sentences of roundups and stories in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.content.language import FRENCH, NBSP
from sync_worker.content.markdown import Markdown
from sync_worker.content.phrases import Phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.activity.signals import OpenQuestion, Participation


class FrenchPhrases(Phrases):
    """Le français d’un collègue, sans accord qui supposerait un genre."""

    language = FRENCH

    def solved(self, days: int) -> str:
        """Return « la question attendait depuis neuf jours, la voilà réglée »."""
        if days < 1:
            return "la question a trouvé sa réponse le jour même"
        if days == 1:
            return "la question a trouvé sa réponse dès le lendemain"
        return f"la question attendait depuis {self.language.count(days, 'day')}, la voilà réglée"

    def solved_own(self, author: str, days: int) -> str:
        """Return « Ana a posé la question, trouvé la réponse, puis l’a partagée »."""
        if days < 2:
            return f"{author} a posé la question, trouvé la réponse, puis l’a partagée"
        return f"{author} a posé la question, puis rapporté la réponse {self.language.count(days, 'day')} plus tard"

    def tried(self, people: int) -> str:
        """Return « trois personnes ont essayé à leur tour »."""
        return f"{self.language.count(people, 'person')} ont essayé à leur tour"

    def tried_by(self, name: str) -> str:
        """Return « Ana a essayé à son tour »."""
        return f"{name} a essayé à son tour"

    def received(self, likes: int, repliers: int) -> str:
        """Return « quatre personnes ont aimé et deux ont répondu »."""
        if not repliers:
            return f"{self._people(likes)} aimé ce message"
        if not likes:
            return f"{self._people(repliers)} poursuivi l’échange"
        number = self.language.number(repliers, "person")
        return f"{self._people(likes)} aimé ce message, {number} y {'ont' if repliers > 1 else 'a'} répondu"

    def unanswered(self) -> str:
        """Return that an answer is still wanting."""
        return "personne n’a encore répondu, et cela mérite une réponse"

    def credit(self, author: str, where: str | None, address: str) -> Markdown:
        """Return « **Ana**, dans [Titre](adresse) : »."""
        source = f"[à lire en entier ici]({address})" if where is None else f"dans {where}"
        return Markdown(f"**{author}**, {source}{NBSP}:")

    def opening(self, subjects: Sequence[str]) -> Markdown:
        """Return « Cette semaine, on a surtout parlé ici de trois choses : A, B et C. »."""
        listed = self.language.listing(subjects)
        if len(subjects) == 1:
            return Markdown(f"Un sujet a dominé la semaine{NBSP}: {listed}.")
        number = self.language.number(len(subjects), "topic")
        return Markdown(f"{number.capitalize()} sujets ont dominé la semaine{NBSP}: {listed}.")

    def asked(self, question: OpenQuestion, author: str) -> str:
        """Return « question posée par Ana il y a neuf jours »."""
        when = {0: "aujourd’hui", 1: "hier"}.get(
            question.age_days, f"il y a {self.language.count(question.age_days, 'day')}"
        )
        return f"question posée par {author} {when}"

    def call(self, name: str | None, known_for: str | None) -> str:
        """Return « Paul, votre réponse dans [Titre](adresse) n’en était pas loin : … ? »."""
        if name is None:
            return f"Qui a déjà vécu cela{NBSP}?"
        return f"{name}, votre réponse dans {known_for} n’en était pas loin{NBSP}: auriez-vous une piste{NBSP}?"

    def numbers(self, counts: Participation) -> str:
        """Return « En chiffres : 84 messages de 31 personnes dans 22 sujets, cinq questions résolues. »."""
        posts = self.language.count_digits(counts.posts, "post")
        people = self.language.count_digits(counts.people, "person")
        topics = self.language.count_digits(counts.topics, "topic")
        line = f"En chiffres{NBSP}: {posts}, {people}, {topics}"
        if counts.answered:
            solved = "résolue" if counts.answered == 1 else "résolues"
            line += f", {self.language.count(counts.answered, 'question')} {solved}"
        return f"{line}."

    def _people(self, count: int) -> str:
        return f"{self.language.count(count, 'person')} {'ont' if count > 1 else 'a'}"
