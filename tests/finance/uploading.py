"""A partner's lead with files: what tests of uploads share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from finance.models import LedgerMapping, Line, Outturn, OutturnRevision, Upload
from finance.queries.workbook import entry_sheet
from finance.services.uploads import read_upload, receive_upload, store_upload
from finance.workbook.writing import entry_workbook
from schemes.models import Partner, User
from schemes.people.roles import Role
from tests.factories import Valley, a_person
from tests.sheets import opened, saved


@dataclass
class Lead:
    """The finance lead of the valley's council, whose lines are pay and fees."""

    valley: Valley
    user: User
    pay: Line
    fees: Line

    def send(
        self,
        content: bytes,
        month: int | None = 4,
        *,
        name: str = "figures.xlsx",
        partner: Partner | None = None,
        mapping: LedgerMapping | None = None,
    ) -> Upload:
        """Upload a file and have it read."""
        upload = receive_upload(
            by=self.user,
            slice_id=self.valley.slice.pk,
            partner=partner or self.valley.moor,
            month=month,
            name=name,
            content=content,
            mapping=mapping,
        )
        read_upload(upload_id=upload.pk)
        upload.refresh_from_db()
        return upload

    def workbook(
        self, month: int | None = 4, *partners: Partner, cells: dict[str, Any] | None = None
    ) -> bytes:
        """The downloaded workbook, with values typed into cells of the first partner's sheet."""
        sheets = [
            entry_sheet(self.valley.slice, partner, month)
            for partner in partners or (self.valley.moor,)
        ]
        content = entry_workbook(sheets)
        if not cells:
            return content
        book = opened(content)
        for place, value in cells.items():
            book.worksheets[1][place] = value
        return saved(book)

    def store(self, upload: Upload, *, confirmed: bool = False) -> Upload:
        store_upload(by=self.user, upload_id=upload.pk, confirmed=confirmed)
        upload.refresh_from_db()
        return upload

    def actual(self, line: Line, month: int = 4) -> int | None:
        head = Outturn.objects.filter(line=line, month=month).first()
        return head.actual_pence if head else None


def a_lead(valley: Valley) -> Lead:
    user = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    pay = valley.line(valley.moor, "spend", "pay")
    return Lead(valley, user, pay, valley.line(valley.moor, "income", "fees"))


def faults(upload: Upload) -> list[tuple[str, str]]:
    """Kind and cell of each fault."""
    return [(flaw["kind"], flaw["cell"]) for flaw in upload.report["flaws"]]


def messages(upload: Upload) -> str:
    return " ".join(flaw["message"] for flaw in upload.report["flaws"])


def nothing_stored() -> bool:
    return not OutturnRevision.objects.exists()
