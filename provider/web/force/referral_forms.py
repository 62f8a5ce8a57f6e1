"""What a force administrator is asked about one referral."""

from __future__ import annotations

from provider.domain.referrals.codes import WithdrawalReason
from provider.web.forms import (
    EmailField,
    Length,
    Needed,
    PageForm,
    RadioField,
    StringField,
    TextAreaField,
    options,
)

LONGEST = 2000


class CorrectForm(PageForm):
    force_reference = StringField("Crime number", [Length(max=50)])
    collar_number = StringField("Officer’s collar number", [Needed(), Length(max=30)])
    officer_name = StringField("Officer’s name", [Length(max=100)])
    officer_email = EmailField("Officer’s e-mail address")


class WithdrawForm(PageForm):
    reason = RadioField(
        "Why is it withdrawn?",
        [Needed("Choose why it is withdrawn")],
        choices=options(WithdrawalReason),
    )


class ReviewForm(PageForm):
    words = TextAreaField(
        "Why should the bar be looked at again?",
        [Needed("Say why it should be looked at again"), Length(max=LONGEST)],
        description="The provider reads this. Write nothing that the person should not come to read.",
    )
