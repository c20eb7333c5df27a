from __future__ import annotations

from pathlib import Path

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.journal.single import SingleFile

pa = pytest.importorskip("pyarrow")


def test_a_table_of_somebody_elses_is_refused_with_advice(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    with pytest.raises(JournalError, match="from_parquet reads it"):
        SingleFile(tmp_path / "x.parquet")
    (tmp_path / "y.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(JournalError, match=r"y\.parquet cannot be read"):
        SingleFile(tmp_path / "y.parquet")
