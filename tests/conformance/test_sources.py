"""What every source keeps to, whatever it reads: one set of tests for all of them."""

from pathlib import Path

import pytest

from tests.conformance.worlds import PushWorld, Stopped, World
from tests.lake.lakes import FAR, Order, answers, new_lake
from tradeline.lake.log import Entry
from tradeline.lake.sources.protocol import Delivery
from tradeline.lake.sources.pulling import Retry
from tradeline.lake.store import open_lake
from tradeline.lake.verification import verify

BATCHES: list[list[Order]] = [
    [("E1", "1", 10, 1, 1), ("E2", "2", 20, 1, 1)],
    [("E1", "1", 11, 1, 2), ("E3", "3", 30, 2, 2)],
    [("E1", "1", 12, 1, 3), ("E4", "4", 40, 3, 3)],
]
LAST = [("E1", "1", 12), ("E2", "2", 20), ("E3", "3", 30), ("E4", "4", 40)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_lake(tmp_path)


def told(root: Path) -> list[tuple[str, str, int]]:
    """Every version of every order, in the order in which they were told."""
    query = (
        "SELECT enterprise, order_no, gross_minor // 100 FROM told_orders ORDER BY entry, order_no"
    )
    return open_lake(root).connect(FAR, FAR).execute(query).fetchall()


def refused(root: Path) -> list[tuple[str]]:
    query = "SELECT content FROM refused ORDER BY ALL"
    return open_lake(root).connect(FAR, FAR).execute(query).fetchall()


def entries(root: Path) -> tuple[Entry, ...]:
    return open_lake(root).entries


def in_order() -> list[tuple[str, str, int]]:
    return [(firm, number, gross) for batch in BATCHES for firm, number, gross, _, _ in batch]


def test_all_that_is_told_is_landed_once_and_in_order(world: World, root: Path) -> None:
    for batch in BATCHES:
        world.tell(batch)
    pulled = world.pull(root)
    assert (pulled.counts["new"], pulled.counts["revisions"], pulled.broken) == (4, 2, False)
    assert told(root) == in_order()
    assert answers(root) == LAST
    assert verify(root, lambda _: None).bad is None


def test_what_comes_later_is_taken_by_the_next_pull(world: World, root: Path) -> None:
    for batch in BATCHES:
        world.tell(batch)
        world.pull(root)
    assert told(root) == in_order()


def test_a_repeat_changes_nothing(world: World, root: Path) -> None:
    for batch in BATCHES[:2]:
        world.tell(batch)
    world.pull(root)
    before = entries(root)
    world.tell_again()
    pulled = world.pull(root)
    assert entries(root) == before
    assert (pulled.counts["batches"], pulled.findings) == (0, [])


@pytest.mark.parametrize("stop", [1, pytest.param(2, marks=pytest.mark.long)])
def test_after_a_stop_it_goes_on_where_it_was(world: World, root: Path, stop: int) -> None:
    for batch in BATCHES:
        world.tell(batch)
    with pytest.raises(Stopped):
        world.pull(root, stop_after=stop)
    assert told(root) == in_order()[: 2 * stop]
    world.pull(root)
    assert told(root) == in_order()
    assert len(entries(root)) == len(BATCHES)


def test_a_broken_record_is_refused_and_kept_and_stops_nothing(world: World, root: Path) -> None:
    world.tell(BATCHES[0])
    world.tell_broken()
    world.tell([("E8", "8", 8, 4, 4)])
    pulled = world.pull(root)
    assert answers(root) == [("E1", "1", 10), ("E2", "2", 20), ("E7", "7", 7), ("E8", "8", 8)]
    assert pulled.counts["refused"] == 1
    ((content,),) = refused(root)
    assert "no record" in content or '{"no": record}' in content
    before = entries(root)
    world.tell_again()
    world.pull(root)
    assert entries(root) == before


def test_what_may_pass_is_tried_again_after_ever_longer_waits(world: World, root: Path) -> None:
    world.tell(BATCHES[0])
    world.fail(3)
    pulled = world.pull(root)
    assert world.waits == [1.0, 2.0, 4.0]
    assert not pulled.broken
    assert told(root) == in_order()[:2]


def test_what_does_not_pass_is_given_up_and_the_next_pull_goes_on(world: World, root: Path) -> None:
    world.tell(BATCHES[0])
    world.fail(3)
    pulled = world.pull(root, retry=Retry(tries=3, first_seconds=0.5, most_seconds=0.75))
    assert world.waits == [0.5, 0.75]
    assert pulled.broken
    assert entries(root) == ()
    if not isinstance(world, PushWorld):
        (finding,) = pulled.findings
        assert finding.message.endswith("It was tried 3 times.")
        assert finding.remedy == (
            "What came before is landed; run the command again when the source is back."
        )
    world.pull(root)
    assert told(root) == in_order()[:2]


def test_what_fails_for_good_says_what_to_do_and_is_not_tried_again(
    world: World, root: Path
) -> None:
    world.tell(BATCHES[0])
    expected = world.refuse()
    pulled = world.pull(root)
    assert expected in pulled.findings[0].line()
    assert (pulled.broken, world.waits, entries(root)) == (True, [], ())


def test_nothing_is_read_ahead_of_the_batch_that_is_landed(world: World) -> None:
    for number in range(20):
        world.tell([(f"E{number}", f"{number}-{line}", 1, 1, 1) for line in range(2)])
    if isinstance(world, PushWorld):
        pytest.skip("who sends is kept waiting: test_push_bounds.py")
    deliveries = iter(world.source().deliveries({}))
    first = next(deliveries)
    assert isinstance(first, Delivery)
    held = first.folder
    read, most = world.read_ahead()
    assert 0 < read <= most
    next(deliveries)
    assert not held.exists()
    deliveries.close()  # type: ignore[attr-defined]
