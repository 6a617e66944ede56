"""A year of a thousand lines by workbook: uploaded, previewed and stored, against saving alone."""

from __future__ import annotations

import io
import resource
import statistics
import time

from openpyxl import load_workbook

from finance.queries.workbook import entry_sheet
from finance.services import (
    Entry,
    LineSpec,
    receive_upload,
    record_outturns,
    save_lines,
    store_upload,
)
from finance.services.uploads import read_upload
from finance.workbook.layout import FIRST_ROW
from finance.workbook.writing import entry_workbook
from schemes.models import FinancialYear, Membership, Partner, RoleGrant, Slice, System, User
from schemes.people.roles import Role
from tests.bench.measure import Result

YEAR, CODE, LINES, MONTHS = "2018-19", "bench-workbook", 1000, 12
FIRST_MONTH_COLUMN = 6
ROUNDS = 4


def measure() -> list[Result]:
    """The ratio to saving the same figures, the seconds, and how much memory it took at most."""
    partner, slice_, lead = _load()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    uploaded, alone, processor = [], [], []
    for number in range(1, ROUNDS + 1):
        content = _filled(slice_, partner, 1000 * number)
        start, busy = time.perf_counter(), time.process_time()
        upload = receive_upload(
            by=lead,
            slice_id=slice_.pk,
            partner=partner,
            month=None,
            name="year.xlsx",
            content=content,
        )
        read_upload(upload_id=upload.pk)
        store_upload(by=lead, upload_id=upload.pk, confirmed=True)
        uploaded.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
        start = time.perf_counter()
        saved = record_outturns(by=lead, slice_id=slice_.pk, entries=_entries(number))
        alone.append(time.perf_counter() - start)
        if saved.count.updated != LINES * MONTHS:
            raise SystemExit(f"the workbook was not stored: {saved.count}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    # the first round adds rows, the others change them
    seconds, saving = statistics.median(uploaded[1:]), statistics.median(alone[1:])
    detail = {"upload, preview and store (s)": seconds, "saving alone (s)": saving}
    # far below the seconds where other programs had the processors
    spent = {"of it on a processor of ours (s)": statistics.median(processor[1:])}
    return [
        Result("workbook of 12,000 figures to saving alone", seconds / saving, 3, "times", detail),
        Result("workbook of 12,000 figures, median", seconds, 5, "s", spent),
        Result("memory that workbooks add", grown, 300, "MB"),
    ]


def _load() -> tuple[Partner, Slice, User]:
    system = System.objects.create(code=CODE, name=CODE, illustrative=True)
    kind = Partner.Kind.COUNCIL
    partner = Partner.objects.create(code=CODE, name=CODE, short_name=CODE, kind=kind)
    Membership.objects.create(system=system, partner=partner)
    FinancialYear.objects.get_or_create(code=YEAR)
    slice_ = Slice.objects.create(system=system, year_id=YEAR)
    specs = [
        LineSpec(code=f"line-{number}", name=f"Line {number}", partner=CODE, kind="spend")
        for number in range(LINES)
    ]
    save_lines(by=None, slice_id=slice_.pk, specs=specs)
    lead = User.objects.create(username=CODE)
    RoleGrant.objects.create(user=lead, role=Role.FINANCE_LEAD, partner=partner)
    return partner, slice_, lead


def _filled(slice_: Slice, partner: Partner, pounds: int) -> bytes:
    """The partner's workbook of the year with every cell filled in."""
    book = load_workbook(io.BytesIO(entry_workbook([entry_sheet(slice_, partner, None)])))
    last = FIRST_MONTH_COLUMN + MONTHS - 1
    rows = book.worksheets[1].iter_rows(min_row=FIRST_ROW, min_col=FIRST_MONTH_COLUMN, max_col=last)
    for cells in rows:
        for month, cell in enumerate(cells, start=1):
            cell.value = pounds * month + 0.5
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _entries(number: int) -> list[Entry]:
    return [
        Entry(line=f"line-{line}", month=month, actual_pence=number * month)
        for line in range(LINES)
        for month in range(1, MONTHS + 1)
    ]
