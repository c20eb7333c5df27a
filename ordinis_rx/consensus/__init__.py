"""Many providers' prices folded into one that a strategy can trust."""

from __future__ import annotations

from ordinis_rx.consensus.aggregate import Folding, aggregate
from ordinis_rx.consensus.as_quotes import as_quotes
from ordinis_rx.consensus.bbo import bbo
from ordinis_rx.consensus.changes import changes
from ordinis_rx.consensus.combine import combine
from ordinis_rx.consensus.confidence import score
from ordinis_rx.consensus.config import AggregationConfig, ProviderWeight
from ordinis_rx.consensus.consensus import consensus
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus, Panel, Reject, Report
from ordinis_rx.consensus.meter import ConsensusMeter
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.outliers import reject_outliers
from ordinis_rx.consensus.panel import panel
from ordinis_rx.consensus.records import provider_stats
from ordinis_rx.consensus.rules import (
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    OutlierRule,
    RobustOutlier,
    ZScoreOutlier,
)
from ordinis_rx.consensus.statistics import ProviderStats
from ordinis_rx.consensus.validate import validate
from ordinis_rx.naming import name_all

__all__ = [
    "AggregatedQuote",
    "AggregationConfig",
    "AggregationMethod",
    "ConsensusMeter",
    "ConsensusStatus",
    "Folding",
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
    "aggregate",
    "as_quotes",
    "bbo",
    "changes",
    "combine",
    "consensus",
    "panel",
    "provider_stats",
    "reject_outliers",
    "score",
    "validate",
]

name_all(globals(), __all__, keeps=["validate"])
