"""Names and words of made-up schemes, in the order in which a system takes them.

When a system has more schemes than there are names, the names come again with a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemes.models import Partner, Stage

# the bodies of a system, each with its income in millions a year
BODIES = (
    ("icb", "Integrated Care Board", Partner.Kind.ICB, 900),
    ("council", "County Council", Partner.Kind.COUNCIL, 300),
    ("acute", "Hospitals Trust", Partner.Kind.TRUST, 420),
    ("community", "Community Trust", Partner.Kind.TRUST, 140),
    ("mental-health", "Mental Health Trust", Partner.Kind.FOUNDATION_TRUST, 190),
)


@dataclass(frozen=True)
class Idea:
    """A scheme to be made: its theme, who leads it, and whether it is a part of the last whole."""

    theme: str
    name: str
    purpose: str
    lead: int  # index of a body
    part: bool = False


THEMES = {
    "prevention": "Prevention",
    "planned-care": "Planned care",
    "urgent-care": "Urgent care",
    "medicines": "Medicines",
    "back-office": "Back office",
}
LEAD_ROLES = {
    "prevention": "Director of public health",
    "planned-care": "Director of planned care",
    "urgent-care": "Director of urgent care",
    "medicines": "Chief pharmacist",
    "back-office": "Director of finance",
}
IDEAS = (
    Idea("urgent-care", "Same day emergency care", "To treat people without a night in bed.", 2),
    Idea("prevention", "Staying well at home", "To keep older people out of hospital.", 1),
    Idea("prevention", "Falls prevention", "To have fewer falls and broken hips.", 1, part=True),
    Idea("prevention", "Reablement at home", "To help people live by themselves.", 3, part=True),
    Idea("medicines", "Biosimilar medicines", "To buy equal medicines for less.", 0),
    Idea("planned-care", "Evening clinics", "To use rooms that stand empty.", 2),
    Idea("back-office", "Shared estates", "To give up buildings that are not needed.", 3),
    Idea("urgent-care", "Frailty pathway", "To see frail people early and together.", 2),
    Idea("urgent-care", "Frailty at the front door", "To assess at once.", 2, part=True),
    Idea("urgent-care", "Virtual ward", "To watch over people in their homes.", 3, part=True),
    Idea("back-office", "Joint procurement", "To buy once for all partners.", 0),
    Idea("medicines", "Medicines waste", "To dispense what is taken, and no more.", 0),
    Idea("planned-care", "Follow-up when needed", "To spare people visits that help nobody.", 2),
    Idea("prevention", "Long-term conditions", "To find and treat them earlier.", 0),
    Idea("prevention", "Diabetes remission", "To end type 2 diabetes by diet.", 0, part=True),
    Idea("prevention", "Cardiac rehabilitation", "To prevent second attacks.", 3, part=True),
    Idea("back-office", "Agency staff", "To fill shifts with our own people.", 4),
    Idea("urgent-care", "Discharge to assess", "To let people go home when they are well.", 1),
    Idea("planned-care", "Theatre productivity", "To begin lists on time.", 2),
    Idea("back-office", "Digital records", "To write things down once.", 4),
    Idea("back-office", "Letters by e-mail", "To post fewer letters.", 4, part=True),
    Idea("back-office", "Speech to text", "To type less.", 4, part=True),
    Idea("medicines", "Inhalers", "To prescribe those that serve people best.", 0),
    Idea("prevention", "Care home support", "To bring doctors and therapists to homes.", 1),
)
# how far schemes have come, in turn; what a body agreed to count on at each stage, in per cent
STAGES = (
    Stage.DELIVERING, Stage.DELIVERING, Stage.DELIVERED, Stage.DEVELOPED, Stage.STOPPED,
    Stage.PLANNING, Stage.DELIVERING, Stage.DEVELOPED, Stage.OPPORTUNITY, Stage.DELIVERED,
)  # fmt: skip
WEIGHTS = {
    Stage.OPPORTUNITY: 10,
    Stage.PLANNING: 25,
    Stage.DEVELOPED: 60,
    Stage.DELIVERING: 85,
    Stage.DELIVERED: 100,
    Stage.STOPPED: 0,
}
OUTCOMES = {
    "prevention": ("fewer-admissions", "Fewer emergency admissions"),
    "planned-care": ("shorter-waits", "Shorter waits for treatment"),
    "urgent-care": ("fewer-bed-days", "Fewer days in a hospital bed"),
    "medicines": ("safer-medicines", "Fewer harms by medicines"),
    "back-office": ("more-time", "More time of staff with people"),
}
COUNTED = {
    "prevention": ("Homes visited", "homes"),
    "planned-care": ("Appointments spared", "appointments"),
    "urgent-care": ("People seen and home the same day", "people"),
    "medicines": ("Prescriptions changed", "prescriptions"),
    "back-office": ("Staff who work in the new way", "staff"),
}
NEEDS = {
    "prevention": "Staff of the other partner who refer people",
    "planned-care": "Rooms and a diagnostic service",
    "urgent-care": "Transport home on the same day",
    "medicines": "An agreed list of medicines",
    "back-office": "A contract that all partners signed",
}
