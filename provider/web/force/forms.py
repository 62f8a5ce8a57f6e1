"""What a force administrator is asked."""

from __future__ import annotations

from provider.web.forms import EmailField, Length, Needed, PageForm, StringField


class OfficerForm(PageForm):
    name = StringField("Name", [Needed(), Length(max=100)])
    email = EmailField("E-mail address", [Needed()])
    collar_number = StringField("Collar number", [Needed(), Length(max=30)])


class FindOfficerForm(PageForm):
    """Sent by POST: a name has no place in an address."""

    words = StringField("Name, e-mail address or collar number", [Length(max=100)])
