"""The monthly return over the API: what stands by month, a month put, and a save sent twice."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from finance import api, tasks
from finance.api import returns
from finance.models import Outturn, OutturnRevision
from finance.services import Entry, LineSpec, record_outturns, save_lines
from schemes.models import IdempotencyKey, RoleGrant
from schemes.people.roles import Role
from schemes.services.keys import KEPT
from schemes.services.tokens import issue_token
from tests.factories import (
    a_line,
    a_person,
    a_system,
    a_valley,
    a_year,
    close,
    evenly,
    move,
    report,
)
from tests.money import pounds

HERE = "/api/v1/systems/valley/years/2018-19"
MAY = f"{HERE}/months/2/outturns"
POST = f"{HERE}/outturns"

pytestmark = pytest.mark.django_db


class Program:
    """Somebody's program, with their token."""

    def __init__(self, user, **settings) -> None:
        headers = {"Authorization": f"Bearer {issue_token(user=user)}"}
        self.client = Client(headers=headers, **settings)

    def lines(self, **query: object) -> dict:
        """Months of each line, by its code and then by month."""
        answer = self.client.get(f"{HERE}/lines", query)
        assert answer.status_code == 200
        rows = answer.json()["rows"]
        return {row["code"]: {month.pop("month"): month for month in row["months"]} for row in rows}

    def send(self, method: str, path: str, body: object, key: str | None = None):
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {} if key is None else {"Idempotency-Key": key}
        call = getattr(self.client, method)
        return call(path, text, content_type="application/json", headers=headers)

    def put(self, *rows: dict, month: object = 2, status: int = 200, key: str | None = None):
        answer = self.send("put", f"{HERE}/months/{month}/outturns", {"outturns": rows}, key)
        assert answer.status_code == status, answer.content
        kind = "application/json" if status == 200 else "application/problem+json"
        assert answer["Content-Type"].startswith(kind)
        return answer.json()


@pytest.fixture
def finn(valley) -> Program:
    """The program of the council's finance lead."""
    return Program(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


def stated(plan=None, actual=None, forecast=None, revision=None) -> dict:
    return {
        "plan_pence": plan,
        "ytd_actual_pence": actual,
        "forecast_pence": forecast,
        "revision": revision,
        "state": "draft",
    }


# what stands


def test_a_line_tells_its_months(valley, finn, line):
    valley.plan({line: evenly("-120")})
    valley.plan({line: evenly("-240")}, code="revised", headline=False)
    report(line, 1, "-11", "-130")
    report(line, 3, "-33")
    report(line, 3, "-35", comment="Winter")
    months = finn.lines()[line.code]
    assert list(months) == list(range(1, 13))
    assert months[1] == stated(pounds("-10"), pounds("-11"), pounds("-130"), 1)
    assert months[2] == stated(pounds("-20"))
    assert months[3] == stated(pounds("-30"), pounds("-35"), None, 2)
    assert months[12] == stated(pounds("-120"))


def test_a_plan_of_the_year_only_stands_at_its_end(valley, finn, line):
    short = valley.line(valley.hill, first_month=4, last_month=9)
    unplanned = valley.line(valley.moor, "saving")
    valley.plan({line: "-120", short: "-60"})
    found = finn.lines()
    assert [month["plan_pence"] for month in found[line.code].values()] == [
        *[None] * 11,
        pounds("-120"),
    ]
    assert list(found[short.code]) == [4, 5, 6, 7, 8, 9]
    assert [month["plan_pence"] for month in found[short.code].values()] == [
        *[None] * 5,
        pounds("-60"),
    ]
    assert all(month == stated() for month in found[unplanned.code].values())


def test_the_opening_forecast_and_the_audited_year_show_once_reported(valley, finn, line):
    valley.plan({line: evenly("-120")})
    report(line, 0, forecast="-125")
    report(line, 13, "-127")
    months = finn.lines()[line.code]
    assert list(months) == list(range(14))
    assert months[0] == stated(None, None, pounds("-125"), 1)
    assert months[13] == stated(pounds("-120"), pounds("-127"), None, 1)


def test_a_value_that_was_taken_back_keeps_its_revision(finn, line):
    report(line, 1, "-1")
    finn.put({"line": line.code, "ytd_actual_pence": None}, month=1)
    assert finn.lines()[line.code][1] == stated(revision=2)


def test_lines_of_a_partner_bring_their_own_months_only(valley, finn, line):
    other = valley.line(valley.hill)
    report(line, 1, "-1")
    report(other, 1, "-9")
    found = finn.lines(partner="hill")
    assert list(found) == [other.code]
    assert found[other.code][1]["ytd_actual_pence"] == pounds("-9")
    a_system(code="elsewhere")
    unknown = finn.client.get(f"{HERE}/lines", {"partner": "nobody"})
    assert unknown.status_code == 422
    assert list(finn.lines(kind="position")) == [other.code, line.code]


def test_three_lines_and_three_hundred_take_as_many_queries(valley, finn, query_count):
    def more(first: int, last: int) -> None:
        codes = [f"saving-{number}" for number in range(first, last)]
        specs = [LineSpec(code=code, name=code, partner="moor", kind="saving") for code in codes]
        save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
        entries = [Entry(line=code, month=5, actual_pence=1) for code in codes]
        record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)

    more(0, 3)
    few = query_count(lambda: finn.lines(partner="moor"))
    more(3, 300)
    found = finn.lines(partner="moor")
    assert len(found) == 300
    assert {months[5]["revision"] for months in found.values()} == {1}
    assert query_count(lambda: finn.lines(partner="moor")) == few <= 8


# a month put


def test_a_month_is_put_and_answered_as_it_stands(valley, finn, line):
    other = valley.line(valley.moor, "saving")
    told = finn.put(
        {"line": line.code, "ytd_actual_pence": -100, "forecast_pence": -900, "revision": None},
        {"line": other.code, "forecast_pence": 70, "comment": "Winter"},
    )
    assert (told["created"], told["updated"], told["unchanged"]) == (2, 0, 0)
    assert (told["change"], told["warnings"]) == (valley.fresh().change, [])
    assert told["rows"] == [
        {
            "line": line.code,
            "month": 2,
            "revision": 1,
            "ytd_actual_pence": -100,
            "forecast_pence": -900,
            "earlier_months_pence": None,
            "comment": "",
        },
        {
            "line": other.code,
            "month": 2,
            "revision": 1,
            "ytd_actual_pence": None,
            "forecast_pence": 70,
            "earlier_months_pence": None,
            "comment": "Winter",
        },
    ]
    assert finn.lines()[line.code][2] == stated(None, -100, -900, 1)
    again = finn.put({"line": line.code, "ytd_actual_pence": -100, "revision": 1})
    assert (again["unchanged"], again["change"]) == (1, None)


def test_what_is_left_out_stays_and_null_is_not_stated(finn, line):
    report(line, 2, "-1", "-9", comment="Winter", earlier_months_pence=5)
    finn.put({"line": line.code, "forecast_pence": -8})
    assert Outturn.objects.get().actual_pence == pounds("-1")
    finn.put({"line": line.code, "ytd_actual_pence": None})
    head = Outturn.objects.get()
    assert (head.actual_pence, head.forecast_pence) == (None, -8)
    assert (head.comment, head.earlier_months_pence) == ("Winter", 5)
    finn.put({"line": line.code, "comment": ""})
    assert Outturn.objects.get().comment == ""


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ytd_actual_pence": 10**15 + 1}, "ytd_actual_pence"),
        ({"forecast_pence": -(10**40)}, "forecast_pence"),
        ({"ytd_actual_pence": 1.5}, "ytd_actual_pence"),
        ({"ytd_actual_pence": 100.0}, "ytd_actual_pence"),
        ({"ytd_actual_pence": "100"}, "ytd_actual_pence"),
        ({"ytd_actual_pence": True}, "ytd_actual_pence"),
        ({"forecast_pence": "100"}, "forecast_pence"),
        ({"forecast_pence": float("nan")}, "forecast_pence"),
        ({"actual_pence": 1}, "actual_pence"),
        ({"month": 2}, "month"),
        ({"line": "nobodys"}, "line"),
        ({"line": "a\0"}, "line"),
        ({"comment": None}, "comment"),
        ({"comment": "\ud800"}, "comment"),
        ({"comment": "x" * 4001}, "comment"),
        ({"revision": "1"}, "revision"),
    ],
)
def test_what_cannot_be_stored_is_named_with_its_row(valley, finn, line, values, field):
    other = valley.line(valley.moor, "saving")
    fine = {"line": line.code, "ytd_actual_pence": 1}
    told = finn.put(fine, {"line": other.code, "ytd_actual_pence": 1} | values, status=422)
    assert [(error["row"], error["field"]) for error in told["errors"]] == [(2, field)]
    assert not Outturn.objects.exists()


def test_every_fault_is_told_at_once(valley, finn, line):
    late = valley.line(valley.moor, "saving", first_month=5)
    told = finn.put(
        {"line": "nobodys", "ytd_actual_pence": 1},
        {"line": line.code, "ytd_actual_pence": 10**16},
        {"line": line.code, "forecast_pence": 1},
        {"line": late.code, "ytd_actual_pence": 1},
        status=422,
    )
    assert [(error["row"], error["field"]) for error in told["errors"]] == [
        (1, "line"),
        (2, "ytd_actual_pence"),
        (3, "line"),
        (4, "month"),
    ]
    assert all(error["message"] for error in told["errors"])
    told = finn.put(
        {"line": line.code, "ytd_actual_pence": "1"},
        {"line": line.code, "forecast_pence": "x"},
        status=422,
    )
    told_of = [(error["row"], error["field"]) for error in told["errors"]]
    assert told_of == [(1, "ytd_actual_pence"), (2, "forecast_pence"), (2, "line")]  # twice
    told = finn.put(
        {"line": "nobodys", "ytd_actual_pence": 1},
        {"line": line.code, "ytd_actual_pence": "1.5", "comments": "x"},
        {"line": "theirs", "forecast_pence": True},
        "no row",
        {"line": line.code, "forecast_pence": 10**16},
        status=422,
    )
    assert [(error["row"], error.get("field", "")) for error in told["errors"]] == [
        (1, "line"),
        (2, "ytd_actual_pence"),
        (2, "comments"),
        (3, "forecast_pence"),
        (3, "line"),
        (4, ""),
        (5, "line"),  # of row 2 as well
        (5, "forecast_pence"),
    ]
    assert told["errors"][1]["value"] == "1.5"
    assert not Outturn.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "null", '{"outturns": []}', '{"rows": [{}]}', "{"])
def test_a_body_of_another_form_is_refused(finn, line, body):
    answer = finn.send("put", MAY, body)
    assert answer.status_code == (400 if body == "{" else 422)
    assert answer.json()["detail"]


def test_an_unknown_name_beside_the_rows_is_refused(finn, line):
    row = {"line": line.code, "ytd_actual_pence": 1}
    answer = finn.send("put", MAY, {"outturns": [row], "month": 2})
    assert [error["field"] for error in answer.json()["errors"]] == ["month"]
    assert not Outturn.objects.exists()


@pytest.mark.parametrize("month", ["14", "-1", "x", "1.5", "9" * 5000])
def test_there_is_no_such_month(finn, line, month):
    told = finn.put({"line": line.code, "ytd_actual_pence": 1}, month=month, status=422)
    assert [error["field"] for error in told["errors"]] == ["month"]


def test_the_opening_forecast_has_no_actual(finn, line):
    told = finn.put({"line": line.code, "ytd_actual_pence": 1}, month=0, status=422)
    assert [error["field"] for error in told["errors"]] == ["ytd_actual_pence"]
    assert finn.put({"line": line.code, "forecast_pence": 1}, month=0)["created"] == 1


@pytest.mark.parametrize("state", ["closed", "submitted", "approved"])
def test_a_month_that_takes_no_figures_says_why(valley, finn, line, state):
    move(valley.slice, state, 2, valley.moor)
    told = finn.put({"line": line.code, "ytd_actual_pence": 1}, status=409)
    assert told["code"] == ("closed" if state == "closed" else "submitted")
    assert (told["errors"][0]["row"], told["errors"][0]["field"]) == (1, "month")
    assert not Outturn.objects.exists()


def test_a_month_to_come_is_not_open(valley, finn):
    a_line(a_year(valley.system, "2098-99"), valley.moor, code="far")
    path = "/api/v1/systems/valley/years/2098-99/months/1/outturns"
    answer = finn.send("put", path, {"outturns": [{"line": "far", "forecast_pence": 1}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_open")


def test_the_second_of_two_programs_is_told_what_the_first_saved(valley, finn, line):
    fay = Program(a_person("fay", Role.FINANCE_LEAD, partner=valley.moor))
    other = valley.line(valley.moor, "saving")
    report(line, 2, "-1")
    seen = {code: months[2]["revision"] for code, months in finn.lines().items()}
    assert fay.lines()[line.code][2]["revision"] == seen[line.code]
    fay.put({"line": line.code, "ytd_actual_pence": -250, "revision": seen[line.code]})
    late = [
        {"line": other.code, "ytd_actual_pence": 5, "revision": seen[other.code]},
        {"line": line.code, "ytd_actual_pence": -300, "revision": seen[line.code]},
    ]
    told = finn.put(*late, status=409)
    assert told["code"] == "conflict"
    assert [(error["row"], error["field"]) for error in told["errors"]] == [(2, "revision")]
    (newer,) = told["newer"]
    assert (newer["line"], newer["month"], newer["revision"]) == (line.code, 2, 2)
    assert newer["ytd_actual_pence"] == -250
    assert not other.outturns.exists()
    late[1]["revision"] = newer["revision"]
    assert (finn.put(*late)["created"], line.outturns.get().actual_pence) == (1, -300)


def test_an_amount_beyond_reason_is_stored_with_a_warning(finn, line):
    told = finn.put({"line": line.code, "ytd_actual_pence": pounds("100_000_000.01")})
    (warning,) = told["warnings"]
    assert (warning["row"], warning["field"]) == (1, "ytd_actual_pence")
    assert Outturn.objects.exists()


def test_what_one_may_not_see_or_enter_is_not_there(valley, finn, line):
    theirs = valley.line(valley.hill)
    finn.put({"line": theirs.code, "ytd_actual_pence": 1}, status=404)
    a_year(a_system(code="elsewhere"))
    path = "/api/v1/systems/elsewhere/years/2018-19/months/2/outturns"
    row = {"line": line.code, "ytd_actual_pence": 1}
    assert finn.send("put", path, {"outturns": [row]}, "a").status_code == 404
    assert not Outturn.objects.exists()
    assert not IdempotencyKey.objects.exists()


# sent twice

WAYS = {"put": (MAY, "outturns", "ytd_actual_pence"), "post": (POST, "rows", "actual_pence")}


@pytest.fixture(params=WAYS)
def way(request, line):
    """Send an amount for May, by each operation that saves; more goes into the row."""
    path, rows, name = WAYS[request.param]

    def send(program: Program, pence: object, key: str | None, **more: object):
        row = {"line": line.code, name: pence} | more
        if request.param == "post":
            row["month"] = 2
        return program.send(request.param, path, {rows: [row]}, key)

    return send


def test_the_same_key_is_answered_as_the_first_time_and_writes_nothing(valley, finn, line, way):
    first = way(finn, -100, "may 1", revision=None)
    assert (first.status_code, first.has_header("Idempotent-Replayed")) == (200, False)
    report(line, 2, "-7")
    close(valley.slice, 2, valley.moor)
    change = valley.fresh().change
    again = way(finn, -100, "may 1", revision=None)
    assert (again.status_code, again.content) == (200, first.content)
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotent-Replayed"] == "true"
    assert again.json()["created"] == 1
    assert valley.fresh().change == change
    assert Outturn.objects.get().actual_pence == pounds("-7")


def test_with_a_key_and_without_one_is_answered_alike(valley, finn, line, way):
    way(finn, -100, None)
    unchanged = way(finn, -100, None)
    keyed = way(finn, -100, "a")
    assert keyed.json() == unchanged.json()
    assert keyed["Content-Type"] == unchanged["Content-Type"]
    assert not unchanged.has_header("Idempotent-Replayed")


def test_a_key_belongs_to_one_body(finn, way):
    way(finn, -100, "a")
    for other in (way(finn, -101, "a"), way(finn, -100, "a", comment="")):
        assert (other.status_code, other.json()["code"]) == (422, "invalid")
        (error,) = other.json()["errors"]
        assert (error["field"], error["value"]) == ("Idempotency-Key", "a")
        assert "new key" in error["message"]
    assert Outturn.objects.get().revision == 1
    assert way(finn, -101, "b").status_code == 200


def test_what_is_left_out_is_another_body_than_null(finn, line):
    row = {"line": line.code, "ytd_actual_pence": -1}
    finn.put(row, key="a")
    finn.put(row | {"revision": None}, key="a", status=422)
    reordered = dict(reversed(row.items()))
    assert finn.put(reordered, key="a")["created"] == 1


def test_a_key_belongs_to_one_address(finn, line):
    row = {"line": line.code, "ytd_actual_pence": -1}
    finn.put(row, key="a")
    finn.put(row, month=3, status=422, key="a")
    post = {"line": line.code, "month": 2, "actual_pence": -1}
    assert finn.send("post", POST, {"rows": [post]}, "a").status_code == 422
    assert OutturnRevision.objects.count() == 1


def test_another_person_has_their_own_keys(valley, finn, line, way):
    fay = Program(a_person("fay", Role.FINANCE_LEAD, partner=valley.moor))
    way(finn, -100, "a")
    theirs = way(fay, -200, "a")
    assert (theirs.json()["updated"], theirs.has_header("Idempotent-Replayed")) == (1, False)
    assert Outturn.objects.get().actual_pence == -200


def test_a_refusal_is_not_kept(valley, finn, line, way):
    assert way(finn, "x", "a").status_code == 422
    report(line, 2, "-7")
    assert way(finn, -100, "a", revision=None).status_code == 409
    assert not IdempotencyKey.objects.exists()
    mended = way(finn, -100, "a", revision=1)
    assert (mended.status_code, mended.has_header("Idempotent-Replayed")) == (200, False)
    assert mended.json()["updated"] == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "caf\u00e9", "a\tb", "a\x7f"])
def test_a_key_of_another_form_is_refused(finn, way, key):
    answer = way(finn, -100, key)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]
    assert not Outturn.objects.exists()


@pytest.mark.parametrize("key", ["x", "x" * 200, "~ !\"'", "8e03978e-40d5-43dd-bc93-6894a57f9324"])
def test_keys_of_any_plain_signs_are_taken(finn, way, key):
    assert way(finn, -100, key).status_code == 200
    assert way(finn, -100, key)["Idempotent-Replayed"] == "true"


def test_a_key_opens_nothing_to_who_may_see_the_system_no_more(finn, way):
    way(finn, -100, "a")
    RoleGrant.objects.all().delete()
    assert way(finn, -100, "a").status_code == 404


def test_a_crash_between_save_and_answer_leaves_nothing_behind(valley, line, way, monkeypatch):
    finn = Program(
        a_person("finn", Role.FINANCE_LEAD, partner=valley.moor), raise_request_exception=False
    )
    change = valley.fresh().change

    def crash(saved):
        assert Outturn.objects.exists()  # the service did its work
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        for module in (api, returns):
            patched.setattr(module, "answer_of", crash)
        assert way(finn, -100, "a").status_code == 500
    assert not Outturn.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert valley.fresh().change == change
    sent = way(finn, -100, "a")
    assert (sent.json()["created"], sent.has_header("Idempotent-Replayed")) == (1, False)
    assert OutturnRevision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_waits_and_answers_as_the_first(monkeypatch):
    valley = a_valley()
    line = valley.line(valley.moor)
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    row = {"line": line.code, "ytd_actual_pence": -100, "revision": None}
    saved, second_sent = threading.Event(), threading.Event()
    told = returns.answer_of

    def slow(result):
        saved.set()
        assert second_sent.wait(10)
        return told(result)

    monkeypatch.setattr(returns, "answer_of", slow)
    answers = {}

    def send(who: str) -> None:
        try:
            answers[who] = Program(finn).send("put", MAY, {"outturns": [row]}, "a")
        finally:
            connection.close()

    first = threading.Thread(target=send, args=("first",))
    second = threading.Thread(target=send, args=("second",))
    first.start()
    assert saved.wait(10)
    second.start()
    second.join(0.5)
    assert second.is_alive()  # it waits for the first
    second_sent.set()
    first.join(10)
    second.join(10)
    assert [answers[who].status_code for who in ("first", "second")] == [200, 200]
    assert answers["second"]["Idempotent-Replayed"] == "true"
    assert answers["second"].content == answers["first"].content
    assert OutturnRevision.objects.count() == 1


def test_keys_are_forgotten_after_a_week(finn, line, way):
    way(finn, -100, "old")
    way(finn, -200, "young")
    now = timezone.now()
    IdempotencyKey.objects.filter(key="old").update(at=now - KEPT - timedelta(minutes=1))
    IdempotencyKey.objects.filter(key="young").update(at=now - KEPT + timedelta(minutes=1))
    tasks.sweep_stale_slices()
    assert [item.key for item in IdempotencyKey.objects.all()] == ["young"]
    assert Outturn.objects.get().revision == 2
