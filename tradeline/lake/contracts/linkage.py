"""Linkage: which enterprises of the sources are one, and what was read through such links."""

from dataclasses import replace

from tradeline.lake.contracts.language import (
    Contract,
    amount_of,
    choice,
    clocks,
    moment,
    share,
    text,
)

RELATIONS = ("same", "affiliated", "namesake", "different", "undecided")
"""One enterprise; sisters; alike by name only; two for certain; nothing follows."""

LINKS = Contract(
    "links",
    "which enterprises, as their sources name them, are one, and who says so",
    (
        text("left_enterprise", "one of the two, the lesser by its characters", "left"),
        text("right_enterprise", "the other", "right"),
        choice("relation", "what they are to each other", RELATIONS, "link_type"),
        share("probability", "how likely they are one enterprise", "match_probability"),
        text("evidence", "what speaks for it, without names of persons", "why"),
        text("made_by", "the person or program that says so", "judged_by"),
        *clocks("when it was found or judged", "judged_at", "found_at"),
    ),
    ("left_enterprise", "right_enterprise"),
    "A split, and every other change of mind, is a later row of the same pair.",
)

USES = Contract(
    "uses",
    "what was shown, written or decided of enterprises that links may join",
    (
        text("output", "the SHA-256 of what was made, or its id"),
        choice("output_kind", "what was made", ("file", "features", "decision")),
        text("title", "what people call it, such as the name of a file", required=False),
        text("asked", "the enterprise of which it speaks"),
        text("members", "the enterprises whose rows were read for it, as a JSON list"),
        moment("as_of", "the moment of which it speaks"),
        moment("known_at", "what was known by then was read"),
        amount_of("last_entry", "the last entry of the lake that was read", "1"),
        # What was known by when is a column of its own here.
        *(replace(clock, aliases=()) for clock in clocks("when it was made")),
    ),
    ("output", "asked", "as_of", "known_at"),
    "Rows are never taken back: what was made was made.",
)
