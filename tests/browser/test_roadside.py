"""The officer's door on a phone, and the force administrator's on a desktop, in a real browser."""

from __future__ import annotations

from tests.browser.conftest import Site, Visitor


def type_date(visitor: Visitor, field: str, day: str, month: str, year: str) -> None:
    for part, typed in (("day", day), ("month", month), ("year", year)):
        visitor.page.fill(f"[name={field}-{part}]", typed)


def test_an_officer_refers_somebody_in_five_screens_and_follows_it(site: Site, phone: Visitor) -> None:
    phone.sign_in(site.world.emails["officer"])
    page = phone.page
    phone.press("Continue")
    page.get_by_label("Midshire Divert (adults)").check()
    page.get_by_label("Stop and search").check()
    page.get_by_label("Area (optional)", exact=True).select_option("Birmingham")
    page.select_option("[name=drugs-0-substance]", "cannabis")
    phone.press("Continue")
    page.get_by_label("First name").fill("Sam")
    page.get_by_label("Last name").fill("Example")
    type_date(phone, "date_of_birth", "14", "5", "2012")
    page.get_by_label("Gender").select_option("male")
    phone.press("Continue")
    assert "not for this age" in phone.text()
    type_date(phone, "date_of_birth", "14", "5", "2003")
    phone.press("Continue")
    page.get_by_label("Mobile number").fill("07700 900123")
    page.get_by_label("It rang").check()
    phone.press("Continue")
    page.get_by_label("I read this out").check()
    page.get_by_label("8 – community resolution").check()
    phone.press("Continue")
    assert "None of this stops you sending" in phone.text()
    page.get_by_label("Book the first call now").select_option(index=2)
    phone.press("Send the referral")
    assert "Referral accepted" in phone.text()
    phone.press("Show them who will ring")
    assert "Waymark Midshire will ring you" in phone.text()
    phone.go("/refer/mine")
    phone.press("Sam Example", role="link")
    phone.page.get_by_label("Add the crime number").fill("20/1/26")
    phone.press("Save the crime number")
    assert "20/1/26" in phone.text()


def test_a_force_administrator_looks_after_keys_webhooks_and_officers(site: Site, desk: Visitor) -> None:
    desk.sign_in(site.world.emails["force_administrator"])
    assert "Outcomes" in desk.text()
    desk.press("API keys", role="link")
    desk.page.get_by_label("What the key is for").fill("Records")
    desk.press("Make a key")
    assert "Copy it now" in desk.text()
    desk.press("I have copied it")
    desk.press("End the key", role="link")
    desk.press("Keep it", role="link")
    desk.press("Webhooks", role="link")
    desk.page.get_by_label("Address").fill("https://hooks.force.example/")
    desk.press("Add the address")
    desk.press("I have copied it")
    desk.press("Send a test")
    desk.press("Officers", role="link")
    desk.press("Add an officer")
    desk.press("Add the officer")
    for label, typed in (("Name", "PC New"), ("E-mail", "new@force.example"), ("Collar number", "77")):
        desk.page.get_by_label(label).fill(typed)
    desk.press("Add the officer")
    assert "A password for PC New" in desk.text()
