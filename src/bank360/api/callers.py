"""Who asks: the address a request comes from, the principal of its token, and whether they asked too often.

A request with a valid token counts for its principal, any other for its address. Counts are in the store, so that all
workers share them; a process that was told a counter is used up need not ask again before the oldest count leaves.
"""

from dataclasses import dataclass
from ipaddress import ip_network

from bank360.api.serving import Serving, wall_us
from bank360.bank.vocabulary import Role
from bank360.pipeline.addresses import counted_address
from bank360.pipeline.sessions import counter_name, principal_of
from bank360.policies.access import Principal
from bank360.storage.rate_counters import Limit, count, drop_ended

MINUTE = 60
_COUNTS_BETWEEN_SWEEPS = 2_000
_MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class Caller:
    """Who asks, and when they may ask again if it was too often (microseconds UTC)."""

    principal: Principal | None
    limited_until_us: int | None


class Callers:
    """Tells who asks and counts; one per process.

    Parameters
    ----------
    serving
        The open bank.
    """

    def __init__(self, serving: Serving) -> None:
        own = serving.home.settings.api
        self._serving, self._key = serving, serving.log.key
        self._proxies = tuple(ip_network(text) for text in own.trusted_proxies)
        self._anonymous = Limit(own.anonymous_per_minute, MINUTE)
        self._service = Limit(own.service_per_minute, MINUTE)
        self._user = Limit(own.user_per_minute, MINUTE)
        self._used_up: dict[str, int] = {}
        self._counts = 0

    def caller(self, peer: str | None, forwarded: list[str], token: str | None) -> Caller:
        """Return who asks, having counted the request.

        Parameters
        ----------
        peer
            The address at the other end of the connection; None for a socket file.
        forwarded
            The values of X-Forwarded-For as received, in order; believed only from a trusted proxy.
        token
            The bearer token; None where there is none.
        """
        now = wall_us()
        principal = None if token is None else principal_of(self._serving.store, token, now)
        if principal is None:
            whose = counter_name(self._key, "address", self._address(peer, forwarded))
            return Caller(None, self._limited(whose, self._anonymous, now))
        limit = self._service if principal.role is Role.SERVICE else self._user
        return Caller(principal, self._limited(counter_name(self._key, "user", principal.user_id), limit, now))

    def _limited(self, counter: str, limit: Limit, now: int) -> int | None:
        ends = self._used_up.get(counter)
        if ends is not None and ends > now:
            return ends
        self._counts += 1
        if self._counts % _COUNTS_BETWEEN_SWEEPS == 0:
            drop_ended(self._serving.store, now)
        counted = count(self._serving.store, counter, limit, now)
        if counted.within:
            return None
        if len(self._used_up) >= _MOST_REMEMBERED:
            self._used_up.clear()  # it only saves questions
        self._used_up[counter] = counted.frees_at_us
        return counted.frees_at_us

    def _address(self, peer: str | None, forwarded: list[str]) -> str:
        return counted_address(peer, forwarded, self._proxies)
