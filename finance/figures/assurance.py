"""What the system answers to a recovery board's four questions, and from what: plain shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse

from finance.figures.forecast import RiskItem, RiskPosition
from finance.figures.reduction import ReductionBook, ReductionPlan
from finance.models import Question
from finance.queries.reduction import Hanging
from schemes.models import Partner, Slice


class Verdict(models.TextChoices):
    """What the system answers."""

    YES = "yes", "Yes"
    PART = "in-part", "In part"
    NO = "no", "No"
    UNKNOWN = "unknown", "It cannot be said"


RULES: dict[str, str] = {
    Question.IMPROVEMENT: "Yes: every plan reported, none is behind to date and none is forecast "
    "to miss its target. No: all plans together are behind or forecast to miss. In part: what "
    "lies between.",
    Question.UNDERSTOOD: "Yes: every other partner has said of every plan that it understood what "
    "the plan does to it. No: nobody has. In part: what lies between.",
    Question.RISKS: "Yes: each open risk is rated, has a mitigation and a review that is still to "
    "come, and each plan names its risks. No: none of the risks is so. In part: what lies between.",
    Question.URGENT: "Yes: each plan that does not deliver has urgent action that is still to be "
    "done, and none is overdue. No: none of them ever had any. In part: what lies between, such as "
    "a plan that is still behind when all urgent action is done.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence, and the way to it."""

    told: str
    href: str = ""
    name: str = ""  # of what the way leads to; stands before the words
    since: str = ""  # for how long it has been so, which each day says anew

    @property
    def words(self) -> str:
        """All of it in words."""
        return f"{self.told}, {self.since}" if self.since else self.told


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under a heading."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the system answers to a question."""

    question: Question
    verdict: Verdict
    sentence: str
    groups: Sequence[Group] = ()
    missing: Sequence[Fact] = field(default=())

    @property
    def rule(self) -> str:
        """When the answer is which."""
        return RULES[self.question]

    @property
    def digest(self) -> str:
        """A digest of all that it says, the same until one of the facts is another."""
        told = [
            [group.title, *((fact.name, fact.told) for fact in group.facts)]
            for group in (*self.groups, Group("", self.missing))
        ]
        said = json.dumps([str(self.verdict), self.sentence, told])
        return sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the questions are answered from: a year's plans as of a month, and the day."""

    slice: Slice
    book: ReductionBook
    hanging: Hanging
    risks: Sequence[RiskItem]  # the open ones of the year
    partners: Sequence[Partner]  # members of the system that are no groups
    month_name: str
    day: date
    position: RiskPosition  # the system's own forecast, as its page shows it

    def plan_fact(self, plan: ReductionPlan, told: str, since: str = "") -> Fact:
        """A fact of a plan."""
        href = reverse("reduction-plan", args=[*self._here, plan.code])
        return Fact(told, href, f"{plan.partner_name}: {plan.name}", since)

    def position_fact(self, told: str) -> Fact:
        """A fact of the system's position."""
        book = self.position.book
        asks = {"month": book.month, "state": book.state}
        query = urlencode({name: value for name, value in asks.items() if value is not None})
        return Fact(told, f"{reverse('forecast', args=self._here)}?{query}", "Forecast and risk")

    def risk_fact(self, risk: RiskItem, words: str) -> Fact:
        """A fact of a risk."""
        return Fact(words, reverse("risk", args=[*self._here, risk.code]), risk.name)

    @property
    def _here(self) -> tuple[str, str]:
        return self.slice.system.code, self.slice.year_id
