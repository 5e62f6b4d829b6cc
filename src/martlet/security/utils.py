"""Read the `Authorization` header."""


def get_authorization_scheme_param(authorization_header_value: str | None) -> tuple[str, str]:
    """Return the scheme and what follows it (RFC 9110, section 11.4), both empty where there is no header.

    Args:
        authorization_header_value: the header, such as `Bearer 1234`.
    """
    scheme, _, param = (authorization_header_value or "").partition(" ")
    return scheme, param.strip()
