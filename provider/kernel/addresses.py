"""Which network addresses are public, and which belong to one household or machine.

What is not public is ours, or reaches us by a detour: nothing is ever sent there.
"""

from __future__ import annotations

import ipaddress
import re

# Addresses that carry an IPv4 address inside, which would be reached through somebody's gateway; and those that newer
# registers set apart than the library knows, or that anybody's nearest machine answers for.
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
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.31.196.0/24",  # AS112, RFC 7535
        "192.52.193.0/24",  # AMT, RFC 7450
        "192.175.48.0/24",  # AS112, RFC 7534
        "2620:4f:8000::/48",  # AS112, RFC 7534
        "3fff::/20",  # documentation, RFC 9637
    )
)

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII)
# Names that never lead out of a house: RFC 6761, RFC 6762, RFC 8375, and what networks are called at home.
_INDOORS = (
    *("localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private"),
    *("home.arpa", "test", "invalid", "onion", "alt"),
)


def is_host(text: str) -> bool:
    """Whether ``text`` is written as the host of an address is: a plain name in ASCII, or an IP address."""
    return bool(_NAME.fullmatch(text.lower())) or _is_address(text)


def may_be_public(host: str) -> bool:
    """Whether a host may lead to the public network, as far as can be told without asking a name server.

    Not: an address that is not public, in any of the ways that systems read one (octal, hexadecimal, one number), a
    name without a dot, or one that only has a meaning indoors.
    """
    host = host.lower().rstrip(".")
    last = host.rpartition(".")[2]
    if ":" in host or last.isdecimal() or last.startswith("0x"):
        return is_public(host)
    return "." in host and not any(f".{host}".endswith(f".{name}") for name in _INDOORS)


def _is_address(text: str) -> bool:
    try:
        return not getattr(ipaddress.ip_address(text), "scope_id", None)
    except ValueError:
        return False


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


def network_of(text: str) -> str:
    """What one sender has to itself: an IPv4 address, or the first 64 bits of an IPv6 one; no address is itself."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text[:64]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
