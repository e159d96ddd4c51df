"""Bank statements as camt.053, written as banks write them."""

from collections.abc import Sequence
from pathlib import Path

MADE = "2024-02-01T06:00:00+08:00"
IBAN = "DE89370400440532013000"


def entry(
    amount: str = "100.00",
    direction: str = "CRDT",
    *,
    currency: str = "CNY",
    day: str = "2024-01-15",
    reference: str = "R1",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    details: str = "",
    more: str = "",
) -> str:
    """One entry; `details` are its TxDtls, `more` whatever else it holds."""
    listed = f"<NtryDtls>{details}</NtryDtls>" if details else ""
    booked = f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>2024-01-16</Dt></ValDt>" if day else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{more}'
        f"{status}{booked}<AcctSvcrRef>{reference}</AcctSvcrRef>{listed}</Ntry>"
    )


def detail(amount: str = "", name: str = "Buyer", side: str = "Dbtr", currency: str = "CNY") -> str:
    """One transaction of an entry, as of version .08."""
    money = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else ""
    return (
        f"<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>{money}<RltdPties><{side}><Pty>"
        f"<Nm>{name}</Nm></Pty></{side}></RltdPties><RmtInf><Ustrd>invoice</Ustrd><Ustrd>17</Ustrd>"
        "</RmtInf></TxDtls>"
    )


def balance(code: str, amount: str, currency: str = "CNY") -> str:
    """One balance; a negative amount is a debit."""
    direction = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{direction}</CdtDbtInd></Bal>'
    )


def statement(
    entries: Sequence[str],
    opening: str | None = "50.00",
    closing: str | None = "150.00",
    *,
    currency: str = "CNY",
    version: str = "08",
    made: str = MADE,
    number: str = "S1",
) -> str:
    """A file of one statement; without balances where they are None."""
    shown = [("OPBD", opening), ("CLBD", closing)]
    balances = "".join(balance(code, amount, currency) for code, amount in shown if amount)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>{made}</CreDtTm></GrpHdr><Stmt><Id>{number}</Id>"
        f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>{currency}</Ccy><Ownr><Nm>某商贸有限公司</Nm></Ownr>"
        f"</Acct>{balances}\n" + "\n".join(entries) + "\n</Stmt></BkToCstmrStmt></Document>\n"
    )


def write(folder: Path, content: str) -> Path:
    """The content as a file of a folder."""
    path = folder / "statement.xml"
    path.write_text(content, encoding="utf-8")
    return path
