"""What an officer is asked, a form a screen. Lengths are those of the fields they become."""

from __future__ import annotations

from typing import Any

from wtforms.validators import StopValidation

from provider.domain.referrals.codes import (
    DrugClass,
    Gender,
    OffenceCode,
    OfficerObservedEthnicity,
    SelfDefinedEthnicity,
    Setting,
)
from provider.web.forms import (
    BooleanField,
    CheckboxesField,
    DateParts,
    EmailField,
    FieldList,
    FormField,
    Length,
    Needed,
    PageForm,
    PartForm,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    TimeField,
    options,
)
from provider.web.officer.lists import LANGUAGES, RISK_MARKERS, SUBSTANCES, YES_NO
from provider.web.officer.ringing import CAME_OF_IT

MOST_DRUGS = 4


class DrugForm(PartForm):
    """One drug; a row without a substance is none."""

    substance = SelectField("Drug", choices=SUBSTANCES)
    drug_class = SelectField("Class", choices=options(DrugClass, blank="Not sure"))
    quantity = StringField("How much", [Length(max=100)])


class EventForm(PageForm):
    """What happened. ``scheme`` and ``area`` are listed by the door, from what the officer's force has."""

    scheme = RadioField("Scheme", [Needed("Choose a scheme")])
    setting = RadioField(
        "Where you met them", [Needed("Choose where you met them")], choices=options(Setting)
    )
    on = DateParts("Date", [Needed("Enter the date")])
    at = TimeField("Time", [Needed("Enter the time")])
    area = SelectField("Area")
    area_other = StringField("Area, if it is not in the list", [Length(max=100)])
    force_reference = StringField("Crime number", [Length(max=50)])
    collar_number = StringField("Your collar number", [Length(max=30)])
    offence = RadioField("What for", [Needed("Choose what it is for")], choices=options(OffenceCode))
    drugs = FieldList(FormField(DrugForm), min_entries=MOST_DRUGS, max_entries=MOST_DRUGS)

    def validate_area_other(self, field: Any) -> None:
        if field.data and self.area.data:
            raise StopValidation("Choose an area in the list or write one, not both")


class PersonForm(PageForm):
    """Who they are."""

    given_name = StringField("First name", [Needed(), Length(max=100)])
    family_name = StringField("Last name", [Needed(), Length(max=100)])
    date_of_birth = DateParts("Date of birth", [Needed("Enter their date of birth")])
    gender = SelectField("Gender", [Needed()], choices=options(Gender, blank="Choose"))
    self_defined_ethnicity = SelectField(
        "Ethnicity, as they define it", choices=options(SelfDefinedEthnicity, blank="Not asked")
    )
    officer_observed_ethnicity = SelectField(
        "Ethnicity, as you see it", choices=options(OfficerObservedEthnicity, blank="Not recorded")
    )
    language = SelectField("Language", choices=options(LANGUAGES))
    interpreter_needed = BooleanField("They need an interpreter")
    accessibility_needs = TextAreaField("Anything that makes a phone call harder", [Length(max=500)])
    pnc_id = StringField("PNC ID", [Length(max=30)])


class ContactForm(PageForm):
    """How they are reached, and who is responsible for somebody under 18."""

    mobile = TelField("Mobile number")
    number_checked = RadioField("Ring it now. Did their phone ring?", choices=options(CAME_OF_IT))
    voicemail_ok = RadioField("May we leave a voicemail?", choices=options(YES_NO))
    text_ok = RadioField("May we send texts?", choices=options(YES_NO))
    best_times = StringField("Best times to ring", [Length(max=200)])
    line_1 = StringField("Address", [Length(max=200)])
    town = StringField("Town or city", [Length(max=100)])
    postcode = StringField("Postcode", [Length(max=10)])
    email = EmailField("E-mail address")
    adult_name = StringField("Name", [Length(max=100)])
    adult_relationship = StringField("Who they are to the young person", [Length(max=50)])
    adult_mobile = TelField("Their mobile number")


class AgreementForm(PageForm):
    """What was offered and agreed, and what the drug worker should know before ringing."""

    given = BooleanField("I read this out and they agreed to be referred")
    outcome = RadioField("Police outcome", [Needed("Choose the police outcome")])
    responsibility_accepted = RadioField("Did they accept responsibility?", choices=options(YES_NO))
    appropriate_adult = RadioField("Was an appropriate adult there?", choices=options(YES_NO))
    markers = CheckboxesField("Risk to whoever speaks to them", choices=options(RISK_MARKERS))
    risk_note = TextAreaField("What we should know about the risk", [Length(max=1000)])


class SendForm(PageForm):
    """The last screen: the first call may be booked with the referral."""

    slot = SelectField("First call")


class CrimeNumberForm(PageForm):
    """The crime number, when it follows later."""

    force_reference = StringField("Crime number", [Needed(), Length(max=50)])
