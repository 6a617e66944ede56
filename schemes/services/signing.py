"""Words that somebody signs as a role: what is wrong with them, the same wherever one signs."""

from collections.abc import Sequence

from esbt.kit.problems import Fault
from schemes.models.base import storable

LONGEST_WORDS = 10_000


def signing_faults(text: str, signed_as: str, roles: Sequence[str] | None) -> list[Fault]:
    """Faults of words and of the role that they are signed as, which is one of ``roles``.

    Without roles the installation signs, as whatever it says.
    """
    faults = []
    if len(text) > LONGEST_WORDS:
        faults.append(Fault(f"Shorten this to {LONGEST_WORDS:,} characters.", "text"))
    if storable(text) != text:
        faults.append(Fault("This holds characters that are no text. Type it again.", "text"))
    if not signed_as if roles is None else signed_as not in roles:
        said = "Choose one of the roles that you hold here to sign as."
        faults.append(Fault(said, "signed_as", signed_as[:40]))
    return faults
