"""The register of risks as one list: filters, the map of likelihood and impact, and what is due.

A risk that nobody rated stands apart and is never low; one with a word alone is counted by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from esbt.kit.tables import Column, pounds
from esbt.kit.when import last_day
from esbt.kit.words import number
from finance.figures.forecast import RiskItem, columns_of
from finance.figures.reduction import amount
from schemes.delivery.wishes import NONE, Wish
from schemes.models import RiskRating, RiskStatus

FLAGS = {
    "past-review": "Past review",
    "no-review": "Without a date of review",
    "unmitigated": "Without mitigation",
    "at-stake": "With money at stake",
}
HANGS_ON = {
    "system": "The system as a whole",
    "partner": "A partner",
    "pool": "A pooled budget",
    "scheme": "A scheme",
    "workstream": "A workstream",
}
_BANDS = {"scored": "With a score", **dict(RiskRating.choices), "unrated": "Not rated"}
SCALE = range(1, 6)


def past_review(risk: RiskItem, day: date) -> bool:
    """Whether an open risk was to be looked at again before a day."""
    return risk.counts and bool(risk.review) and last_day(risk.review) < day


def hangs_on(risk: RiskItem) -> list[str]:
    """What a risk belongs to, of HANGS_ON; the system where it is nothing narrower."""
    found = [name for name in ("partner", "pool", "scheme", "workstream") if getattr(risk, name)]
    return found or ["system"]


def hangs_words(risk: RiskItem) -> str:
    """The names of what a risk belongs to: "Moor, Better Care pool", "of the whole system"."""
    named = (risk.partner_name, risk.pool_name, risk.scheme_name, risk.workstream_name)
    return ", ".join(filter(None, named)) or "of the whole system"


@dataclass(frozen=True, slots=True)
class RiskWish(Wish):
    """What the address asks for of the register."""

    hangs: str = ""
    partner: str = ""
    status: str = ""
    rating: str = ""
    flag: str = ""
    likelihood: str = ""
    impact: str = ""

    def takes(self, risk: RiskItem, day: date) -> bool:
        """Whether a risk is what was asked for as of a day."""
        text = " ".join((risk.name, risk.cause, risk.effect, risk.mitigation, risk.owner_role))
        return (
            self.matches(
                text,
                partner=risk.partner or NONE,
                status=risk.status,
                likelihood=str(risk.likelihood or ""),
                impact=str(risk.impact or ""),
            )
            and self.hangs in ("", *hangs_on(risk))
            and self.rating in ("", *_bands(risk))
            and self.flag in ("", *flags_of(risk, day))
        )

    @property
    def wider(self) -> RiskWish:
        """The same without what the map's cells set."""
        return replace(self, likelihood="", impact="", rating="", status="")


def _bands(risk: RiskItem) -> list[str]:
    found = ["scored"] if risk.score else []
    return [*found, risk.rating] if risk.rating else found or ["unrated"]


def flags_of(risk: RiskItem, day: date) -> list[str]:
    """Those of FLAGS that hold of a risk as of a day."""
    holds = {
        "past-review": past_review(risk, day),
        "no-review": risk.counts and not risk.review,
        "unmitigated": risk.counts and not risk.mitigated,
        "at-stake": risk.stake.pence is not None,
    }
    return [name for name, held in holds.items() if held]


def choices(risks: Iterable[RiskItem], day: date) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to, as value and label: only what some risk has."""
    hangs: set[str] = set()
    bands: set[str] = set()
    flags: set[str] = set()
    partners: dict[str, str] = {}
    statuses: set[str] = set()
    for risk in risks:
        hangs.update(hangs_on(risk))
        bands.update(_bands(risk))
        flags.update(flags_of(risk, day))
        partners[risk.partner or NONE] = risk.partner_name or "Everybody's"
        statuses.add(risk.status)
    return {
        "hangs": [pair for pair in HANGS_ON.items() if pair[0] in hangs],
        "partner": sorted(partners.items(), key=lambda pair: (pair[0] == NONE, pair[1])),
        "status": [(code, label) for code, label in RiskStatus.choices if code in statuses],
        "rating": [pair for pair in _BANDS.items() if pair[0] in bands],
        "flag": [pair for pair in FLAGS.items() if pair[0] in flags],
    }


_KNOWN: dict[str, Collection[str]] = {
    "hangs": HANGS_ON,
    "status": RiskStatus.values,
    "rating": _BANDS,
    "flag": FLAGS,
    "likelihood": [str(value) for value in SCALE],
    "impact": [str(value) for value in SCALE],
}


def unknown_in(wish: RiskWish, partners: Collection[str]) -> list[str]:
    """What the address asks for that no filter offers, which takes no risk."""
    known = _KNOWN | {"partner": {*partners, NONE}}
    asked = {name: getattr(wish, name) for name in known}
    return [value for name, value in asked.items() if value and value not in known[name]]


def money_words(risks: Iterable[RiskItem], year: str) -> str:
    """What open risks put at stake, each sum of those that state it; "" where none states any."""
    held = [risk for risk in risks if risk.counts]
    sums = columns_of(held)
    loose = [risk.stake.pence for risk in held if risk.stake.loose]
    stated = [
        f"{amount(pence)} {what}"
        for pence, what in ((sums.gross_pence, "gross"), (sums.net_pence, "net"))
        if pence is not None
    ]
    said = []
    if stated:
        said.append(f"At stake in {year}: {' and '.join(stated)}, each of the risks that state it.")
    if loose:
        whose = "one risk" if len(loose) == 1 else f"{number(len(loose))} risks"
        pence = sum(pence or 0 for pence in loose)
        said.append(
            f"In no sum of gross or net: {amount(pence)} of {whose}, of which nobody says whether "
            "it is gross or net."
        )
    return " ".join(said)


@dataclass(frozen=True, slots=True)
class MapCell:
    """How many open risks stand somewhere, and the query that lists them."""

    count: int
    query: str
    label: str  # in words: "likelihood 3, impact 4, score 12"
    score: int = 0


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Open risks by likelihood and impact; those with a word alone and the unrated apart."""

    rows: Sequence[tuple[int, Sequence[MapCell]]]  # by likelihood, the highest first
    words: Sequence[MapCell]  # high, medium, low: rated in a word alone
    unrated: MapCell
    scored: int


def heat_map(risks: Iterable[RiskItem], wish: RiskWish, more: str = "") -> HeatMap:
    """The map of the open risks that a wish leaves without its own cells; one pass."""
    cells: dict[tuple[int, int], int] = {}
    worded: dict[str, int] = {}
    unrated = 0
    for risk in risks:
        if not risk.counts:
            continue
        if risk.likelihood and risk.impact:
            key = (risk.likelihood, risk.impact)
            cells[key] = cells.get(key, 0) + 1
        elif risk.rating:
            worded[risk.rating] = worded.get(risk.rating, 0) + 1
        else:
            unrated += 1

    def asks(**where: str) -> str:
        query = replace(wish.wider, status=str(RiskStatus.OPEN), **where).query
        return "&".join(filter(None, (query, more)))

    return HeatMap(
        rows=[
            (
                likelihood,
                [
                    MapCell(
                        cells.get((likelihood, impact), 0),
                        asks(likelihood=str(likelihood), impact=str(impact)),
                        f"likelihood {likelihood}, impact {impact}, score {likelihood * impact}",
                        likelihood * impact,
                    )
                    for impact in SCALE
                ],
            )
            for likelihood in reversed(SCALE)
        ],
        words=[
            MapCell(worded.get(word, 0), asks(rating=word), f"{label}, in a word")
            for word, label in RiskRating.choices
        ],
        unrated=MapCell(unrated, asks(rating="unrated"), "not rated"),
        scored=sum(cells.values()),
    )


def query_of(day: str) -> str:
    """What links keep of the day that was asked for."""
    return urlencode({"as_of": day}) if day else ""


REGISTER_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("risk", "string", "code of the risk"),
    Column("name", "string", "its name"),
    Column("hangs_on", "string", "system, partner, pool, scheme or workstream, by semicolons"),
    Column("partner", "string", "code of the partner whose it is; empty: everybody's"),
    Column("pool", "string", "code of the pooled budget"),
    Column("scheme", "string", "code of the scheme"),
    Column("workstream", "string", "code of the workstream"),
    Column("status", "string", "open, landed or closed"),
    Column("likelihood", "integer", "1 to 5; empty is not rated, which is not low"),
    Column("impact", "integer", "1 to 5; empty is not rated, which is not low"),
    Column("score", "integer", "likelihood times impact, where both are rated"),
    Column("rating", "string", "high, medium or low as its source prints it; empty: no word"),
    Column("year", "string", "financial year of the money"),
    Column("stands_as", "string", "how the amount is stated: gross, net or not-stated"),
    Column("stated_gbp", "number", "pounds at stake as stated, where also nobody says as which"),
    Column("gross_gbp", "number", "pounds at stake before mitigations; empty: not stated"),
    Column("mitigations_gbp", "number", "what mitigations are worth, in pounds"),
    Column("net_gbp", "number", "pounds at stake after mitigations; empty: not stated"),
    Column("mitigation", "string", "what is done about it"),
    Column("owner_role", "string", "role of who sees to it"),
    Column("owner", "string", "its body"),
    Column("review", "string", "when it is looked at again, as exactly as it is known"),
    Column("past_review", "boolean", "whether that lies before the day that was asked for"),
)


def register_record(system: str, year: str, risk: RiskItem, day: date) -> dict[str, Any]:
    """A row for REGISTER_COLUMNS."""
    stake = risk.stake
    plain = (
        "name", "partner", "pool", "scheme", "workstream", "status", "likelihood", "impact",
        "score", "rating", "mitigation", "owner_role", "review",
    )  # fmt: skip
    return {
        "system": system,
        "risk": risk.code,
        "hangs_on": hangs_on(risk),
        "year": year,
        "stands_as": stake.stands_as,
        "stated_gbp": pounds(stake.pence),
        "gross_gbp": pounds(stake.gross_pence),
        "mitigations_gbp": pounds(stake.mitigation_pence),
        "net_gbp": pounds(stake.net_pence),
        "owner": risk.owner_name,
        "past_review": past_review(risk, day),
        **{name: getattr(risk, name) for name in plain},
    }
