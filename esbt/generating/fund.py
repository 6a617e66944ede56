"""Words of a made-up Better Care Fund: its headings, programmes, aims, conditions and agreement."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

FUND, ALIGNED = "better-care", "learning-disability"  # the pools
PLAN = "better-care-plan"
HEADINGS = {
    "reablement": "Reablement",
    "home-care": "Home care",
    "discharge": "Discharge from hospital",
    "dementia": "Dementia",
    "carers": "Carers",
    "equipment": "Equipment",
    "adaptations": "Adaptations of homes",
}
# code, name, phases of life, headings
PROGRAMMES = (
    ("at-home", "Well at home", ("All",), ("home-care", "equipment", "adaptations")),
    ("frailty", "Frailty", ("Frailty",), ("reablement", "discharge")),
    (
        "dementia",
        "Living with dementia",
        ("Long-term conditions", "Frailty"),
        ("dementia", "carers"),
    ),
)
AIMS = (
    ("People stay at home for longer", "Admissions to care homes, 65 and over"),
    ("People go home when they are well", "Days in hospital after they are ready to leave"),
    ("Carers are not left alone", "Carers who say that they were asked"),
)
CONDITIONS: dict[str, dict[str, Any]] = {
    "joint-plan": {
        "name": "A plan that health and local government have agreed together",
        "status": "met",
        "in_place": "One plan, with one set of figures.",
        "shown_by": "The plan that the partners have signed",
    },
    "home-first": {
        "name": "People are kept well and independent at home",
        "status": "partly",
        "in_place": "Reablement on seven days in the north.",
        "planned": "The same in the south.",
    },
    "right-care": {
        "name": "The right care in the right place at the right time",
        "status": "planned",
        "planned": "One team that arranges every discharge.",
    },
    "spending": {
        "name": "Adult social care and care outside hospital are maintained",
        "status": "",
    },
}  # fmt: skip
# name, admissions avoided in a year, pence of one; None where nobody states it
ACUTE = (
    ("Reablement spares admissions", Decimal(840), 2_150_00),
    ("Teams at the front door", Decimal(310), None),
    ("Workforce for more care at home", None, None),
)
AGREEMENT: dict[str, Any] = {
    "aims": "To keep people well at home, and to bring them home soon.",
    "contributions": "Each partner pays a twelfth a month; a change needs all partners' consent.",
    "functions": "Of the council social care of adults; of the board community services.",
    "services": "Adults who need care at home or after a stay in hospital.",
    "resources": "One team of commissioners, in the council's offices.",
    "review": "Three years, looked at every year; six months' notice to end it.",
    "management": "The host keeps the accounts; the manager reports every quarter.",
}
RISKS: tuple[dict[str, Any], ...] = (
    {
        "code": "home-care-prices",
        "name": "Prices of home care rise",
        "cause": "Providers pay more to keep their people.",
        "effect": "The fund overspends.",
        "rating": "high",
        "mitigation": "Prices agreed for two years.",
        "owner_role": "Assistant director of commissioning",
    },
    {
        "code": "reablement-posts",
        "name": "Posts in reablement stay vacant",
        "cause": "Too few therapists.",
        "effect": "People wait in hospital.",
    },
)
