"""``/api``: what the Force API is, for the people who build against it. Open to everybody, as the document is."""

from __future__ import annotations

from flask import render_template

from provider.web.api.access import PREFIX
from provider.web.api.openapi import document
from provider.web.api.reference_page import reference_page
from provider.web.context import settings


def show() -> str:
    base = settings().public_url.rstrip("/") + PREFIX
    page = reference_page(document(), base=base, limit=settings().api_rate_limit)
    return render_template("api/reference.html", page=page)
