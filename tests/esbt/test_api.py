"""API v1: what programs read and write, in whose name, and how they are refused."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from esbt import loading
from finance.models import Outturn
from finance.models.rollups import State
from finance.pages.position import position_page
from finance.rollups import recompute
from schemes.models import ApiToken, Change
from schemes.people.roles import Role
from schemes.services.tokens import issue_token
from tests.factories import (
    a_line,
    a_person,
    a_system,
    a_year,
    approve,
    close,
    evenly,
    move,
    report,
)
from tests.money import millions, pounds

EAST_SUSSEX = Path(__file__).parents[2] / "fixtures" / "east-sussex"
HERE = "/api/v1/systems/valley/years/2018-19"

pytestmark = pytest.mark.django_db


class Program:
    """Somebody's program, with their token."""

    def __init__(self, user) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {issue_token(user=user)}"})

    def get(self, path: str, status: int = 200, **query: object):
        return self._answer(self.client.get(path, query), status)

    def post(self, path: str, body: object, status: int = 200):
        text = body if isinstance(body, str) else json.dumps(body)
        return self._answer(self.client.post(path, text, content_type="application/json"), status)

    def save(self, *rows: dict, status: int = 200):
        return self.post(f"{HERE}/outturns", {"rows": rows}, status)

    def _answer(self, answer, status: int):
        assert answer.status_code == status, answer.content
        kind = "application/json" if status == 200 else "application/problem+json"
        assert answer["Content-Type"].startswith(kind)
        told = json.loads(answer.content)
        if status != 200:
            assert told["status"] == status
        return told


@pytest.fixture
def cora(valley) -> Program:
    """A commissioner's program."""
    return Program(a_person("cora", Role.COMMISSIONER, system=valley.system))


@pytest.fixture
def finn(valley) -> Program:
    """The program of the council's finance lead."""
    return Program(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


# the position


def test_the_position_of_east_sussex_as_it_was_printed():
    loading.load([EAST_SUSSEX], progress=lambda line: None)
    sue = Program(a_person("sue", Role.SITE_ADMINISTRATOR))
    found = sue.get("/api/v1/systems/east-sussex/years/2017-18/position")
    total = found["total"]
    assert total["plan_pence"] == -2650000000
    assert total["ytd_actual_pence"] == -9490000000
    assert total["variance_pence"] == -6840000000
    assert [row["partner"] for row in found["rows"]] == ["escc", "ehs-hr-ccgs", "esht"]
    for name in ("plan_pence", "ytd_actual_pence", "variance_pence"):
        assert sum(row[name] for row in found["rows"]) == total[name]
    council, ccgs, trust = found["rows"]
    assert council["variance_pct"] is ccgs["variance_pct"] is None
    assert trust["bases_differ"]
    assert trust["variance_pence"] == millions("-30.9")
    assert trust["pct_turnover"] == -8.1  # 30.9 of 383.0
    assert {row["direction"] for row in (*found["rows"], total)} == {"adverse"}
    assert found["reported"] == {"expected": 3, "received": 3, "missing": [], "with_gaps": []}
    assert (found["month"], found["status"], found["stale"]) == (12, "closed", False)
    assert (found["plan"], found["state"]) == ("original", "published")


def test_percentages_are_numbers_or_null(valley, cora, line):
    valley.plan({line: "-200", valley.line(valley.hill): "0"})
    report(line, 12, "-225")
    recompute(valley.slice.pk)
    found = cora.get(f"{HERE}/position", state="provisional")
    assert [row["variance_pct"] for row in found["rows"]] == [-12.5, None]
    assert isinstance(found["rows"][0]["variance_pct"], float)
    assert found["rows"][0]["pct_turnover"] is None


def test_a_month_a_plan_and_a_state_can_be_asked_for(valley, cora, line):
    valley.plan({line: evenly("-120")})
    valley.plan({line: evenly("-240")}, code="revised", headline=False)
    report(line, 1, "-11")
    report(line, 2, "-25")
    approve(valley.slice, 1, valley.moor)
    recompute(valley.slice.pk)
    latest = cora.get(f"{HERE}/position")
    assert (latest["month"], latest["total"]["variance_pence"]) == (1, pounds("-1"))
    second = cora.get(f"{HERE}/position", month=2, state="provisional")
    assert second["total"]["variance_pence"] == pounds("-5")
    revised = cora.get(f"{HERE}/position", month=2, state="provisional", plan="revised")
    assert (revised["plan"], revised["total"]["variance_pence"]) == ("revised", pounds("15"))
    unreported = cora.get(f"{HERE}/position", month=9)
    assert unreported["total"]["ytd_actual_pence"] is None
    assert unreported["reported"]["missing"] == ["Moor body"]


def test_left_out_the_month_is_the_latest_reported_and_that_of_the_pages_is_named(
    valley, cora, line
):
    hill = valley.line(valley.hill)
    valley.plan({line: evenly("-120")})
    for month in (1, 2):
        report(line, month, "-11")
    report(hill, 1, "-20", "-240")
    approve(valley.slice, 1, valley.moor, valley.hill)
    approve(valley.slice, 2, valley.moor)  # early: not yet the system's month
    recompute(valley.slice.pk)
    found = cora.get(f"{HERE}/position")
    assert (found["month"], found["month_of_pages"]) == (2, 1)
    assert found["total"]["ytd_actual_pence"] == pounds("-11")
    assert found["reported"]["missing"] == found["total_without"]["actual"] == ["Hill body"]
    slice_ = valley.fresh()
    page = position_page(slice_, state=State.PUBLISHED, change=slice_.change)
    assert page.position.month == 1
    whole = cora.get(f"{HERE}/position", month=1)
    assert whole["total"]["ytd_actual_pence"] == pounds("-31")
    assert whole["total_without"] == {
        "plan": ["Hill body"],
        "actual": [],
        "forecast": ["Moor body"],
    }


def test_nothing_reported_yet_is_null_and_no_error(valley, cora, line):
    recompute(valley.slice.pk)
    found = cora.get(f"{HERE}/position")
    assert (found["month"], found["plan"]) == (None, "")
    assert found["total"]["ytd_actual_pence"] is None
    assert found["total"]["direction"] == "none"


def test_figures_that_wait_are_called_stale(valley, cora, line):
    report(line, 1, "-1")
    recompute(valley.slice.pk)
    report(line, 1, "-2")
    found = cora.get(f"{HERE}/position", state="provisional")
    assert found["stale"]
    assert found["total"]["ytd_actual_pence"] == pounds("-1")
    assert found["change"] == valley.fresh().change - 1
    (year,) = cora.get("/api/v1/systems/valley/years")["rows"]
    assert year == {
        "year": "2018-19",
        "status": "open",
        "change": valley.fresh().change,
        "stale": True,
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"month": 14}, "month"),
        ({"month": -1}, "month"),
        ({"month": "x"}, "month"),
        ({"month": "9" * 5000}, "month"),
        ({"state": "draft"}, "state"),
        ({"plan": "nobodys"}, "plan"),
        ({"plan": "a\0"}, "plan"),
        ({"as_at": "yesterday"}, "as_at"),
        ({"as_at": "2018-13-01"}, "as_at"),
        ({"as_at": "2018-07-17T25:00"}, "as_at"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(cora, line, query, field):
    told = cora.get(f"{HERE}/position", 422, **query)
    assert [error["field"] for error in told["errors"]] == [field]


# as it was known


def test_the_position_as_it_was_known_at_a_moment(valley, cora, line):
    report(line, 1, "-1")
    first = Change.objects.latest("number").at
    report(line, 1, "-9")
    recompute(valley.slice.pk)
    for moment in (first.isoformat(), first.isoformat().replace("+", " ")):
        then = cora.get(f"{HERE}/position", as_at=moment, state="provisional")
        assert then["total"]["ytd_actual_pence"] == pounds("-1")
        assert (then["stale"], then["change"]) == (False, 2)
    earlier = cora.get(f"{HERE}/position", as_at=(first - timedelta(days=1)).isoformat())
    assert (earlier["rows"], earlier["month"]) == ([], None)
    for day in (timezone.localdate().isoformat(), "9999-12-31"):
        now = cora.get(f"{HERE}/position", as_at=day, state="provisional")
        assert now["total"]["ytd_actual_pence"] == pounds("-9")
    assert cora.get(f"{HERE}/position", as_at="0001-01-01")["rows"] == []


# who


def test_without_a_token_one_is_asked_to_sign_in(client, valley):
    answer = client.get("/api/v1/systems")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["status"] == 401


def test_also_to_send_something_one_is_asked_to_sign_in():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/api/v1/risk-share", "{}", content_type="application/json")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["", "wrong", "wrong wrong", "\N{SNOWMAN}"])
def test_a_wrong_token_opens_nothing(client, valley, token):
    answer = client.get("/api/v1/systems", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_the_command_prints_a_token_alone_and_earlier_ones_stay(valley):
    a_person("cora", Role.COMMISSIONER, system=valley.system)
    tokens = []
    for _ in range(2):
        out = StringIO()
        call_command("issue_token", "cora", stdout=out)
        tokens.append(out.getvalue().removesuffix("\n"))
    for token in tokens:
        assert token.replace("-", "").replace("_", "").isalnum()
        answer = Client().get("/api/v1/systems", headers={"Authorization": f"Bearer {token}"})
        assert [row["code"] for row in answer.json()["rows"]] == ["valley"]
        assert not ApiToken.objects.filter(digest=token).exists()


def test_there_is_no_token_for_nobody():
    with pytest.raises(CommandError):
        call_command("issue_token", "nobody")


def test_revoked_tokens_and_those_of_people_who_left_are_refused(cora, valley):
    ApiToken.objects.update(revoked_at=timezone.now())
    cora.get("/api/v1/systems", 401)
    ApiToken.objects.update(revoked_at=None)
    cora.get("/api/v1/systems")
    user = a_person("cora")
    user.is_active = False
    user.save()
    cora.get("/api/v1/systems", 401)


def test_a_session_reads_and_writes_with_its_csrf_token_only(valley, line):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(finn)
    assert browser.get("/api/v1/systems").status_code == 200
    sent = {
        "path": f"{HERE}/outturns",
        "data": {"rows": [{"line": line.code, "month": 1, "actual_pence": 1}]},
        "content_type": "application/json",
    }
    refused = browser.post(**sent)
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    browser.get("/")  # the page's frame holds the sign-out form and its token
    token = browser.cookies["csrftoken"].value
    assert browser.post(**sent, headers={"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/systems/elsewhere",
        "/api/v1/systems/elsewhere/partners",
        "/api/v1/systems/elsewhere/years",
        "/api/v1/systems/elsewhere/years/2018-19/position",
        "/api/v1/systems/nowhere/years/2018-19/lines",
        "/api/v1/systems/valley/years/2016-17/position",
        f"{HERE}/lines/nothing/outturns",
        "/api/v1/systems/%00",
        "/api/v1/systems/valley/years/%00/lines",
        f"{HERE}/lines/%00/outturns",
    ],
)
def test_what_one_may_not_see_is_not_there(cora, path):
    a_system(code="elsewhere")
    assert "detail" in cora.get(path, 404)


# lists


def test_systems_partners_and_lines(valley, cora, line):
    valley.plan({line: "-120"}, basis="adjusted")
    valley.line(valley.hill, "saving", recurrent=False)
    assert cora.get("/api/v1/systems")["rows"] == [cora.get("/api/v1/systems/valley")]
    partners = cora.get("/api/v1/systems/valley/partners")["rows"]
    assert [row["code"] for row in partners] == ["moor", "ccgs", "hill", "dale", "fell"]
    assert partners[1]["members"] == ["dale", "fell"]
    lines = cora.get(f"{HERE}/lines")["rows"]
    assert [row["code"] for row in lines] == ["hill-saving", "moor-position"]
    assert (lines[1]["plan_pence"], lines[1]["plan_basis"]) == (pounds("-120"), "adjusted")
    assert (lines[0]["plan_pence"], lines[0]["recurrent"]) == (None, False)
    assert cora.get(f"{HERE}/lines", partner="moor")["rows"] == [lines[1]]
    assert cora.get(f"{HERE}/lines", kind="saving")["rows"] == [lines[0]]
    for code in ("a\0", "nosuch"):
        (error,) = cora.get(f"{HERE}/lines", 422, partner=code)["errors"]
        assert error["message"] == "This system has no partner of that code."
    approve(valley.slice, 1, valley.moor)
    months = cora.get(f"{HERE}/lines", partner="moor")["rows"][0]["months"]
    assert [month["state"] for month in months[:2]] == ["approved", "draft"]
    (error,) = cora.get(f"{HERE}/lines", 422, kind="a\0")["errors"]
    assert error["field"] == "kind"


def test_what_was_reported_for_a_line(cora, line):
    report(line, 2, "-2", comment="Winter")
    report(line, 1, forecast="-9")
    rows = cora.get(f"{HERE}/lines/{line.code}/outturns")["rows"]
    assert [(row["month"], row["actual_pence"], row["forecast_pence"]) for row in rows] == [
        (1, None, pounds("-9")),
        (2, pounds("-2"), None),
    ]
    assert (rows[1]["revision"], rows[1]["comment"]) == (1, "Winter")


# saving


def test_figures_are_saved_and_answered_as_they_stand(valley, finn, line):
    told = finn.save(
        {"line": line.code, "month": 1, "actual_pence": -100, "revision": None},
        {"line": line.code, "month": 2, "forecast_pence": -900, "comment": "Winter"},
    )
    assert (told["created"], told["updated"], told["unchanged"]) == (2, 0, 0)
    assert told["change"] == valley.fresh().change
    assert [(row["month"], row["revision"], row["actual_pence"]) for row in told["rows"]] == [
        (1, 1, -100),
        (2, 1, None),
    ]
    assert told["warnings"] == []
    again = finn.save({"line": line.code, "month": 1, "actual_pence": -100})
    assert (again["unchanged"], again["change"]) == (1, None)


def test_null_is_not_stated_and_left_out_stays(finn, line):
    finn.save({"line": line.code, "month": 1, "actual_pence": -1, "forecast_pence": -9})
    finn.save({"line": line.code, "month": 1, "actual_pence": None})
    head = Outturn.objects.get()
    assert (head.actual_pence, head.forecast_pence) == (None, -9)


def test_one_bad_row_is_named_and_nothing_stored(valley, finn, line):
    told = finn.save(
        {"line": line.code, "month": 1, "actual_pence": 1},
        {"line": "nobodys", "month": 1, "actual_pence": 1},
        status=422,
    )
    (error,) = told["errors"]
    assert (error["row"], error["field"], error["value"]) == (2, "line", "nobodys")
    assert not Outturn.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"actual_pence": 10**15 + 1}, "actual"),
        ({"actual_pence": 10**40}, "actual"),
        ({"actual_pence": 1.5}, "actual_pence"),
        ({"actual_pence": 100.0}, "actual_pence"),
        ({"actual_pence": "100"}, "actual_pence"),
        ({"actual_pence": "\N{POUND SIGN}1"}, "actual_pence"),
        ({"actual_pence": True}, "actual_pence"),
        ({"actual_pence": []}, "actual_pence"),
        ({"forecast_pence": float("nan")}, "forecast_pence"),
        ({"forecast_pence": float("inf")}, "forecast_pence"),
        ({"month": 14}, "month"),
        ({"month": True}, "month"),
        ({"month": "1"}, "month"),
        ({"month": None}, "month"),
        ({"line": None}, "line"),
        ({"line": "a\0"}, "line"),
        ({"line": "\ud800"}, "line"),
        ({"comment": "x" * 4001}, "comment"),
        ({"comment": "a\0b"}, "comment"),
        ({"comment": "\ud800"}, "comment"),
        ({"revision": "1"}, "revision"),
        ({"revision": 1.0}, "revision"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_row_and_field(finn, line, values, field):
    fine = {"line": line.code, "month": 2, "actual_pence": 1}
    told = finn.save(fine, {"line": line.code, "month": 1, "actual_pence": 1} | values, status=422)
    assert [(error["row"], error["field"]) for error in told["errors"]] == [(2, field)]
    assert not Outturn.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"rows": []}', '{"rows": {}}', '{"rows": [1]}', "1" * 5000]
)
def test_a_body_of_another_form_is_refused(finn, line, body):
    told = finn.post(f"{HERE}/outturns", body, 400 if body in ("{", "1" * 5000) else 422)
    assert told["detail"]


def test_a_field_that_is_misspelt_is_not_passed_over(finn, line):
    told = finn.save({"line": line.code, "month": 1, "actuals_pence": 1}, status=422)
    assert [error["field"] for error in told["errors"]] == ["actuals_pence"]


@pytest.mark.parametrize("state", ["closed", "submitted", "approved"])
def test_a_month_that_takes_no_figures_says_which_and_why(valley, finn, line, state):
    move(valley.slice, state, 3, valley.moor)
    told = finn.save({"line": line.code, "month": 3, "actual_pence": 1}, status=409)
    assert told["code"] == ("closed" if state == "closed" else "submitted")
    assert "Month 3" in told["detail"] or "month 3" in told["detail"]
    assert told["errors"][0]["row"] == 1


def test_a_month_to_come_is_not_open(valley, finn):
    a_line(a_year(valley.system, "2098-99"), valley.moor, code="far")
    told = finn.post(
        "/api/v1/systems/valley/years/2098-99/outturns",
        {"rows": [{"line": "far", "month": 1, "actual_pence": 1}]},
        409,
    )
    assert (told["code"], told["errors"][0]["field"]) == ("not_open", "month")


def test_a_conflict_brings_what_stands(finn, line):
    report(line, 1, "-1")
    row = {"line": line.code, "month": 1, "actual_pence": -2}
    told = finn.save(row | {"revision": None}, status=409)
    assert told["code"] == "conflict"
    assert (told["newer"][0]["revision"], told["newer"][0]["actual_pence"]) == (1, pounds("-1"))
    assert finn.save(row | {"revision": 1})["updated"] == 1
    assert finn.save(row | {"revision": 10**30, "actual_pence": 1}, status=409)["newer"]


def test_an_amount_beyond_reason_is_stored_with_a_warning(finn, line):
    told = finn.save({"line": line.code, "month": 1, "actual_pence": pounds("100_000_000.01")})
    (warning,) = told["warnings"]
    assert (warning["row"], warning["field"]) == (1, "actual")
    assert "Check the units" in warning["message"]
    assert Outturn.objects.exists()


def test_one_saves_for_ones_own_partner(valley, finn, cora, line):
    theirs = valley.line(valley.hill)
    finn.save({"line": theirs.code, "month": 1, "actual_pence": 1}, status=404)
    cora.save({"line": line.code, "month": 1, "actual_pence": 1}, status=404)
    assert not Outturn.objects.exists()


def test_a_closed_year_is_closed_for_programs_too(valley, finn, line):
    close(valley.slice, 1, valley.moor)
    told = finn.save(
        {"line": line.code, "month": 2, "actual_pence": 1},
        {"line": line.code, "month": 1, "actual_pence": 1},
        status=409,
    )
    assert told["errors"][0]["row"] == 2
    assert not Outturn.objects.exists()


@pytest.mark.parametrize("path", ["/position", "/lines", "/lines/moor-position/outturns"])
def test_the_number_of_queries_does_not_grow_with_the_lines(valley, cora, path, query_count):
    report(valley.line(valley.moor), 1, "-1")
    recompute(valley.slice.pk)
    few = query_count(lambda: cora.get(HERE + path))
    for number in range(30):
        report(valley.line(valley.moor, "saving", f"saving-{number}"), 1, "1")
    recompute(valley.slice.pk)
    assert query_count(lambda: cora.get(HERE + path)) == few <= 12
