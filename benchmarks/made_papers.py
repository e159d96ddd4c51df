"""Bibliographies and citations of the same papers, made from a seed."""

from benchmarks.made_sheets import MadeTables, Row, Sheets, sides
from benchmarks.made_words import WORDS, Draw

TOPICS = WORDS["topics"]
FRAMES = WORDS["frames"]
VENUES = (
    (
        "SIGMOD Conference",
        ("International Conference on Management of Data", "ACM SIGMOD", "SIGMOD"),
    ),
    ("VLDB", ("Very Large Data Bases", "Proc. of the VLDB Conference", "VLDB")),
    ("ACM Trans. Database Syst.", ("ACM Transactions on Database Systems (TODS)", "TODS")),
    ("SIGMOD Record", ("ACM SIGMOD Record", "SIGMOD Rec.")),
    ("VLDB J.", ("The VLDB Journal", "The International Journal on Very Large Data Bases")),
    (
        "ICDE",
        ("Data Engineering, 2002. Proceedings. 18th International Conference on", "IEEE ICDE"),
    ),
)


def _paper(draw: Draw) -> tuple[str, list[tuple[str, str]], int, int]:
    first, second = draw.some(TOPICS, 2)
    title = draw.one(FRAMES).format(a=first, b=second, c=draw.word(2))
    authors = [draw.person() for _ in range(draw.number(1, 4))]
    return (
        title[0].upper() + title[1:],
        authors,
        draw.number(0, len(VENUES) - 1),
        draw.number(1994, 2004),
    )


def _beside(
    draw: Draw, paper: tuple[str, list[tuple[str, str]], int, int]
) -> tuple[str, list[tuple[str, str]], int, int]:
    """Another paper of the same authors: a second part, a later version, or one named alike."""
    title, authors, venue, year = paper
    kind = draw.number(0, 3)
    if kind == 0:
        return f"{title}, Part II", authors, venue, year
    if kind == 1:
        return title, authors, (venue + 2) % len(VENUES), year + draw.number(1, 3)
    if kind == 2:
        return "Editorial", authors[:1], venue, year + draw.number(1, 3)
    other = draw.one(TOPICS)
    return f"{title.split(' ')[0]} {other} {' '.join(title.split(' ')[2:])}", authors, venue, year


def papers(seed: int, size: int) -> MadeTables:
    """Two clean bibliographies, each paper once in each."""
    draw = Draw(seed, 3)
    sheets = Sheets(draw)
    paper = _paper(draw)
    for _ in range(size):
        paper = _beside(draw, paper) if draw.true(0.3) else _paper(draw)
        left, right = sides(draw, 0.85)
        sheets.add(_entry(paper) if left else None, _record(draw, paper) if right else None)
    return sheets.done()


def citations(seed: int, size: int) -> MadeTables:
    """A clean bibliography, and citations collected from the web: several for one paper."""
    draw = Draw(seed, 4)
    sheets = Sheets(draw)
    paper = _paper(draw)
    for _ in range(size):
        paper = _beside(draw, paper) if draw.true(0.3) else _paper(draw)
        if draw.true(0.75):
            sheets.add(None, _cited(draw, paper))
            continue
        sheets.add(_entry(paper), _cited(draw, paper) if draw.true(0.9) else None)
        if draw.true(0.9):
            for _ in range(draw.number(0, 3)):
                sheets.again(_cited(draw, paper))
    return sheets.done()


def _entry(paper: tuple[str, list[tuple[str, str]], int, int]) -> Row:
    title, authors, venue, year = paper
    return {
        "title": title,
        "authors": ", ".join(f"{given} {family}" for given, family in authors),
        "venue": VENUES[venue][0],
        "year": str(year),
    }


def _record(draw: Draw, paper: tuple[str, list[tuple[str, str]], int, int]) -> Row:
    title, authors, venue, year = paper
    shown = [
        f"{given[0]}. {family}" if draw.true(0.2) else f"{given} {family}"
        for given, family in authors
    ]
    return {
        "title": draw.worn(title, 0.05),
        "authors": ", ".join(draw.some(shown, len(shown)) if draw.true(0.2) else shown),
        "venue": draw.one(VENUES[venue][1]),
        "year": str(year),
    }


def _cited(draw: Draw, paper: tuple[str, list[tuple[str, str]], int, int]) -> Row:
    title, authors, venue, year = paper
    words = title.split(" ")
    if draw.true(0.12):
        words = words[: max(len(words) - 2, 2)]
    shown = [f"{given[0]} {family}" for given, family in authors]
    if draw.true(0.2):
        shown = [*shown[: draw.number(1, len(shown))], "..."]
    return {
        "title": draw.worn(draw.worn(" ".join(words), 0.15), 0.05),
        "authors": ", ".join(shown),
        "venue": draw.or_none(draw.one((*VENUES[venue][1], VENUES[venue][0])), 0.4),
        "year": draw.or_none(str(year + (draw.number(-1, 1) if draw.true(0.05) else 0)), 0.45),
    }
