"""What a force administrator is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from provider.caseload.force_outcomes import STATUSES, Filters
from provider.web.forms import EmailField, Length, Needed, PageForm, SelectField, StringField, options
from provider.web.words import words

MONTHS_BACK = 24


class FindForm(PageForm):
    """One referral, by what it is called here or there. Sent by POST: a crime number has no place in an address."""

    what = StringField(
        "Reference or crime number", [Needed("Enter a reference or a crime number"), Length(max=50)]
    )


class FilterForm(PageForm):
    """Which referrals to list. It comes with the address, and changes nothing."""

    class Meta(PageForm.Meta):
        csrf = False

    status = SelectField("Status")
    scheme = SelectField("Scheme")
    month = SelectField("Received in")

    @property
    def filters(self) -> Filters:
        month = self.month.data
        return Filters(
            status=self.status.data,
            scheme=self.scheme.data,
            month=date.fromisoformat(f"{month}-01") if month else None,
        )


def filter_form(sent: Any, *, schemes: dict[str, str], today: date) -> FilterForm:
    """The filters as they were sent, with the lists to choose from."""
    form = FilterForm(formdata=sent)
    form.status.choices = options({status: words(status) for status in STATUSES}, blank="All")
    form.scheme.choices = options(schemes, blank="All")
    form.month.choices = options(_months(today), blank="Any month")
    return form


def _months(today: date) -> dict[str, str]:
    counted = today.year * 12 + today.month - 1
    firsts = [date(month // 12, month % 12 + 1, 1) for month in range(counted, counted - MONTHS_BACK, -1)]
    return {f"{first:%Y-%m}": f"{first:%B %Y}" for first in firsts}


class KeyForm(PageForm):
    name = StringField(
        "What the key is for",
        [Needed("Say what the key is for"), Length(max=100)],
        description="For example the name of the system that uses it.",
    )


class EndpointForm(PageForm):
    url = StringField(
        "Address",
        [Needed("Enter an address"), Length(max=2000)],
        description="It starts with https:// and can be reached from the internet.",
    )


class OfficerForm(PageForm):
    name = StringField("Name", [Needed(), Length(max=100)])
    email = EmailField("E-mail address", [Needed()])
    collar_number = StringField("Collar number", [Needed(), Length(max=30)])
