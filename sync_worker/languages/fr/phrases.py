"""The sentences of roundups and stories in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.fr.grammar import GRAMMAR, elided
from sync_worker.languages.language import NBSP
from sync_worker.languages.phrases import Phrases
from sync_worker.wording import Markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.languages.phrases import Counts


class FrenchPhrases(Phrases):
    """Le français d’un collègue, sans accord qui supposerait un genre."""

    language = GRAMMAR

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

    def received(self, likes: int, replies: int) -> str:
        """Return « quatre personnes ont aimé ce message, deux y ont répondu »."""
        if not replies:
            return f"{self._people(likes)} aimé ce message"
        if not likes:
            return f"{self._people(replies)} répondu"
        verb = "y a répondu" if replies == 1 else "y ont répondu"
        return f"{self._people(likes)} aimé ce message, {self.language.number(replies, 'person')} {verb}"

    def credit(self, author: str, where: str | None, address: str) -> Markdown:
        """Return « **Ana**, dans [Titre](adresse) : »."""
        source = f"[à lire en entier ici]({address})" if where is None else f"dans {where}"
        return Markdown(f"**{author}**, {source}{NBSP}:")

    def pointer(self, author: str, address: str) -> Markdown:
        """Return « Le message de **Paul** se lit [ici en entier](adresse). »."""
        of = elided("de", author).removesuffix(author)
        return Markdown(f"Le message {of}**{author}** se lit [ici en entier]({address}).")

    def asked_and_answered(self, author: str, people: int, question: str, answer: str) -> Markdown:
        """Return « **Ana** [a posé la question](adresse), et [la réponse est ici](adresse). »."""
        found = f"et [la réponse est ici]({answer})" if answer else f"{self._people(people)} répondu"
        return Markdown(f"**{author}** [a posé la question]({question}), {found}.")

    def about(self, title: str, *, asks: bool, solved: bool) -> Markdown:
        """Return « Réglé : Le planning », « Une réponse à “Par où commencer ?” » ou « À propos de “Le planning” »."""
        if solved:
            return Markdown(f"Réglé{NBSP}: {title}")
        return Markdown(f"{'Une réponse à' if asks else 'À propos de'} {self.language.quoted(title)}")

    def about_prompt(self, author: str, title: str) -> Markdown:
        """Return « Ana, à propos de “Une chose à arrêter” »."""
        return Markdown(f"{author}, à propos de {self.language.quoted(title)}")

    def opening(self, subjects: Sequence[str], voices: int) -> Markdown:
        """Return « La conversation de la semaine a réuni sept personnes : A. Viennent ensuite B et C. »."""
        first, *others = subjects
        if not voices:
            return Markdown(f"À lire cette semaine{NBSP}: {self.language.listing(subjects)}.")
        if voices < 2:
            return Markdown(f"Un sujet a dominé la semaine{NBSP}: {first}.")
        people = self.language.count(voices, "person")
        opening = f"La conversation de la semaine a réuni {people}{NBSP}: {first}."
        if others:
            verb = "Vient" if len(others) == 1 else "Viennent"
            opening += f" {verb} ensuite {self.language.listing(others)}."
        return Markdown(opening)

    def asked(self, days: int, author: str) -> str:
        """Return « question posée par Ana il y a neuf jours »."""
        when = {0: "aujourd’hui", 1: "hier"}.get(days, f"il y a {self.language.count(days, 'day')}")
        return f"question posée par {author} {when}"

    def call(self, name: str | None, known_for: str | None, turn: int = 0) -> str:
        """Return « Paul, vous avez répondu à une question voisine dans [Titre](adresse) : … ? »."""
        if name is None:
            asked = ("Qui a déjà vécu cela", "Qui a une piste", "Qui peut en dire plus")
            return f"{asked[turn % 3]}{NBSP}?"
        return f"{name}, vous avez répondu à une question voisine dans {known_for}{NBSP}: auriez-vous une piste{NBSP}?"

    def first_time(self, names: Sequence[str]) -> Markdown:
        """Return « Ana et Ben ont écrit ici pour la première fois. »."""
        verb = "a" if len(names) == 1 else "ont"
        return Markdown(f"{self.language.listing(names)} {verb} écrit ici pour la première fois.")

    def numbers(self, counts: Counts) -> str:
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


PHRASES = FrenchPhrases()
