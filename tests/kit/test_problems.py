"""What is said when something cannot be done."""

from esbt.kit.problems import STATUS, TITLES, Conflict, Fault, Refused, problem


def test_a_fault_reads_from_the_file_to_the_field():
    fault = Fault("Type a number.", "amount", "x", 7, "lines.csv")
    assert str(fault) == "lines.csv, row 7, amount: Type a number."
    assert str(Fault("Type a number.")) == "Type a number."


def test_a_refusal_says_all_of_its_faults():
    refused = Refused([Fault("One.", row=0), Fault("Two.", "b")])
    assert str(refused) == "row 0: One.; b: Two."


def test_a_problem_leaves_out_what_is_not_known():
    body = problem(Refused([Fault("Type a number.", "amount", row=3)]))
    assert (body["status"], body["code"]) == (422, "invalid")
    assert body["errors"] == [{"message": "Type a number.", "field": "amount", "row": 3}]
    assert "newer" not in body


def test_a_conflict_brings_the_newer_values():
    body = problem(Conflict([Fault("Newer.")], [{"line": "a", "revision": 2}]))
    assert (body["status"], body["code"]) == (409, "conflict")
    assert body["newer"] == [{"line": "a", "revision": 2}]


def test_every_code_has_a_status_and_a_title():
    assert STATUS.keys() == TITLES.keys()
    assert {code for code, status in STATUS.items() if status == 409} == {
        "closed",
        "not_open",
        "open",
        "submitted",
        "conflict",
    }
