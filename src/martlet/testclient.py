"""Call an app without a server, as Starlette's test client does.

It speaks httpx2 where that is installed, and runs the app on either of anyio's backends.
"""

from starlette.testclient import TestClient as TestClient
