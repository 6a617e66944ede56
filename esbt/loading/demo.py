"""The demo: the systems that it shows, and users whose password everybody knows.

Nothing here runs outside demo mode.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from esbt.generating.system import financial_year, generate, years_up_to
from esbt.kit.problems import Refused
from esbt.loading import Progress, load
from finance.rollups import recompute
from finance.tasks import stale_slices
from schemes.models import Partner, System
from schemes.people.roles import Role
from schemes.services.people import GrantSpec, PersonSpec, add_people, grant_roles

PASSWORD = "better-together"  # noqa: S105  (shown on the sign-in page)
PACKAGES = (
    settings.BASE_DIR / "fixtures" / "east-sussex",
    settings.BASE_DIR / "fixtures" / "community-trust",
    settings.BASE_DIR / "fixtures" / "mid-essex",
)

# who reads every system, and the role that each has in all of them
READERS = {
    "commissioner": ("Commissioner", Role.COMMISSIONER),
    "board": ("Board member", Role.BOARD_MEMBER),
}
ADMINISTRATOR = "admin"
# for each partner or group: who enters its figures, and who approves them
PARTNER_ROLES = {
    "finance": ("Finance lead", Role.FINANCE_LEAD),
    "approver": ("Approver", Role.APPROVER),
}


def load_demo(*, progress: Progress) -> None:
    """Load the demo's packages and make its users; quick when nothing is to do.

    What was saved and not computed when the site went down is computed now.

    Beside the documents' figures, which are a year's or a forecast, stands one illustrative system
    with figures month by month. Where somebody has closed or corrected what a package holds, the
    figures stay as they are, and the other packages are loaded all the same.
    """
    for package in PACKAGES:
        try:
            load((package,), progress=progress)
        except Refused as refused:
            if refused.code == "invalid":
                raise
            progress(f"the demo's own figures were changed here, and stay: {refused}")
    today = timezone.localdate()
    years = years_up_to(financial_year(today), 2)
    for line in generate(systems=1, lines=120, years=years, seed=1, today=today, beside=True):
        progress(line)
    for pk in stale_slices().values_list("pk", flat=True):
        recompute(pk)
    people, grants = ensure_users()
    progress(f"demo users: {people} added, {grants} roles given")


def ensure_users() -> tuple[int, int]:
    """Make the demo's users for all systems and partners there are; how many users and roles."""
    if not settings.DEMO:
        raise RuntimeError("demo users outside demo mode")
    people, grants = [], []
    for person, own in _wanted():
        people.append(person)
        grants += own
    added = add_people(by=None, people=people, password=PASSWORD)
    return added, grant_roles(by=None, grants=grants)


def _wanted() -> Iterator[tuple[PersonSpec, list[GrantSpec]]]:
    systems = list(System.objects.values_list("pk", flat=True))
    for username, (name, role) in READERS.items():
        yield (
            PersonSpec(username=username, name=name),
            [GrantSpec(username=username, role=role, system_id=pk) for pk in systems],
        )
    yield (
        PersonSpec(username=ADMINISTRATOR, name="Administrator"),
        [GrantSpec(username=ADMINISTRATOR, role=Role.SITE_ADMINISTRATOR)],
    )
    for pk, code, short_name in Partner.objects.values_list("pk", "code", "short_name"):
        for prefix, (title, role) in PARTNER_ROLES.items():
            username = f"{prefix}-{code}"
            yield (
                PersonSpec(username=username, name=f"{title}, {short_name}"),
                [GrantSpec(username=username, role=role, partner_id=pk)],
            )
