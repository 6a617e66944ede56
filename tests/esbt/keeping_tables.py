"""Who adds, changes and takes out what delivery follows: rows of the tables of permissions."""

from tests.esbt.permission_tables import (
    ACTION,
    CUTS,
    CUTS_LEADS,
    ENTERS_VALUES,
    KEEPS,
    MILESTONE,
    REVIEW,
    SYSTEM,
    Sent,
    by,
)

STREAM = f"{SYSTEM}/workstreams/home"
NEEDS = f"{SYSTEM}/milestones/launch"
REMOVED = (
    f"{REVIEW}/remove", f"{REVIEW}/areas/1/remove", f"{ACTION}/remove",
    f"{REVIEW}/areas/1/assurances/a/remove", f"{MILESTONE}/remove",
    f"{STREAM}/remove", f"{STREAM}/projects/teams/remove",
    f"{SYSTEM}/governance/board/remove", f"{SYSTEM}/governance/board/seat/moor/remove",
)  # fmt: skip
ADDED = (f"{SYSTEM}/add-workstream", f"{STREAM}/add-project")
CHANGED = (f"{STREAM}/change", f"{STREAM}/projects/teams")
NEEDED = (f"{NEEDS}/add-need", f"{NEEDS}/needs/offer/remove")
URGENT = f"{CUTS}/urgent-actions/shifts/remove"

KEPT_PAGES = {
    **dict.fromkeys((*REMOVED, *ADDED, *CHANGED, *NEEDED), (KEEPS, 302, 404)),
    URGENT: (CUTS_LEADS, 302, 404),
}

_ROW = {"name": "A", "position": 9}
KEPT_SENT = [
    *(Sent("POST", page, by(KEEPS), _ROW) for page in ADDED),
    # no state was seen, nothing is chosen, and no reason is given
    *(Sent("POST", page, by(KEEPS, 409), _ROW) for page in CHANGED),
    *(Sent("POST", page, by(KEEPS, 422)) for page in (*NEEDED, *REMOVED)),
    Sent("POST", URGENT, by(CUTS_LEADS, 422)),
    # an action of the own lead's and the approver's partner
    Sent(
        "POST",
        f"{REVIEW}/actions/1-2",
        by({"own lead", "approver", *ENTERS_VALUES}),
        {"text": "Begun."},
    ),
]
