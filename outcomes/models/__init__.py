"""Tables of the results, a file by subject."""

from outcomes.models.areas import Area, AreaCode
from outcomes.models.frameworks import (
    DomainQuarter,
    DomainReport,
    Framework,
    FrameworkItem,
    ItemMetric,
    ItemScheme,
    Level,
)
from outcomes.models.metrics import (
    Direction,
    Frequency,
    Metric,
    PaymentRule,
    SchemeMetric,
    Step,
    Target,
    Unit,
)
from outcomes.models.observations import (
    ENTERED,
    WITHOUT_VALUE,
    Observation,
    ObservationRevision,
    Standing,
)
from outcomes.models.uploads import ObservationFile

__all__ = [
    "ENTERED",
    "WITHOUT_VALUE",
    "Area",
    "AreaCode",
    "Direction",
    "DomainQuarter",
    "DomainReport",
    "Framework",
    "FrameworkItem",
    "Frequency",
    "ItemMetric",
    "ItemScheme",
    "Level",
    "Metric",
    "Observation",
    "ObservationFile",
    "ObservationRevision",
    "PaymentRule",
    "SchemeMetric",
    "Standing",
    "Step",
    "Target",
    "Unit",
]
