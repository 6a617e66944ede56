"""Mails that let somebody set a password: allauth's link, in our words."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from schemes.models import User
from schemes.people.requests import PersonRequest
from schemes.services.accounts import send_link

VALID_DAYS = settings.PASSWORD_RESET_TIMEOUT // 86_400


def password_path(person: User) -> str:
    """The address below the site's under which a person sets a password, once and for days."""
    uid, key = user_pk_to_url_str(person), default_token_generator.make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})


def send_link_to(request: PersonRequest, person: User) -> None:
    """Send a person the link, in the name of whoever asks; raises what send_link does."""
    send_link(by=request.user, person_id=person.pk, send=lambda found: _mail(request, found))


def _mail(request: HttpRequest, person: User) -> None:
    context = {
        "person": person,
        "by": request.user,
        "site": request.build_absolute_uri("/"),
        "link": request.build_absolute_uri(password_path(person)),
        "days": VALID_DAYS,
        "first": person.last_login is None,
    }
    text = render_to_string("esbt/mail/password_link.txt", context)
    subject, _, body = text.partition("\n\n")
    send_mail(subject.strip(), body, None, [person.email])
