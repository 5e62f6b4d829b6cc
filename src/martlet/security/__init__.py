"""Security schemes: dependencies that take credentials out of a request and tell the document so.

The names are lent: whoever reads signatures needs `base.py`, and few of them need a scheme.
"""

from typing import TYPE_CHECKING, Final

from martlet._engine.words.lending import lend

if TYPE_CHECKING:
    from martlet.security.api_key import APIKeyCookie as APIKeyCookie
    from martlet.security.api_key import APIKeyHeader as APIKeyHeader
    from martlet.security.api_key import APIKeyQuery as APIKeyQuery
    from martlet.security.base import SecurityScopes as SecurityScopes
    from martlet.security.http import HTTPAuthorizationCredentials as HTTPAuthorizationCredentials
    from martlet.security.http import HTTPBasic as HTTPBasic
    from martlet.security.http import HTTPBasicCredentials as HTTPBasicCredentials
    from martlet.security.http import HTTPBearer as HTTPBearer
    from martlet.security.http import HTTPDigest as HTTPDigest
    from martlet.security.oauth2 import OAuth2 as OAuth2
    from martlet.security.oauth2 import OAuth2AuthorizationCodeBearer as OAuth2AuthorizationCodeBearer
    from martlet.security.oauth2 import OAuth2PasswordBearer as OAuth2PasswordBearer
    from martlet.security.oauth2 import OAuth2PasswordRequestForm as OAuth2PasswordRequestForm
    from martlet.security.oauth2 import OAuth2PasswordRequestFormStrict as OAuth2PasswordRequestFormStrict
    from martlet.security.open_id_connect_url import OpenIdConnect as OpenIdConnect

_NAMES: Final = {
    "api_key": ("APIKeyCookie", "APIKeyHeader", "APIKeyQuery"),
    "base": ("SecurityScopes",),
    "http": ("HTTPAuthorizationCredentials", "HTTPBasic", "HTTPBasicCredentials", "HTTPBearer", "HTTPDigest"),
    "oauth2": (
        "OAuth2",
        "OAuth2AuthorizationCodeBearer",
        "OAuth2PasswordBearer",
        "OAuth2PasswordRequestForm",
        "OAuth2PasswordRequestFormStrict",
    ),
    "open_id_connect_url": ("OpenIdConnect",),
}

# pyright takes the names from the imports above; this is for `import *` at run time.
__all__ = [name for names in _NAMES.values() for name in names]  # pyright: ignore[reportUnsupportedDunderAll]

lend(
    __name__,
    {
        # COMPAT: the modules too, which `import fastapi.security` brings along.
        **{module: f"martlet.security.{module}" for module in (*_NAMES, "utils")},
        **{name: f"martlet.security.{module}:" for module, names in _NAMES.items() for name in names},
    },
)
