"""What data packages said before: loaded again, they say nothing over what people said since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from schemes.models import RowVersion
from schemes.services.upsert import Wanted


def not_said_before(model: type[Model], rows: Sequence[Wanted]) -> list[Wanted]:
    """Without what the last package said in the same words of a row that stands, or that somebody
    took away since: two queries.
    """
    if not rows:
        return []
    names = tuple(rows[0].key)
    first = {f"{names[0]}__in": {want.key[names[0]] for want in rows}}
    present = set(model._default_manager.filter(**first).values_list(*names))
    said: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    gone: dict[tuple[Any, ...], bool] = {}
    versions = RowVersion.objects.filter(
        table=model._meta.model_name, **{f"values__{name}": value for name, value in first.items()}
    )
    for version in versions.order_by("at", "pk"):
        key = tuple(version.values.get(name) for name in names)
        gone[key] = bool(version.values.get("removed"))
        if version.actor_id is None:
            said[key] = version.values

    def is_new(want: Wanted) -> bool:
        key = tuple(want.key[name] for name in names)
        kept = tuple(_json(part) for part in key)
        before = said.get(kept)
        if before is None or not (key in present or gone[kept]):
            return True
        return any(before.get(name) != _json(value) for name, value in want.values.items())

    return [want for want in rows if is_new(want)]


def _json(value: Any) -> Any:
    """A value as a version of a row holds it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
