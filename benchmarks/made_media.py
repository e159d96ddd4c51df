"""Songs and beers as two sites write them, made from a seed."""

from benchmarks.made_sheets import MadeTables, Row, Sheets, sides
from benchmarks.made_words import WORDS, Draw

GENRES = (
    ("Pop", "Pop,Music"),
    ("Country", "Country,Music,Contemporary Country"),
    ("Rap", "Hip-Hop/Rap,Music"),
)


def songs(seed: int, size: int) -> MadeTables:
    """Tracks in two music shops; one song stands on several albums and in several versions."""
    draw = Draw(seed, 6)
    sheets = Sheets(draw)
    nouns = [draw.word(2) for _ in range(60)] + WORDS["song_words"] * 4
    while len(sheets.left) + len(sheets.right) < 1.5 * size:
        artist = " ".join(draw.person()) if draw.true(0.6) else f"The {draw.word(2)}s"
        for _ in range(draw.number(1, 3)):
            album, year, genre = (
                f"{draw.one(nouns)} {draw.one(nouns)}",
                draw.number(1999, 2015),
                draw.one(GENRES),
            )
            deluxe = draw.true(0.3)
            for _ in range(draw.number(3, 8)):
                song = " ".join(draw.some(nouns, draw.number(1, 3)))
                for version in (
                    "",
                    *draw.some(("Live", "Remix", "Acoustic Version"), int(draw.true(0.2))),
                ):
                    left, right = sides(draw, 0.35)
                    second = draw.number(120, 330)
                    guest = draw.person()[1] if draw.true(0.2) else ""
                    sheets.add(
                        _track(
                            draw,
                            song,
                            version,
                            artist,
                            guest,
                            album,
                            deluxe,
                            year,
                            genre[1],
                            second,
                        )
                        if left
                        else None,
                        _download(
                            draw,
                            song,
                            version,
                            artist,
                            guest,
                            album,
                            deluxe,
                            year,
                            genre[0],
                            second,
                        )
                        if right
                        else None,
                    )
    return sheets.done()


def _track(
    draw: Draw, song: str, version: str, artist: str, guest: str, album: str, deluxe: bool,
    year: int, genre: str, seconds: int,
) -> Row:  # fmt: skip
    title = (
        song + (f" ( feat . {guest} )" if guest else "") + (f" ( {version} )" if version else "")
    )
    month = draw.one(("Jan", "Mar", "Jul", "Oct"))
    return {
        "Song_Name": title,
        "Artist_Name": artist,
        "Album_Name": album + (" ( Deluxe Version )" if deluxe else ""),
        "Genre": genre,
        "Price": draw.one(("$ 0.99", "$ 1.29", "$ 1.29")),
        "CopyRight": f"{year} {draw.one(('Big', 'Blue', 'North'))} Records",
        "Time": f"{seconds // 60}:{seconds % 60:02d}",
        "Released": f"{draw.number(1, 28)}-{month}-{year % 100:02d}",
    }


def _download(
    draw: Draw, song: str, version: str, artist: str, guest: str, album: str, deluxe: bool,
    year: int, genre: str, seconds: int,
) -> Row:  # fmt: skip
    title = song + (f" [feat. {guest}]" if guest else "") + (f" - {version}" if version else "")
    seconds += draw.number(-1, 1)
    return {
        "Song_Name": title + draw.or_none(" [Explicit]", 0.85),
        "Artist_Name": artist + (f" feat. {guest}" if guest and draw.true(0.5) else ""),
        "Album_Name": album + (" (Deluxe)" if deluxe and draw.true(0.7) else ""),
        "Genre": genre,
        "Price": draw.one(("$0.99", "$1.29")),
        "CopyRight": f"(C) {year} Records",
        "Time": f"{seconds // 60}:{seconds % 60:02d}",
        "Released": draw.or_none(
            f"{draw.one(('January', 'March', 'July'))} {draw.number(1, 28)}, {year}", 0.1
        ),
    }


STYLES = WORDS["styles"]


def beers(seed: int, size: int) -> MadeTables:
    """Beers and their breweries as two sites of drinkers write them."""
    draw = Draw(seed, 7)
    sheets = Sheets(draw)
    while len(sheets.left) + len(sheets.right) < 1.5 * size:
        brewery = f"{draw.word(2)} {draw.one(('Creek', 'Valley', 'Brothers', ''))}".strip()
        for _ in range(draw.number(1, 6)):
            stem = draw.one((draw.word(2), draw.one(("Hop", "Old", "Big Red", "Winter", "Dark"))))
            style = draw.one(STYLES)
            kept = draw.one(("", "", "Bourbon Barrel Aged", "Imperial", "Organic"))
            name = " ".join(
                f"{kept} {stem} {draw.one((style.split(' ')[-1], 'Ale', 'Amber'))}".split()
            )
            strength = draw.number(40, 120) / 10
            left, right = sides(draw, 0.4)
            first: Row = {
                "Beer_Name": name,
                "Brew_Factory_Name": f"{brewery} Brewing Company",
                "Style": style,
                "ABV": f"{strength:.2f} %",
            }
            ending = ("Brewery", "Brewing Co.", "Brewing Company")
            second: Row = {
                "Beer_Name": draw.worn(draw.one((name, f"{brewery} {name}")), 0.1),
                "Brew_Factory_Name": f"{brewery} {draw.one(ending)}",
                "Style": draw.one((style, draw.one(STYLES))),
                "ABV": draw.one((f"{strength:.2f} %", f"{strength:.1f}%", "-")),
            }
            sheets.add(first if left else None, second if right else None)
    return sheets.done()
