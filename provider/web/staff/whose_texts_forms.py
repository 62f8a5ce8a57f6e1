"""What is recorded of whom a child's texts may reach."""

from __future__ import annotations

from provider.domain.people.reach import Competence, TextsTo
from provider.pathway.reaching import Agreed
from provider.web.forms import (
    BooleanField,
    Length,
    Needed,
    PageForm,
    RadioField,
    StringField,
    TelField,
    options,
)

TEXTS_TO = {
    "child": "Themselves",
    "adult": "A responsible adult",
    "nobody": "Nobody: calls only",
}
COMPETENCE = {
    "competent": "Yes, they understand what they are deciding",
    "not_competent": "No",
}


class WhoseTextsForm(PageForm):
    texts_to = RadioField(
        "Who gets the texts?", [Needed("Choose who gets the texts")], choices=options(TEXTS_TO)
    )
    relation = StringField(
        "Who they are", [Length(max=40)], description="For example mother, or social worker"
    )
    mobile = TelField("Their mobile number", [Length(max=40)])
    heard = BooleanField("Their own voice confirmed that this number is theirs")
    competence = RadioField("Can they decide this alone?", choices=options(COMPETENCE))

    @property
    def agreed(self) -> Agreed:
        """What was decided, once the form is valid. An adult's details count only where the adult gets the texts."""
        adult = self.texts_to.data == TextsTo.ADULT
        return Agreed(
            texts_to=TextsTo(self.texts_to.data),
            competence=Competence(self.competence.data) if self.competence.data else None,
            relation=self.relation.data or None if adult else None,
            mobile=self.mobile.data or None if adult else None,
            heard=adult and self.heard.data,
        )
