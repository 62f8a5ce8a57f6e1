"""What is asked for when somebody gets an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider.domain.accounts.roles import Role
from provider.domain.accounts.staff import NewAccount
from provider.web.forms import (
    BooleanField,
    EmailField,
    Length,
    Needed,
    PageForm,
    SelectField,
    StringField,
    options,
)


class AccountForm(PageForm):
    name = StringField("Name", [Needed("Enter their name"), Length(max=100)])
    email = EmailField("E-mail address", [Needed("Enter their e-mail address")])
    role = SelectField("Role", [Needed("Choose their role")], choices=options(Role, blank="Choose a role"))
    force = SelectField("Force", description="For officers and force administrators only.")
    collar_number = StringField("Collar number", [Length(max=30)], description="For officers only.")
    second_factor = BooleanField(
        "Give a second factor too", description="A code from an app, asked for at every sign-in."
    )

    def __init__(self, forces: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.force.choices = options({str(key): name for key, name in forces.items()}, blank="None")

    @property
    def new(self) -> NewAccount:
        return NewAccount(
            email=self.email.data,
            name=self.name.data,
            role=Role(self.role.data),
            force_id=int(self.force.data) if self.force.data else None,
            collar_number=self.collar_number.data or None,
        )
