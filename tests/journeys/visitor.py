"""Somebody with a browser and no script: opens pages, follows links, fills in forms, presses buttons by their words."""

from __future__ import annotations

import re
from typing import Any

from bs4 import Tag
from flask import Flask
from webtest import Form, TestApp, TestResponse, Upload


class Visitor:
    """Keeps cookies, follows redirects, and fails on an answer that is not a page unless a status is expected."""

    def __init__(self, app: Flask) -> None:
        self.browser = TestApp(app, extra_environ={"HTTP_HOST": "localhost"})
        self.page: TestResponse | None = None

    def open(self, path: str, *, status: int | None = None) -> str:
        """Open an address; the words on the page."""
        path = re.sub(r"^https?://localhost", "", path)
        self.page = self.browser.get(path, status=status or "*").maybe_follow()
        assert self.page.status_int == (status or 200), f"{path}: {self.page.status} {self.words()[:300]}"
        return self.words()

    def words(self) -> str:
        """What the page says, in one line."""
        assert self.page is not None
        main = self.page.html.find("main") or self.page.html
        return " ".join(main.get_text(" ").split())

    def follow(self, words: str) -> str:
        """Follow the first link that begins with these words."""
        assert self.page is not None
        for link in self.page.html.find_all("a"):
            if _words(link).startswith(words):
                return self.open(str(link["href"]))
        raise AssertionError(f"no link {words!r} on the page: {self.words()[:600]}")

    def press(self, words: str, *, nth: int = 0, status: int | None = None, **fields: Any) -> str:
        """Fill in the form around the ``nth`` button that begins with these words, and press it."""
        button = self._buttons(words)[nth]
        form = self._form_of(button)
        for name, value in fields.items():
            _fill(form, name, value)
        self.page = _submit(form, button).maybe_follow()
        assert self.page.status_int == (status or 200), f"{words}: {self.page.status} {self.words()[:400]}"
        return self.words()

    def choices(self, name: str) -> list[str]:
        """What can be chosen for a field of the page, in order."""
        assert self.page is not None
        return [str(choice["value"]) for choice in self.page.html.find_all("input", {"name": name})]

    def uploads(self, words: str, field: str, filename: str, content: str) -> str:
        """Choose a file in the form around the button, and press it."""
        form = self._form_of(self._buttons(words)[0])
        form[field] = Upload(filename, content.encode())
        self.page = form.submit(expect_errors=True).maybe_follow()
        assert self.page.status_int == 200, f"{words}: {self.page.status} {self.words()[:400]}"
        return self.words()

    def can_press(self, words: str) -> bool:
        return bool(self._find_buttons(words))

    def _buttons(self, words: str) -> list[Tag]:
        found = self._find_buttons(words)
        assert found, f"no button {words!r} on the page: {self.words()[:900]}"
        return found

    def _find_buttons(self, words: str) -> list[Tag]:
        assert self.page is not None
        return [button for button in self.page.html.find_all("button") if _words(button).startswith(words)]

    def _form_of(self, button: Tag) -> Form:
        assert self.page is not None
        forms = self.page.html.find_all("form")
        place = forms.index(button.find_parent("form"))
        form: Form = self.page.forms[place]
        return form


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _fill(form: Form, name: str, value: Any) -> None:
    """A dash in a field's name is written as two underscores: ``born__day`` is ``born-day``."""
    field = name.replace("__", "-")
    if isinstance(value, list):
        for box in form.fields[field]:
            box.checked = box._value in value
    else:
        form[field] = value


def _submit(form: Form, button: Tag) -> TestResponse:
    if button.get("name"):
        fields = [*form.submit_fields(), (str(button["name"]), str(button.get("value", "")))]
        return form.response.goto(form.action, method=form.method, params=fields, expect_errors=True)
    return form.submit(expect_errors=True)
