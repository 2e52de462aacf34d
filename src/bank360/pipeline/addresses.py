"""From which address somebody asks, for counting how often: no header that they make up themselves is believed.

Neighbours: `storage/rate_counters.py` counts, `sessions.py` names the counters.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

LOCAL = "local"  # over a socket file, where there is no address
_Address = IPv4Address | IPv6Address


def counted_address(
    peer: str | None, forwarded: Sequence[str], proxies: Sequence[IPv4Network | IPv6Network]
) -> str:  # fmt: skip
    """Return the nearest address that is none of our proxies; what lies behind it, it may have made up.

    Parameters
    ----------
    peer
        The address at the other end of the connection; None for a socket file.
    forwarded
        The values of X-Forwarded-For as received, in order; believed only from a proxy of ours.
    proxies
        The networks of our own proxies.
    """
    nearest = _parsed(peer or "")
    if nearest is None:
        return LOCAL
    hops = [part.strip() for value in forwarded for part in value.split(",")]
    while hops and any(nearest in network for network in proxies):
        further = _parsed(hops.pop())
        if further is None:
            break
        nearest = further
    return _one_household(nearest)


def _parsed(text: str) -> _Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _one_household(address: _Address) -> str:
    """Return the address, or of IPv6 the network that one customer of a provider has all of."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
