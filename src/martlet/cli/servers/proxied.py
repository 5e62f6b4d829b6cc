"""`X-Forwarded-For` and `X-Forwarded-Proto` over RSGI, by the rules that Granian has for ASGI.

A request pays for one look for the header; who has sent it is asked of those that have it, and only what comes from a
trusted proxy gets another scope.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Final

_SCHEMES: Final = frozenset({"http", "https"})


class ProxiedScope:
    """A scope whose client and scheme are those that the proxy tells.

    Args:
        scope: Granian's.
        client: the address of the client, in the form Granian gives it.
        scheme: the scheme.
    """

    __slots__ = ("_scope", "client", "peer", "scheme")

    def __init__(self, scope: Any, client: str, scheme: str) -> None:
        self._scope = scope
        self.client: str = client
        self.peer: str = scope.client
        self.scheme: str = scheme

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scope, name)


class Proxied:
    """An RSGI app behind proxies.

    Args:
        app: the app.
        trusted: the proxies' addresses, networks or names; `*` for all.
    """

    def __init__(self, app: Callable[[Any, Any], Awaitable[None]], trusted: Sequence[str]) -> None:
        self._app = app
        self._all = "*" in trusted
        self._names = frozenset(trusted)
        self._networks = [network for network in map(_network, trusted) if network is not None]
        # Few hosts ask again and again; reading an address takes longer than many a request.
        self._trusts = lru_cache(maxsize=1024)(self._look)

    def __rsgi__(self, scope: Any, proto: Any) -> Awaitable[None]:
        """Hand a request on."""
        if "x-forwarded-for" in scope.headers and self._trusts(scope.client.rpartition(":")[0].strip("[]")):
            scope = self._told(scope)
        return self._app(scope, proto)

    def _told(self, scope: Any) -> Any:
        # There may be several lines: the client's own, which is not to be believed, and the proxy's after it.
        items = scope.headers.items()
        lines = [value for name, value in items if name == "x-forwarded-for"]
        hosts = [host.strip() for host in ",".join(lines).split(",") if host.strip()]
        if not hosts:
            return scope
        # The nearest to us that no proxy of ours has written about another proxy of ours.
        host = hosts[0] if self._all else next((each for each in reversed(hosts) if not self._trusts(each)), hosts[0])
        scheme = next((value.strip() for name, value in items if name == "x-forwarded-proto"), "")
        return ProxiedScope(scope, f"{host}:0", scheme if scheme in _SCHEMES else scope.scheme)

    def _look(self, host: str) -> bool:
        if self._all or host in self._names:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _network(text: str) -> Any:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
