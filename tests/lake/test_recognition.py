"""Files are recognised by their columns and names, and the reason is said."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.data import data_folder
from tests.lake.samples import first_name, last_name, write_row
from tradeline.kernel.findings import InputProblem
from tradeline.lake.contracts import CONTRACTS, Contract, Field
from tradeline.lake.landing import land
from tradeline.lake.mapping import parse_mapping, read_mapping, write_mapping
from tradeline.lake.recognition import folder_proposal, propose

INVOICES = "enterprise,invoice_no,buyer,amount,tax,total,status,date"


def silent(_: str) -> None:
    pass


def recognised(folder: Path, name: str, content: str, encoding: str = "utf-8") -> tuple[str, ...]:
    (folder / name).write_text(content, encoding=encoding)
    return propose(folder, "CNY", silent).recognitions[0].contracts


def test_a_buyer_makes_it_sales(tmp_path: Path) -> None:
    assert recognised(tmp_path, "a.csv", f"{INVOICES}\nE1,1,B,1,0,1,valid,2020-01-01") == (
        "sales_invoices",
    )


def test_a_seller_makes_it_purchases(tmp_path: Path) -> None:
    header = INVOICES.replace("buyer", "seller")
    assert recognised(tmp_path, "a.csv", f"{header}\nE1,1,B,1,0,1,valid,2020-01-01") == (
        "purchase_invoices",
    )


def test_chinese_columns_in_gb18030_are_read_and_translated(tmp_path: Path) -> None:
    header = "企业代号,发票号码,购方单位代号,金额,税额,价税合计,发票状态,开票日期"
    rows = "E1,1,B1,100,13,113,有效发票,2020/01/31\nE1,2,B1,100,13,113,作废发票,2020/02/01"
    assert recognised(tmp_path, "a.csv", f"{header}\n{rows}", "gb18030") == ("sales_invoices",)
    source = propose(tmp_path, "CNY", silent).mapping.sources[0]
    assert source.encoding == "gb18030"
    assert source.dates == "%Y/%m/%d"
    assert source.values == {"status": {"有效发票": "valid", "作废发票": "void"}}


def test_firms_and_their_outcomes_may_stand_in_one_file(tmp_path: Path) -> None:
    content = "enterprise,name,default\nE1,某公司,是\nE2,某厂,否"
    assert recognised(tmp_path, "a.csv", content) == ("enterprises", "outcomes")


def test_a_file_of_nothing_known_says_what_is_nearest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("enterprise,colour\nE1,red", encoding="utf-8")
    finding = propose(tmp_path, "CNY", silent).findings[0]
    assert finding.message == (
        "The file looks like no contract: nearest is enterprises, "
        "but name is missing among enterprise, colour."
    )


def findings_of(folder: Path, name: str, content: str) -> list[tuple[str, str]]:
    (folder / name).write_text(content, encoding="utf-8")
    return [(str(f.severity), f.message) for f in propose(folder, "CNY", silent).findings]


def test_a_file_that_was_meant_to_be_read_is_an_error_and_a_note_a_warning(tmp_path: Path) -> None:
    header = INVOICES.replace(",total", "").replace("buyer", "seller")
    assert findings_of(tmp_path, "purchases.csv", f"{header}\n") == [
        (
            "error",
            "The file looks like no contract: nearest is purchase_invoices, but gross is missing "
            f"among {header.replace(',', ', ')}.",
        )
    ]
    (tmp_path / "purchases.csv").unlink()
    assert findings_of(tmp_path, "README.txt", "Made in May.")[0][0] == "warning"


def test_invoices_of_neither_side_are_not_guessed(tmp_path: Path) -> None:
    header = INVOICES.replace("buyer", "counterparty")
    assert findings_of(tmp_path, "a.csv", f"{header}\n") == [
        (
            "error",
            "The file looks like no contract: it fits sales_invoices and purchase_invoices alike, "
            "for neither its name nor a column such as buyer or seller tells which.",
        )
    ]
    assert recognised(tmp_path, "purchases.csv", f"{header}\n") == ()
    (tmp_path / "a.csv").unlink()
    assert recognised(tmp_path, "purchases.csv", f"{header}\n") == ("purchase_invoices",)


def test_invoices_that_lack_a_column_are_no_list_of_firms(tmp_path: Path) -> None:
    header = INVOICES.replace(",total", "") + ",name"
    assert (
        "nearest is sales_invoices, but gross is missing"
        in (findings_of(tmp_path, "a.csv", f"{header}\n")[0][1])
    )


def test_doubtful_dates_and_amounts_are_errors(tmp_path: Path) -> None:
    row = "E1,1,B,1.234,0.000,1.234,valid,05/06/2020"
    assert findings_of(tmp_path, "a.csv", f"{INVOICES}\n{row}\n") == [
        (
            "error",
            "Its dates may be read by day first or by month first, such as 05/06/2020.",
        ),
        ("error", "The point in amounts such as 1.234 may part thousands or decimals."),
    ]


def test_a_guessed_encoding_is_said(tmp_path: Path) -> None:
    text = "enterprise,name\n" + "E1,某商贸有限公司发票代码\n" * 20
    (tmp_path / "a.csv").write_text(text, encoding="gb18030")
    finding = propose(tmp_path, "CNY", silent).findings[0]
    assert finding.message == "The file is not UTF-8; it is read as gb18030, which is a guess."


def test_outcomes_without_a_date_are_known_on_the_last_plausible_day(tmp_path: Path) -> None:
    rows = "E1,1,B,1,0,1,valid,2020-01-31\nE1,2,B,1,0,1,valid,9999-12-31"
    (tmp_path / "sales.csv").write_text(f"{INVOICES}\n{rows}", encoding="utf-8")
    found = findings_of(tmp_path, "loans.csv", "enterprise,default\nE1,no")
    assert found == [
        ("note", "They carry no date, so they count as known on 2020-01-31, the day of the last "
                 "record."),
    ]  # fmt: skip


def test_a_folder_of_nothing_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("enterprise,colour\nE1,red", encoding="utf-8")
    with pytest.raises(InputProblem, match=r"map it by hand in tradeline\.yaml"):
        folder_proposal(tmp_path, None, "CNY", silent)


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "b.csv").write_text("enterprise,name\nE1,x", encoding="utf-8")
    proposal = propose(tmp_path, "CNY", silent)
    assert [finding.code for finding in proposal.findings] == ["broken-parquet"]
    assert [source.file for source in proposal.mapping.sources] == ["b.csv"]


def test_response_curves_may_be_long_or_wide(tmp_path: Path) -> None:
    for name, content in (
        ("long.csv", "rating,rate_annual,lost_share\nA,0.04,0"),
        ("wide.csv", "annual_rate,churn_A,churn_B\n0.04,0,0"),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
    long, wide = propose(tmp_path, "CNY", silent).mapping.sources
    assert long.unpivot is None
    assert wide.unpivot
    assert wide.unpivot.columns == {"A": "churn_A", "B": "churn_B"}


def test_the_folders_own_mapping_comes_first(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id,called\nE1,x", encoding="utf-8")
    columns = {"enterprise": "id", "name": "called"}
    source = {"file": "b.csv", "contract": "enterprises", "columns": columns}
    mapping = parse_mapping({"sources": [source]}, "m")
    (tmp_path / "tradeline.yaml").write_text(write_mapping(mapping), encoding="utf-8")
    assert folder_proposal(tmp_path, None, "CNY", silent).mapping == mapping


LIKE_OTHERS = {"sales_invoices", "purchase_invoices"}  # told apart by a name alone


@pytest.mark.parametrize("called", [lambda field: field.name, first_name, last_name])
@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_a_file_with_a_contract_s_fields_is_recognised_and_read(
    tmp_path: Path, contract: Contract, called: Callable[[Field], str]
) -> None:
    name = contract.name if contract.name in LIKE_OTHERS else "a"
    write_row(tmp_path / f"{name}.csv", contract, called)
    proposal = propose(tmp_path, "CNY", silent)
    assert proposal.recognitions[0].contracts == (contract.name,)
    landing = land(duckdb.connect(), tmp_path, proposal.mapping, silent)
    assert [(count.accepted, count.refused) for count in landing.counts] == [(1, 0)]
    columns = ", ".join(contract.columns)
    row = landing.connection.execute(f"SELECT {columns} FROM {contract.name}").fetchone()
    assert row
    assert None not in row


def test_a_folder_of_every_contract_is_recognised_as_a_whole(tmp_path: Path) -> None:
    for contract in CONTRACTS:
        write_row(tmp_path / f"{contract.name}.csv", contract)
    found = {r.file: r.contracts for r in propose(tmp_path, "CNY", silent).recognitions}
    assert found == {f"{contract.name}.csv": (contract.name,) for contract in CONTRACTS}


def test_chinese_values_of_a_registry_become_those_of_the_contract(tmp_path: Path) -> None:
    header = "企业,统一社会信用代码,企业类型,登记状态,成立日期,法定代表人,变更日期"
    rows = [
        "E1,91X,个体工商户,存续,2015-03-01,王某,2024-01-31",
        "E2,92X,有限责任公司,注销,,李某,2024-01-31",
    ]
    content = "\n".join([header, *rows])
    assert recognised(tmp_path, "工商登记.csv", content) == ("registrations",)
    landing = land(duckdb.connect(), tmp_path, propose(tmp_path, "CNY", silent).mapping, silent)
    query = "SELECT legal_form, status FROM registrations ORDER BY enterprise"
    assert landing.connection.execute(query).fetchall() == [
        ("sole_trader", "active"),
        ("limited_company", "deregistered"),
    ]


def test_a_richer_dataset_that_also_names_the_firm_is_no_list_of_firms(tmp_path: Path) -> None:
    row = "E1,A,1,B,1,0,1,valid,2020-01-01"
    assert recognised(tmp_path, "a.csv", f"{INVOICES.replace(',', ',name,', 1)}\n{row}") == (
        "sales_invoices",
    )


def test_the_real_folder_is_recognised_as_its_mapping_says() -> None:
    folder = data_folder("sme_invoices")
    example = Path(__file__).parents[2] / "examples" / "sme_invoices" / "tradeline.yaml"
    proposed = propose(folder, "CNY", silent)
    assert [finding.code for finding in proposed.findings] == ["undated-outcomes"]
    stated = {
        (s.file, s.contract, *sorted(s.columns.items())) for s in read_mapping(example).sources
    }
    found = {(s.file, s.contract, *sorted(s.columns.items())) for s in proposed.mapping.sources}
    assert found == stated
    counts = land(duckdb.connect(), folder, proposed.mapping, silent).counts
    assert sum(count.read for count in counts) == 920_938
