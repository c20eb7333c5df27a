"""The sizes of long tests: the full ones, unless others are asked for."""

from __future__ import annotations

import pytest

from tests.sizes import PREFIX, SIZES, size


@pytest.mark.parametrize("name", SIZES)
def test_a_size_is_full_unless_another_is_asked_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PREFIX + name, raising=False)
    assert size(name) == SIZES[name]
    monkeypatch.setenv(PREFIX + name, "3")
    assert size(name) == 3
