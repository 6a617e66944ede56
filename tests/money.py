"""Amounts in tests, as people read them."""


def pounds(amount: str) -> int:
    """Pence of an amount in pounds: pounds("53_673_000"), pounds("-0.07")."""
    whole, _, rest = amount.replace("_", "").partition(".")
    pence = abs(int(whole or "0")) * 100 + int((rest or "0").ljust(2, "0"))
    return -pence if amount.startswith("-") else pence


def millions(amount: str) -> int:
    """Pence of an amount in millions with one decimal, as tables print it: millions("-26.5")."""
    whole, _, rest = amount.partition(".")
    pence = (abs(int(whole)) * 10 + int(rest or "0")) * 10_000_000
    return -pence if amount.startswith("-") else pence
