"""The computing: facts to figures with set-based SQL, stored per slice or, as at a moment, not.

figures.sql is the one home of the rules; present.sql and as_at.sql say which facts it reads.
"""

from finance.rollups.computing import compute, headline, headline_plan, recompute
from finance.rollups.verifying import differences, verify

__all__ = ["compute", "differences", "headline", "headline_plan", "recompute", "verify"]
