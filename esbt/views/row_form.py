"""A form over one row: what was typed stays, and a newer state is never overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.http import Http404

from esbt.forms.base import tell
from esbt.kit.newer import differences
from esbt.kit.problems import STATUS, Conflict, Refused
from schemes.people.requests import PersonRequest
from schemes.services.seen import state_of


class RowForm:
    """One request for the form of a row.

    ``make`` builds the form from what was posted, or None, with what the row says now as its
    initial values. ``but`` names fields that stand nowhere, such as a note that is added.
    """

    def __init__(
        self,
        request: PersonRequest,
        row: Model,
        make: Callable[[Any], forms.Form],
        *,
        but: tuple[str, ...] = (),
    ) -> None:
        self.request, self.row, self.make, self.but = request, row, make, but
        self.status = 200
        self.differs: list[dict[str, str]] | None = None
        self._read(None)

    def _read(self, data: Any) -> None:
        # its state is taken first, so that what is shown is never older than it
        self.seen = state_of(self.row)
        try:
            self.row.refresh_from_db()
        except ObjectDoesNotExist:  # taken out since it was found
            raise Http404 from None
        self.form = self.make(data)

    def saved(self, save: Callable[[forms.Form, int], object]) -> bool:
        """Whether the form was sent and saved; ``save`` takes it and the state its author saw."""
        sent = self.request.POST
        if self.request.method != "POST":
            return False
        seen = sent.get("seen", "")
        self.seen = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else 0
        self.form = self.make(sent)
        if not self.form.is_valid():
            self.status = STATUS["invalid"]
            return False
        try:
            save(self.form, self.seen)
        except Conflict as conflict:
            self._read(sent)
            self.differs = differences(self.form, but=self.but)
            self.status = STATUS[conflict.code]
            return False
        except Refused as refused:
            tell(self.form, refused)
            self.status = STATUS[refused.code]
            return False
        messages.success(self.request, "Saved.")
        return True

    @property
    def context(self) -> dict[str, Any]:
        """What the page of the form shows of it."""
        return {"form": self.form, "seen": self.seen, "differs": self.differs}
