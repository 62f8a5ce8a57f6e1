"""The kit that pages are made of: what is escaped, what leads where, what is refused."""

from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from jinja2 import UndefinedError
from werkzeug.datastructures import MultiDict

from provider.web.controls import faults
from provider.web.forms import (
    BooleanField,
    DateParts,
    FileField,
    Needed,
    PageForm,
    RadioField,
    StringField,
    TextAreaField,
    options,
)
from provider.web.look import ROOT, asset_url, draw_plainly, furnish

ERRORS = sorted((ROOT / "templates" / "errors").glob("*.html"))


class Page(PageForm):
    name = StringField("Name", [Needed()], description="As on a letter")
    notes = TextAreaField("Notes")
    born = DateParts("Date of birth", [Needed()])
    route = RadioField("Route", [Needed()], choices=options(["smoke", "other"], hints={"other": "Say which"}))
    other = StringField("Which route")
    agreed = BooleanField("Agreed", [Needed("Say that the person agreed")])
    report = FileField("Report")


class Outline(HTMLParser):
    """The ids of a page, and what refers to them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.wanted: set[str] = set()
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("for", "aria-describedby", "aria-labelledby", "data-aria-controls"):
                self.wanted.update((value or "").split())
            elif name == "href" and (value or "").startswith("#"):
                self.wanted.add((value or "")[1:])
            elif name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask("provider", root_path=str(ROOT / "provider"))
    app.config.update(SECRET_KEY="of a test", SERVICE_NAME="Waymark")
    furnish(app)
    app.jinja_env.globals.update(signed_in=lambda: None, navigation=lambda: (), alarm_banner=lambda: None)
    with app.test_request_context():
        yield app


def draw(app: Flask, source: str, **context: Any) -> str:
    return app.jinja_env.from_string(source).render(**context)


EVERY_FIELD = """
{% extends "layouts/staff.html" %}
{% from "components/field.html" import field %}
{% from "components/post_form.html" import post_form %}
{% block title %}A page{% endblock %}
{% block content %}
{% call post_form(form, submit="Save") %}
{% for f in form if f.name not in ("csrf_token", "other") %}
{{ field(f, reveal={"other": field(form.other)} if f.name == "route" else none) }}
{% endfor %}
{% endcall %}
{% endblock %}
"""


@pytest.mark.parametrize(
    "data", [None, {"name": ""}, {"name": "x", "route": "other", "born-day": "31", "born-month": "2"}]
)
def test_every_field_is_named_described_and_led_to(app: Flask, data: dict[str, str] | None) -> None:
    form = Page(formdata=MultiDict(data) if data else None, meta={"csrf": False})
    if data:
        form.validate()
    outline = Outline(draw(app, EVERY_FIELD, form=form))
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.wanted <= set(outline.ids)
    assert not outline.inline


def test_the_title_says_that_there_are_errors(app: Flask) -> None:
    form = Page(formdata=MultiDict({"name": ""}), meta={"csrf": False})
    assert "<title>A page – Waymark</title>" in draw(app, EVERY_FIELD, form=form)
    form.validate()
    html = draw(app, EVERY_FIELD, form=form)
    assert "<title>Error: A page – Waymark</title>" in html
    assert all(f'href="{fault.href}"' in html for fault in faults(form))


def test_what_was_typed_comes_back_as_it_was_and_as_text(app: Flask) -> None:
    form = Page(
        formdata=MultiDict({"name": '"><b>x', "notes": "one\n  two\n</textarea>"}), meta={"csrf": False}
    )
    form.validate()
    html = draw(app, EVERY_FIELD, form=form)
    assert 'value="&#34;&gt;&lt;b&gt;x"' in html
    assert ">\none\n  two\n&lt;/textarea&gt;</textarea>" in html


def test_a_form_with_a_file_is_sent_in_parts(app: Flask) -> None:
    assert 'enctype="multipart/form-data"' in draw(app, EVERY_FIELD, form=Page(formdata=None))


def test_an_unknown_name_is_an_error(app: Flask) -> None:
    with pytest.raises(UndefinedError):
        draw(app, "{{ nobody_gave_this }}")


def test_the_library_s_macros_escape_what_they_are_given(app: Flask) -> None:
    assert "&lt;b&gt;" in draw(app, '{{ govuk.warning_text({"text": "<b>"}) }}')


def test_a_chart_always_has_its_numbers_under_it(app: Flask) -> None:
    source = '{% from "components/bar_chart.html" import bar_chart %}{{ bar_chart(rows, "This month") }}'
    html = draw(app, source, rows=[("Referred", 1200), ("Reached <b>", 0)])
    assert html.index("<svg") < html.index("<table")
    assert 'width="100.0%"' in html
    assert 'width="0.0%"' in html
    assert "<b>" not in html
    assert "Nothing to count yet." in draw(app, source, rows=[])


def test_a_table_without_rows_says_what_to_do(app: Flask) -> None:
    macro = '{% from "components/table.html" import table %}'
    html = draw(app, macro + '{{ table("Calls", ["Name"], [], "None.", "Open the diary", "/d") }}')
    assert "<table" not in html
    assert 'href="/d"' in html


@pytest.mark.parametrize("page", ERRORS, ids=lambda page: page.stem)
@pytest.mark.parametrize("path", ["/", "/p/abc"])
def test_error_pages_need_nothing_and_nobody(app: Flask, page: Any, path: str) -> None:
    def nobody() -> None:
        raise AssertionError("an error page asked who is signed in")

    app.jinja_env.globals.update(signed_in=nobody, navigation=nobody)
    with app.test_request_context(path):
        html = draw_plainly(f"errors/{page.name}")
    assert ("<script" in html) == (path == "/")
    assert ('href="/"' in html) == (path == "/")


def test_an_address_changes_with_the_file(app: Flask, tmp_path: Any) -> None:
    app.static_folder, app.static_url_path = str(tmp_path), "/static"
    assert asset_url("a.css") == "/static/built/a.css?v=unbuilt"
    built = tmp_path / "built"
    built.mkdir()
    (built / "a.css").write_text("a{}")
    first = asset_url("a.css")
    (built / "a.css").unlink()
    (built / "a.css").write_text("b{}")
    assert asset_url("a.css") != first


def test_who_is_signed_in_has_a_way_out(app: Flask) -> None:
    me = SimpleNamespace(account_id=7, name="Alex <Morgan>", role="drug_worker")
    app.jinja_env.globals.update(signed_in=lambda: me)
    html = draw(app, '{% extends "layouts/staff.html" %}{% block title %}A page{% endblock %}')
    assert 'action="/sign-out"' in html
    assert "Alex &lt;Morgan&gt;" in html
    assert "Drug worker" in html
