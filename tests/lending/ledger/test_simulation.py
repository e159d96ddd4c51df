"""Lives drawn from seeds: whatever breaks, nothing acknowledged is lost and nothing is doubled."""

import os
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.lending.ledger.simulation import STEPS, Life, Lines
from tradeline.book.server import running

# A life that failed is lived again with TRADELINE_SEED.
SEEDS = int(os.environ.get("TRADELINE_SEEDS", "200"))
ONE = os.environ.get("TRADELINE_SEED")


@pytest.mark.long
def test_a_ledger_lives_through_broken_connections(book: Path, worker: psycopg.Connection) -> None:
    server = running(book)
    assert server
    lives = []
    with closing(Lines(server)) as lines:
        for seed in [int(ONE)] if ONE else range(SEEDS):
            life = Life(seed, lines, worker)
            try:
                life.live()
            except Exception as failed:
                raise AssertionError(f"The life of seed {seed} fails.") from failed
            lives.append(life)
    faults, resent, answered = (
        sum(counts)
        for counts in zip(*((li.faults, li.resent, len(li.answers)) for li in lives), strict=True)
    )
    print(f"\n{len(lives)} lives, {faults} faults, {resent} resent, {answered} entries answered")
    assert faults > len(lives) or ONE
    assert answered > STEPS * len(lives) // 4 or ONE
