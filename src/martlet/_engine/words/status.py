"""What HTTP says of a status code."""

RANGES = frozenset({"default", "1XX", "2XX", "3XX", "4XX", "5XX"})
"""The keys of OpenAPI's `responses` that stand for many codes."""


def is_body_allowed_for_status_code(status_code: int | str | None) -> bool:
    """Whether an answer with this status may carry content (RFC 9110, section 6.4.1).

    Args:
        status_code: a code, a range as OpenAPI writes it, or None for the default one.
    """
    if status_code is None or status_code in RANGES:
        return True
    code = int(status_code)
    return code >= 200 and code not in {204, 205, 304}
