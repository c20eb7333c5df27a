"""Times as the tables of others have them, in nanoseconds since 1970 UTC."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ordinis_rx.arrow import pyarrow
from ordinis_rx.journal.fitting import Unfit, cast, in_zone, no_nulls, read_times
from ordinis_rx.journal.stamps import decimals, forms_of, in_nanos, parts_in_nanos, units_of
from ordinis_rx.timebase import Nanos

__all__ = ["LATEST", "Reckoning"]

LATEST = (1 << 63) - 1
"""The last nanosecond that there is a number for."""

_DATES = (
    (1900_01_01, 2100_12_31),
    (1900_01_01_00_00, 2100_12_31_23_59),
    (1900_01_01_00_00_00, 2100_12_31_23_59_59),
    (1900_01_01_00_00_00_000, 2100_12_31_23_59_59_999),
)
"""Numbers between these are dates without dashes, to the day, minute, second or millisecond; by their size they would be of
1970, 1976 or a time beyond all that fits."""


class Reckoning(NamedTuple):
    """How times count: numbers are of a *unit* (None: the one that their size tells) after *since*, dates of a *zone*."""

    unit: Nanos | None = None
    since: Nanos = 0
    zone: str | None = None

    def read(self, values: Any, what: str, first: int) -> Any:
        """Whole numbers, floats, texts or dates as times; raises `Unfit` for the first that is none."""
        no_nulls(values, what, first)
        if not pyarrow().types.is_string(values.type):
            return self._of(values, what, first)
        told = decimals(values)
        if told is not None:
            return self._moments(*told, what, first)
        forms = forms_of(values)
        if (forms == forms[0]).all():
            return self._of(read_times(values, what, first), what, first)
        return self._by_form(values, forms, what, first)

    def _by_form(self, values: Any, forms: Any, what: str, first: int) -> Any:
        """Texts of several forms, those of each together: so one that is no time, or a poor one, changes no other."""
        pa = pyarrow()
        nanos = np.zeros(len(values), np.int64)
        try:
            for form in np.unique(forms):
                told = self.read(values.filter(pa.array(forms == form)), "", 0)
                nanos[forms == form] = told.view("int64").to_numpy()
        except Unfit:
            for k in range(len(values) if what else 0):
                self.read(values.slice(k, 1), what, first + k)
            raise
        return pa.array(nanos).view(pa.timestamp("ns", "UTC"))

    def _of(self, values: Any, what: str, first: int) -> Any:
        """Numbers, dates or times that are read already."""
        pa = pyarrow()
        stamp = pa.timestamp("ns", "UTC")
        kind = values.type
        if pa.types.is_date(kind):
            values, kind = values.cast(pa.timestamp("s")), pa.timestamp("s")
        if pa.types.is_timestamp(kind):
            if kind.tz is None:
                if self.zone is None:
                    raise Unfit(f"{what} has times without a zone: say which, as in zone='UTC'")
                values = in_zone(values, self.zone, what, first)
            return cast(values, stamp, what, first)
        if not pa.types.is_integer(kind) and not pa.types.is_floating(kind):
            raise Unfit(f"{what} has no times, but {kind}")
        whole = pa.int64() if pa.types.is_integer(kind) else pa.float64()
        numbers = cast(values, whole, what, first).to_numpy(zero_copy_only=False)
        return self._moments(numbers, None, what, first)

    def _moments(self, numbers: Any, part: Any, what: str, first: int) -> Any:
        """Times of numbers, and of what is after their point, where that is known apart."""
        pa = pyarrow()
        unit_of = units_of(numbers, self.unit)
        most = (LATEST - abs(self.since)) // unit_of
        beyond = ~((-most < numbers) & (numbers < most))  # what is no number is beyond, too
        why = "is no time in 64 bits of ns"
        if self.unit is None and not self.since:
            dates = np.logical_or.reduce([(a <= numbers) & (numbers <= b) for a, b in _DATES])
            if dates.any():
                beyond = dates
                why = "looks like a date: write it as 2024-01-31, or say of what unit it is, as in unit=SECOND"
        if beyond.any():
            row = int(beyond.argmax())
            raise Unfit(f"{what}, row {first + 1 + row}: {numbers[row]} {why}")
        nanos = in_nanos(numbers, unit_of) + self.since
        if part is not None:
            nanos += parts_in_nanos(part, unit_of)
        return pa.array(nanos).view(pa.timestamp("ns", "UTC"))
