"""Conditions over named columns, numbers put together out of them, and the signals that they give."""

from ordinis_rx.operators.conditions.composites import highest, lowest, vote, weighted, zscores
from ordinis_rx.operators.conditions.expressions import Column, Condition, Expression, col
from ordinis_rx.operators.conditions.facts import Signal
from ordinis_rx.operators.conditions.signals import Rule, rule, score, signals, where

__all__ = [
    "Column",
    "Condition",
    "Expression",
    "Rule",
    "Signal",
    "col",
    "highest",
    "lowest",
    "rule",
    "score",
    "signals",
    "vote",
    "weighted",
    "where",
    "zscores",
]
