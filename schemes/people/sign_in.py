"""The form for signing in."""

from typing import Any

from allauth.account.forms import LoginForm


class SignIn(LoginForm):
    """Allauth's form in our words; the way to a forgotten password stands once, below it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Username or email"
        self.fields["password"].help_text = ""
        if "remember" in self.fields:
            self.fields["remember"].label = "Remember me"
