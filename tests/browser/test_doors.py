"""The pages nobody is signed in for."""

from __future__ import annotations

from tests.browser.conftest import Visitor


def test_the_sign_in_page_can_be_used_by_everybody(desk: Visitor) -> None:
    desk.go("/sign-in")
    assert "Sign in" in desk.text()


def test_an_unknown_page_says_what_to_do_next(phone: Visitor) -> None:
    phone.page.goto(phone.url + "/no-such-page")
    phone.look()
