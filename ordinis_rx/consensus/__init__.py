"""Many providers' prices folded into one that a strategy can trust."""

from __future__ import annotations

from ordinis_rx.consensus.config import AggregationConfig, ProviderWeight
from ordinis_rx.consensus.consensus import consensus
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus, Panel, Reject, Report
from ordinis_rx.consensus.meter import ConsensusMeter
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.rules import (
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    OutlierRule,
    RobustOutlier,
    ZScoreOutlier,
)
from ordinis_rx.consensus.statistics import ProviderStats

__all__ = [
    "AggregatedQuote",
    "AggregationConfig",
    "AggregationMethod",
    "ConsensusMeter",
    "ConsensusStatus",
    "LeaveOneOutZ",
    "MadOutlier",
    "NoOutliers",
    "OutlierRule",
    "Panel",
    "ProviderStats",
    "ProviderWeight",
    "Reject",
    "Report",
    "RobustOutlier",
    "ZScoreOutlier",
    "consensus",
]
