"""Addresses as they may be shown to somebody not known yet: enough to recognise one's own."""


def mask_email(address: str) -> str:
    """Return the first letter and the host."""
    name, _, host = address.partition("@")
    return f"{name[:1]}…@{host}"


def mask_phone(number: str) -> str:
    """Return the last three digits."""
    return f"•••• {number[-3:]}"
