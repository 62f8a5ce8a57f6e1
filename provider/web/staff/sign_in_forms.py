"""What is asked for at sign-in."""

from __future__ import annotations

from provider.web.forms import EmailField, HiddenField, Length, Needed, PageForm, PasswordField, StringField


class SignInForm(PageForm):
    email = EmailField("E-mail address", [Needed("Enter your e-mail address")])
    password = PasswordField("Password", [Needed("Enter your password"), Length(max=500)])
    next = HiddenField()


class CodeForm(PageForm):
    code = StringField(
        "Code",
        [Needed("Enter the code"), Length(max=20)],
        description="The 6 digits that your authenticator app shows now.",
    )
