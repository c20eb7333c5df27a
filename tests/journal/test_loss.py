from __future__ import annotations

from ordinis_rx.journal.loss import Loss


def test_a_loss_is_true_and_nothing_lost_is_not() -> None:
    assert not Loss()
    assert str(Loss()) == "nothing lost"
    assert Loss(1, "x")
    assert str(Loss(1, "x")) == "1 bytes lost (x)"
