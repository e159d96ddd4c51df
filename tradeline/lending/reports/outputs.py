"""A report as files: a page, JSON, and a CSV file for each table."""

from pathlib import Path

from tradeline.lending.reports.page import report_page
from tradeline.lending.reports.record import TABLES, Report, report_csv, report_json


def write_report(report: Report, folder: Path) -> None:
    """A page, JSON and a CSV file for each table, in a new folder."""
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(report_json(report), encoding="utf-8")
    (folder / "report.html").write_text(report_page(report), encoding="utf-8")
    for name in TABLES:
        (folder / f"{name}.csv").write_text(report_csv(report, name), encoding="utf-8")
