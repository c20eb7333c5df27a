"""What is refused at the call is named, with what was given."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.arguments import check_callable


def test_whatever_can_be_called_is_a_function() -> None:
    for function in (print, lambda: None, dict, [].append):
        check_callable("f", function)


@pytest.mark.parametrize("value", [5, "print", None, [print]])
def test_what_is_no_function_is_refused_by_name_and_value(value: Any) -> None:
    with pytest.raises(TypeError, match="f must be a function, got ") as told:
        check_callable("f", value)
    assert repr(value) in str(told.value)
