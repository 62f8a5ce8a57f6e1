"""Which network addresses are public. Anything else is ours, or reaches us by a detour: nothing is ever sent there."""

from __future__ import annotations

import ipaddress

# Addresses that carry an IPv4 address inside, which would be reached through somebody's gateway.
_DETOURS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "2002::/16",  # 6to4
        "2001::/32",  # Teredo
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64, RFC 8215
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "::/96",  # IPv4-compatible
    )
)


def is_public(text: str) -> bool:
    """Whether ``text`` is an address on the public network; False for what is no address at all."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address.scope_id):
        return False
    # is_global says yes to multicast addresses of global scope.
    doubtful = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not doubtful and not any(address in network for network in _DETOURS)
