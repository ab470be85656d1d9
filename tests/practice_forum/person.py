"""Somebody who uses the practice forum's pages with a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from bs4 import Tag


class Person:
    """Somebody with a browser that sends forms as browsers do: with their origin."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    def status(self, path: str) -> int:
        """Open a page and return the status of the answer."""
        return self.http.get(urljoin(self.url, path), timeout=30).status_code

    def open(self, path: str) -> BeautifulSoup:
        """Open a page."""
        answer = self.http.get(urljoin(self.url, path), timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return BeautifulSoup(answer.text, "html.parser")

    def send(self, form: Tag, button: tuple[str, str] | None = None, **typed: str) -> requests.Response:
        """Fill a form in, press a button, and follow to where it leads."""
        fields: dict[str, str] = {}
        for field in form.select("input[name], textarea[name], select[name]"):
            if field.get("type") == "checkbox" and not field.has_attr("checked"):
                continue
            chosen = field.select_one("option[selected], option") if field.name == "select" else None
            value = (
                chosen.get("value", chosen.text)
                if chosen
                else field.text
                if field.name == "textarea"
                else field["value"]
                if field.has_attr("value")
                else ""
            )
            fields[str(field["name"])] = str(value)
        fields |= typed
        if button:
            fields[button[0]] = button[1]
        kept = {name: value for name, value in fields.items() if value != "(unticked)"}
        return self.http.post(
            urljoin(self.url, str(form["action"])), data=kept, headers={"Origin": self.url}, timeout=30
        )
