"""A rule of risk share as a person adds or changes it, never over a newer state."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils.text import slugify

from esbt.kit.problems import Conflict, Fault
from finance.models import ShareRule
from finance.services.pools import ShareRuleSpec, save_share_rules
from schemes.models import RowVersion, User
from schemes.services.slices import hold

CODE_LENGTH = 50


def seen_rule(rule: ShareRule) -> int:
    """The number of the state that a rule is in now; 0 before it has a history."""
    version = RowVersion.objects.filter(table="sharerule", row=rule.pk).order_by("-pk").first()
    return version.pk if version else 0


@transaction.atomic
def keep_share_rule(*, by: User, spec: ShareRuleSpec, seen: int | None) -> str:
    """Add or change a rule by which a pool's variance is shared; its code.

    ``seen`` is the state that its author had before them; None is a new rule, which gets a code
    after its name. Raises Conflict when somebody saved a newer state, Refused and Http404 as
    ``save_share_rules`` does.
    """
    hold(Q(system__code=spec.system))  # a rule holds in each of its years
    rules = ShareRule.objects.filter(pool__system__code=spec.system, pool__code=spec.pool)
    if seen is None:
        spec = replace(spec, code=_free_code(spec.name, set(rules.values_list("code", flat=True))))
    else:
        rule = rules.filter(code=spec.code).first()
        if rule is None:
            raise Http404
        if seen_rule(rule) != seen:
            said = "Somebody saved a newer state of this rule since you opened it."
            raise Conflict([Fault(said)], [])
    save_share_rules(by=by, specs=[spec])
    return spec.code


def _free_code(name: str, taken: set[str]) -> str:
    """A code after the name that no rule of the pool has yet."""
    stem = slugify(name)[:CODE_LENGTH].strip("-_").replace("_", "-") or "rule"
    code, number = stem, 2
    while code in taken:
        code, number = f"{stem}-{number}", number + 1
    return code
