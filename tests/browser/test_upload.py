"""A force administrator sends a file in a real browser: chosen, looked at, sent, watched, and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Site, Visitor
from tests.sheets import row, written

FAULTY = {"gender": "x", "date_of_birth": "05/14/2003"}


@pytest.fixture(params=["phone", "desk"])
def admin(request: pytest.FixtureRequest, site: Site) -> Visitor:
    visitor: Visitor = request.getfixturevalue(request.param)
    visitor.sign_in(site.world.emails["force_administrator"])
    return visitor


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """As Excel saves it: with its mark, semicolons, and a number that lost its zero."""
    path = tmp_path / "referrals.csv"
    rows = [row(1), row(2, mobile="7700900002", force_reference=""), row(3, **FAULTY)]
    path.write_text(written(rows, delimiter=";"), encoding="utf-8-sig", newline="")
    return path


def choose(admin: Visitor, file: Path) -> None:
    with admin.page.expect_file_chooser() as chooser:
        admin.page.get_by_label("CSV file").click()
    chooser.value.set_files(file)


def press_and_not_look(admin: Visitor, name: str) -> str:
    """The page that follows comes again by itself, which would come in between a look at it."""
    with admin.page.expect_navigation():
        admin.page.get_by_role("button", name=name).click()
    return admin.page.url


def test_a_file_is_looked_at_sent_and_sent_only_once(admin: Visitor, site: Site, file: Path) -> None:
    admin.press("Upload", role="link", exact=True)
    assert "No file has been uploaded yet" in admin.text()
    admin.press("Read the file")
    assert "Choose a file" in admin.text()
    choose(admin, file)
    admin.press("Read the file")
    assert "Look before you send" in admin.text()
    assert "There is no such date. The day comes first" in admin.text()
    admin.press("To look at (1)", role="link")
    assert "had taken away the first 0" in admin.text()

    page = press_and_not_look(admin, "Send 2 rows")
    admin.go(f"{page}?still=yes")
    assert "0 of 2 rows are done." in admin.text()
    assert admin.page.get_by_role("progressbar").get_attribute("value") == "0"
    admin.page.goto(page)
    site.work()
    admin.page.get_by_role("heading", name="Done: 2 rows sent").wait_for()
    admin.look()
    admin.press("All rows (3)", role="link")
    assert admin.text().count("Accepted") == 2

    admin.press("Upload", role="link", exact=True)
    choose(admin, file)
    admin.press("Read the file")
    assert "There is no row that can be sent." in admin.text()
    admin.press("Throw this file away")
    assert "Nothing of it was sent" in admin.text()


def test_all_or_nothing(admin: Visitor, site: Site, tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text(written([row(1), row(2)]))
    admin.go("/force/uploads")
    choose(admin, path)
    admin.press("Read the file")
    page = press_and_not_look(admin, "Send all or nothing")
    admin.go(f"{page}?still=yes")
    assert "0 of 2 rows are checked. Nothing is sent yet." in admin.text()
    site.work()
    admin.go(page)
    assert "Done: 2 rows sent" in admin.text()
    with admin.page.expect_download() as download:
        admin.page.get_by_role("link", name="Download the results").click()
    assert download.value.suggested_filename == "results.csv"


def test_what_the_columns_take_is_explained(admin: Visitor) -> None:
    admin.go("/force/uploads")
    admin.press("What each column takes", role="link")
    admin.page.get_by_text("21 codes for drug_1_substance").click()
    assert "ketamine" in admin.text()
    admin.look()
    with admin.page.expect_download() as download:
        admin.page.get_by_role("button", name="Download the template").click()
    assert download.value.suggested_filename == "referrals.csv"
