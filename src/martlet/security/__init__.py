"""Security schemes: dependencies that take credentials out of a request and tell the document so."""

from martlet.security.api_key import APIKeyCookie as APIKeyCookie
from martlet.security.api_key import APIKeyHeader as APIKeyHeader
from martlet.security.api_key import APIKeyQuery as APIKeyQuery
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
from martlet.security.oauth2 import SecurityScopes as SecurityScopes
from martlet.security.open_id_connect_url import OpenIdConnect as OpenIdConnect
