"""What a force is asked where another number is needed."""

from __future__ import annotations

from provider.web.forms import Length, Needed, PageForm, RadioField, TelField, options


class NumberForm(PageForm):
    mobile = TelField("The person’s mobile number", [Needed("Enter the number"), Length(max=40)])
    checked = RadioField(
        "Was the number checked with them?",
        [Needed("Choose whether the number was checked")],
        choices=options(
            {"yes": "Yes, an officer checked it with them", "no": "No"},
            hints={"yes": "It was rung, or read back by them"},
        ),
    )

    @property
    def was_checked(self) -> bool:
        return bool(self.checked.data == "yes")
