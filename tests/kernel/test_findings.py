"""Findings say where, what and what to do."""

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding(
        "bad-date", Severity.ERROR, "a.csv row 3", "'x' is no date.", "Write 2020-01-31."
    )
    assert finding.line() == "error: a.csv row 3: 'x' is no date. Write 2020-01-31."


def test_a_problem_shows_every_finding() -> None:
    first = Finding("a", Severity.ERROR, "a.csv", "First.", "")
    second = Finding("b", Severity.ERROR, "b.csv", "Second.", "")
    assert str(InputProblem([first, second])) == "error: a.csv: First.\nerror: b.csv: Second."


def test_a_single_problem_is_an_error() -> None:
    assert problem("c", "folder", "It is empty.", "Put files in.").findings[0].severity == "error"
