"""The names of candlestick patterns: TA-Lib's sixty-one, and our own fifteen."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "AS_TALIB",
    "BARS",
    "NATIVE_PATTERNS",
    "NEEDS_GAP",
    "NEUTRAL_PATTERNS",
    "PENETRATION",
    "TALIB_PATTERNS",
    "Pattern",
]


class Pattern(enum.StrEnum):
    """A pattern by its name; equal to that name as text.

    >>> Pattern("CDLENGULFING") == "CDLENGULFING", Pattern.MORNING_STAR.value
    (True, 'morning_star')
    """

    CDL2CROWS = "CDL2CROWS"
    CDL3BLACKCROWS = "CDL3BLACKCROWS"
    CDL3INSIDE = "CDL3INSIDE"
    CDL3LINESTRIKE = "CDL3LINESTRIKE"
    CDL3OUTSIDE = "CDL3OUTSIDE"
    CDL3STARSINSOUTH = "CDL3STARSINSOUTH"
    CDL3WHITESOLDIERS = "CDL3WHITESOLDIERS"
    CDLABANDONEDBABY = "CDLABANDONEDBABY"
    CDLADVANCEBLOCK = "CDLADVANCEBLOCK"
    CDLBELTHOLD = "CDLBELTHOLD"
    CDLBREAKAWAY = "CDLBREAKAWAY"
    CDLCLOSINGMARUBOZU = "CDLCLOSINGMARUBOZU"
    CDLCONCEALBABYSWALL = "CDLCONCEALBABYSWALL"
    CDLCOUNTERATTACK = "CDLCOUNTERATTACK"
    CDLDARKCLOUDCOVER = "CDLDARKCLOUDCOVER"
    CDLDOJI = "CDLDOJI"
    CDLDOJISTAR = "CDLDOJISTAR"
    CDLDRAGONFLYDOJI = "CDLDRAGONFLYDOJI"
    CDLENGULFING = "CDLENGULFING"
    CDLEVENINGDOJISTAR = "CDLEVENINGDOJISTAR"
    CDLEVENINGSTAR = "CDLEVENINGSTAR"
    CDLGAPSIDESIDEWHITE = "CDLGAPSIDESIDEWHITE"
    CDLGRAVESTONEDOJI = "CDLGRAVESTONEDOJI"
    CDLHAMMER = "CDLHAMMER"
    CDLHANGINGMAN = "CDLHANGINGMAN"
    CDLHARAMI = "CDLHARAMI"
    CDLHARAMICROSS = "CDLHARAMICROSS"
    CDLHIGHWAVE = "CDLHIGHWAVE"
    CDLHIKKAKE = "CDLHIKKAKE"
    CDLHIKKAKEMOD = "CDLHIKKAKEMOD"
    CDLHOMINGPIGEON = "CDLHOMINGPIGEON"
    CDLIDENTICAL3CROWS = "CDLIDENTICAL3CROWS"
    CDLINNECK = "CDLINNECK"
    CDLINVERTEDHAMMER = "CDLINVERTEDHAMMER"
    CDLKICKING = "CDLKICKING"
    CDLKICKINGBYLENGTH = "CDLKICKINGBYLENGTH"
    CDLLADDERBOTTOM = "CDLLADDERBOTTOM"
    CDLLONGLEGGEDDOJI = "CDLLONGLEGGEDDOJI"
    CDLLONGLINE = "CDLLONGLINE"
    CDLMARUBOZU = "CDLMARUBOZU"
    CDLMATCHINGLOW = "CDLMATCHINGLOW"
    CDLMATHOLD = "CDLMATHOLD"
    CDLMORNINGDOJISTAR = "CDLMORNINGDOJISTAR"
    CDLMORNINGSTAR = "CDLMORNINGSTAR"
    CDLONNECK = "CDLONNECK"
    CDLPIERCING = "CDLPIERCING"
    CDLRICKSHAWMAN = "CDLRICKSHAWMAN"
    CDLRISEFALL3METHODS = "CDLRISEFALL3METHODS"
    CDLSEPARATINGLINES = "CDLSEPARATINGLINES"
    CDLSHOOTINGSTAR = "CDLSHOOTINGSTAR"
    CDLSHORTLINE = "CDLSHORTLINE"
    CDLSPINNINGTOP = "CDLSPINNINGTOP"
    CDLSTALLEDPATTERN = "CDLSTALLEDPATTERN"
    CDLSTICKSANDWICH = "CDLSTICKSANDWICH"
    CDLTAKURI = "CDLTAKURI"
    CDLTASUKIGAP = "CDLTASUKIGAP"
    CDLTHRUSTING = "CDLTHRUSTING"
    CDLTRISTAR = "CDLTRISTAR"
    CDLUNIQUE3RIVER = "CDLUNIQUE3RIVER"
    CDLUPSIDEGAP2CROWS = "CDLUPSIDEGAP2CROWS"
    CDLXSIDEGAP3METHODS = "CDLXSIDEGAP3METHODS"

    # Our own, in the order of `kernels.candle_shapes`.
    DOJI = "doji"
    HAMMER = "hammer"
    INVERTED_HAMMER = "inverted_hammer"
    HANGING_MAN = "hanging_man"
    SHOOTING_STAR = "shooting_star"
    BULLISH_ENGULFING = "bullish_engulfing"
    BEARISH_ENGULFING = "bearish_engulfing"
    BULLISH_HARAMI = "bullish_harami"
    BEARISH_HARAMI = "bearish_harami"
    PIERCING_LINE = "piercing_line"
    DARK_CLOUD_COVER = "dark_cloud_cover"
    MORNING_STAR = "morning_star"
    EVENING_STAR = "evening_star"
    TWEEZER_BOTTOM = "tweezer_bottom"
    TWEEZER_TOP = "tweezer_top"


_P = Pattern

TALIB_PATTERNS: tuple[Pattern, ...] = tuple(each for each in Pattern if each.startswith("CDL"))
"""The patterns of TA-Lib, which need the extra ``indicators``."""

NATIVE_PATTERNS: tuple[Pattern, ...] = tuple(each for each in Pattern if not each.startswith("CDL"))
"""The patterns of our own, which need nothing."""

AS_TALIB: Mapping[Pattern, Pattern | None] = MappingProxyType(
    {
        _P.DOJI: _P.CDLDOJI,
        _P.HAMMER: _P.CDLHAMMER,
        _P.INVERTED_HAMMER: _P.CDLINVERTEDHAMMER,
        _P.HANGING_MAN: _P.CDLHANGINGMAN,
        _P.SHOOTING_STAR: _P.CDLSHOOTINGSTAR,
        _P.BULLISH_ENGULFING: _P.CDLENGULFING,
        _P.BEARISH_ENGULFING: _P.CDLENGULFING,
        _P.BULLISH_HARAMI: _P.CDLHARAMI,
        _P.BEARISH_HARAMI: _P.CDLHARAMI,
        _P.PIERCING_LINE: _P.CDLPIERCING,
        _P.DARK_CLOUD_COVER: _P.CDLDARKCLOUDCOVER,
        _P.MORNING_STAR: _P.CDLMORNINGSTAR,
        _P.EVENING_STAR: _P.CDLEVENINGSTAR,
        _P.TWEEZER_BOTTOM: None,
        _P.TWEEZER_TOP: None,
    }
)
"""Which of TA-Lib's patterns goes by the same name; None where it has none.

TA-Lib's engulfing and harami are bullish above 0 and bearish below. Its definitions differ from ours: it asks for no trend,
so that a hammer is told in a rise as well, and the third bar of a star need only reach into the first body by 30 %.
"""

NEEDS_GAP: frozenset[Pattern] = frozenset(
    {
        _P.CDL2CROWS,
        _P.CDL3BLACKCROWS,
        _P.CDL3INSIDE,
        _P.CDL3LINESTRIKE,
        _P.CDL3OUTSIDE,
        _P.CDL3STARSINSOUTH,
        _P.CDLABANDONEDBABY,
        _P.CDLBREAKAWAY,
        _P.CDLCONCEALBABYSWALL,
        _P.CDLCOUNTERATTACK,
        _P.CDLDARKCLOUDCOVER,
        _P.CDLDOJISTAR,
        _P.CDLEVENINGDOJISTAR,
        _P.CDLEVENINGSTAR,
        _P.CDLGAPSIDESIDEWHITE,
        _P.CDLHOMINGPIGEON,
        _P.CDLINNECK,
        _P.CDLINVERTEDHAMMER,
        _P.CDLKICKING,
        _P.CDLKICKINGBYLENGTH,
        _P.CDLLADDERBOTTOM,
        _P.CDLMATHOLD,
        _P.CDLMORNINGDOJISTAR,
        _P.CDLMORNINGSTAR,
        _P.CDLONNECK,
        _P.CDLPIERCING,
        _P.CDLRISEFALL3METHODS,
        _P.CDLSHOOTINGSTAR,
        _P.CDLSTICKSANDWICH,
        _P.CDLTASUKIGAP,
        _P.CDLTHRUSTING,
        _P.CDLTRISTAR,
        _P.CDLUNIQUE3RIVER,
        _P.CDLUPSIDEGAP2CROWS,
        _P.CDLXSIDEGAP3METHODS,
    }
)
"""Patterns of TA-Lib that cannot come about where every bar opens at the last close, as in markets without a night."""

PENETRATION: Mapping[Pattern, float] = MappingProxyType(
    {
        _P.CDLABANDONEDBABY: 0.3,
        _P.CDLDARKCLOUDCOVER: 0.5,
        _P.CDLEVENINGDOJISTAR: 0.3,
        _P.CDLEVENINGSTAR: 0.3,
        _P.CDLMATHOLD: 0.5,
        _P.CDLMORNINGDOJISTAR: 0.3,
        _P.CDLMORNINGSTAR: 0.3,
    }
)
"""Patterns of TA-Lib that measure how far a bar reaches into the first body, and against what share of it by default."""

NEUTRAL_PATTERNS: frozenset[Pattern] = frozenset(
    {
        _P.CDLDOJI,
        _P.CDLDRAGONFLYDOJI,
        _P.CDLGRAVESTONEDOJI,
        _P.CDLHIGHWAVE,
        _P.CDLLONGLEGGEDDOJI,
        _P.CDLRICKSHAWMAN,
        _P.CDLSPINNINGTOP,
        _P.CDLTAKURI,
        _P.DOJI,
    }
)
"""Patterns that say nothing of a direction: TA-Lib's sign is always + for them, or the colour of the bar."""

BARS: Mapping[Pattern, int] = MappingProxyType(
    {
        **dict.fromkeys(TALIB_PATTERNS, 1),
        **dict.fromkeys(
            (
                _P.CDLCOUNTERATTACK,
                _P.CDLDARKCLOUDCOVER,
                _P.CDLDOJISTAR,
                _P.CDLENGULFING,
                _P.CDLHAMMER,
                _P.CDLHANGINGMAN,
                _P.CDLHARAMI,
                _P.CDLHARAMICROSS,
                _P.CDLHOMINGPIGEON,
                _P.CDLINNECK,
                _P.CDLINVERTEDHAMMER,
                _P.CDLKICKING,
                _P.CDLKICKINGBYLENGTH,
                _P.CDLMATCHINGLOW,
                _P.CDLONNECK,
                _P.CDLPIERCING,
                _P.CDLSEPARATINGLINES,
                _P.CDLSHOOTINGSTAR,
                _P.CDLTHRUSTING,
            ),
            2,
        ),
        **dict.fromkeys(
            (
                _P.CDL2CROWS,
                _P.CDL3BLACKCROWS,
                _P.CDL3INSIDE,
                _P.CDL3OUTSIDE,
                _P.CDL3STARSINSOUTH,
                _P.CDL3WHITESOLDIERS,
                _P.CDLABANDONEDBABY,
                _P.CDLADVANCEBLOCK,
                _P.CDLEVENINGDOJISTAR,
                _P.CDLEVENINGSTAR,
                _P.CDLGAPSIDESIDEWHITE,
                _P.CDLHIKKAKE,
                _P.CDLIDENTICAL3CROWS,
                _P.CDLMORNINGDOJISTAR,
                _P.CDLMORNINGSTAR,
                _P.CDLSTALLEDPATTERN,
                _P.CDLSTICKSANDWICH,
                _P.CDLTASUKIGAP,
                _P.CDLTRISTAR,
                _P.CDLUNIQUE3RIVER,
                _P.CDLUPSIDEGAP2CROWS,
                _P.CDLXSIDEGAP3METHODS,
            ),
            3,
        ),
        **dict.fromkeys((_P.CDL3LINESTRIKE, _P.CDLCONCEALBABYSWALL, _P.CDLHIKKAKEMOD), 4),
        **dict.fromkeys(
            (_P.CDLBREAKAWAY, _P.CDLLADDERBOTTOM, _P.CDLMATHOLD, _P.CDLRISEFALL3METHODS), 5
        ),
    }
)
"""How many bars TA-Lib's patterns are made of; the trend before the first of them is that of their context.

Of a hikkake's confirmation (raw 200) those of the pattern are counted, back from the bar that confirms it.
"""
