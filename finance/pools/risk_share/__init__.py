"""How a pool's variance is shared: rules as data, and what they make of it for each partner.

Pure: no models, no floats (docs/decisions/0024-sharing-a-variance.md).
"""

from finance.pools.risk_share.kinds import Rule
from finance.pools.risk_share.rules import parse_rule
from finance.pools.risk_share.sharing import Part, Shared, share
from finance.pools.risk_share.words import rule_words

__all__ = ["Part", "Rule", "Shared", "parse_rule", "rule_words", "share"]
