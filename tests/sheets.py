"""Sheets of referrals as a force's spreadsheet saves them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from provider.domain.referrals.sheet.columns import COLUMNS
from provider.kernel.database import db
from tests.desk import csrf_of, somebody

NAMES = tuple(column.name for column in COLUMNS)

ROW: Mapping[str, str] = {
    "scheme": "divert-adult",
    "occurred_at": "23/11/2026 21:40",
    "setting": "Stop and search",
    "area": "Birmingham",
    "disposal_outcome": "8",
    "disposal_responsibility_accepted": "yes",
    "officer_collar_number": "4312",
    "gender": "Male",
    "offence_code": "possession_controlled_drug",
    "drug_1_substance": "Cannabis",
    "drug_1_class": "B",
    "agreement_given": "yes",
    "text_ok": "yes",
    "number_checked": "yes",
}


def row(number: int, **changes: str) -> dict[str, str]:
    """A row about somebody who is nobody else, with a force reference of its own."""
    person = somebody(number)
    year, month, day = person["date_of_birth"].split("-")
    return {
        **ROW,
        "force_reference": f"20/{number:06}/26",
        "given_name": person["given_name"],
        "family_name": person["family_name"],
        "date_of_birth": f"{day}/{month}/{year}",
        "mobile": person["mobile"],
        **changes,
    }


def written(rows: Sequence[Mapping[str, str]], *, delimiter: str = ",", names: Sequence[str] = NAMES) -> str:
    """The rows as CSV, with a heading."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def upload(client: FlaskClient, sheet: str | bytes, **typed: str) -> TestResponse:
    """Choose the file on the page and press the button."""
    return send(client, sheet, csrf_token=csrf_of(client, "/force/uploads"), **typed)


def send(client: FlaskClient, sheet: str | bytes, **typed: str) -> TestResponse:
    """What the browser sends when the button is pressed."""
    data = sheet.encode() if isinstance(sheet, str) else sheet
    file = FileStorage(io.BytesIO(data), filename="referrals.csv", content_type="text/csv")
    boundary, body = encode_multipart({**typed, "file": file})
    form = f"multipart/form-data; boundary={boundary}"
    return client.post("/force/uploads", data=body, content_type=form)


def uploaded(client: FlaskClient, rows: Sequence[Mapping[str, str]], **typed: str) -> str:
    """The address of the page on which the rows are looked at."""
    answer = upload(client, written(rows), **typed)
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.text)
    return answer.location


def start(client: FlaskClient, page: str, mode: str = "good") -> TestResponse:
    return client.post(f"{page}/start", data={"csrf_token": csrf_of(client, page), "mode": mode})


def rows_of(app: Flask) -> list[dict[str, Any]]:
    """Every row of every upload, as it is stored."""
    with app.app_context():
        table = db.metadata.tables["upload_rows"]
        return [dict(found) for found in db.session.execute(sa.select(table).order_by(table.c.id)).mappings()]
