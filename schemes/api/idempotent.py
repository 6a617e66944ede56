"""The header Idempotency-Key of operations that save (docs/decisions/0012)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Schema

from esbt.kit.problems import Fault, Refused
from schemes.people.requests import PersonRequest
from schemes.services.keys import once

NAME = "Idempotency-Key"
_FORM = re.compile(r"[ -~]{1,200}")

Key = Annotated[
    str | None,
    Header(
        alias=NAME,
        description="Your own name for this save, 1 to 200 printable ASCII characters. Sent again "
        "within 7 days it is answered as the first time, with Idempotent-Replayed: true, and "
        "writes nothing.",
    ),
]


def answer_once(
    request: PersonRequest,
    key: str | None,
    body: Schema,
    form: type[Schema],
    save: Callable[[], dict[str, Any]],
) -> dict[str, Any] | HttpResponse:
    """The answer of ``save``, in the form given; with a key it is saved and answered only once.

    Raises Refused for a key of another form or one that was sent with something else.
    """
    if key is None:
        return save()
    if not _FORM.fullmatch(key):
        message = "A key has 1 to 200 letters, digits, spaces or signs of plain ASCII."
        raise Refused([Fault(message, NAME, key[:200])])
    sent = json.dumps(
        body.model_dump(mode="json", exclude_unset=True)
    )  # what is left out is not null
    found = once(
        by=request.user,
        key=key,
        asked=f"{request.method} {request.path}\n{sent}",
        save=lambda: json.dumps(form.model_validate(save()).model_dump(mode="json")),
    )
    answer = HttpResponse(found.body, content_type="application/json; charset=utf-8")
    if found.replayed:
        answer["Idempotent-Replayed"] = "true"
    return answer
