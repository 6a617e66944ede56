"""What a person's browser shows, in tests: signing in, the words of a page, the rows of a CSV."""

import csv
import io
import re
from html import unescape

from django.http import HttpResponse
from django.test import Client

from schemes.models import User


def browser_of(person: User) -> Client:
    """A browser in which somebody is signed in."""
    browser = Client()
    browser.force_login(person)
    return browser


def text(answer: HttpResponse, status: int = 200) -> str:
    """The words of a page without its marks, a blank between each; it answered ``status``."""
    assert answer.status_code == status, answer.content[:500]
    page = answer.content.decode()
    plain = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(plain).split())


def table(answer: HttpResponse) -> list[dict[str, str]]:
    """The rows of a CSV by the names of its columns."""
    return list(csv.DictReader(io.StringIO(answer.content.decode())))
