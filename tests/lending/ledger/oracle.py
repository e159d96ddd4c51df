"""The ledger as a slow and plain list of entries: every answer is worked out anew from all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tradeline.lending.ledger.entry import Entry

Bounds = tuple[int | None, int | None]


@dataclass
class Oracle:
    """What was booked, in order, with its booking date; limits and the closed day."""

    limits: dict[str, Bounds]
    adjusts: bool
    closed: date | None = None
    entries: dict[str, tuple[Entry, date]] = field(default_factory=dict)
    sealed: list[str] = field(default_factory=list)

    def post(self, batch: Sequence[Entry]) -> str | None:
        """Book a batch, or the code of why it is refused."""
        before = dict(self.entries)
        refusal = self._post(batch)
        if refusal:
            self.entries = before
        return refusal

    def _post(self, batch: Sequence[Entry]) -> str | None:
        seen = {key: entry for key, (entry, _) in self.entries.items()}
        for entry in batch:
            if seen.setdefault(entry.key, entry) != entry:
                return "key-used"
        new = [entry for entry in dict.fromkeys(batch) if entry.key not in self.entries]
        if not self.adjusts and any(self.is_late(entry) for entry in new):
            return "closed-period"
        for entry in new:
            if entry.reverses is not None and not self.may_reverse(entry.reverses):
                return "not-reversible"
            self.entries[entry.key] = (entry, self.booking_date(entry))
        touched = {p.account for entry in new for p in entry.postings}
        return "beyond-limit" if any(map(self.is_beyond, touched)) else None

    def is_late(self, entry: Entry) -> bool:
        return self.closed is not None and entry.value_date <= self.closed

    def booking_date(self, entry: Entry) -> date:
        if self.closed is None or not self.is_late(entry):
            return entry.value_date
        return self.closed + timedelta(days=1)

    def may_reverse(self, key: str) -> bool:
        reversed_before = any(entry.reverses == key for entry, _ in self.entries.values())
        return self.entries[key][0].reverses is None and not reversed_before

    def is_beyond(self, account: str) -> bool:
        least, greatest = self.limits.get(account, (None, None))
        booked, debit, credit = (part[account] for part in (self.booked(), *self.held()))
        is_over = greatest is not None and booked + debit > greatest
        return is_over or (least is not None and booked + credit < least)

    def booked(self, through: date | None = None, known_at: int | None = None) -> Counter[str]:
        """What each account has, as valued on a day, as known at a sealed entry."""
        known = self.entries if known_at is None else self.sealed[:known_at]
        sums: Counter[str] = Counter()
        for entry, _ in (self.entries[key] for key in known):
            if not entry.pending and (through is None or entry.value_date <= through):
                for posting in entry.postings:
                    sums[posting.account] += posting.amount_minor
        return sums

    def held(self) -> tuple[Counter[str], Counter[str]]:
        """What open holds keep of each account, debits and credits."""
        ended = {entry.reverses for entry, _ in self.entries.values()}
        debit: Counter[str] = Counter()
        credit: Counter[str] = Counter()
        for entry, _ in self.entries.values():
            if entry.pending and entry.reverses is None and entry.key not in ended:
                for posting in entry.postings:
                    side = debit if posting.amount_minor > 0 else credit
                    side[posting.account] += posting.amount_minor
        return debit, credit

    def seal(self) -> None:
        """Number what has no number yet."""
        self.sealed += [key for key in self.entries if key not in self.sealed]
