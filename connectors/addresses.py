"""Which addresses a department's registration may make the hub call.

Checked twice: the URL when it is registered and sent to, and every address a name resolves to at the
moment of connecting, so that a name cannot change its mind in between. Link-local addresses (cloud
metadata lives there), multicast and unspecified ones are never called; loopback and private ones only
where the operator allows them. Source: OWASP, "Server-Side Request Forgery Prevention".
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_TRANSLATED = ip_network("64:ff9b::/96")
_METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})


class AddressRefused(ValueError):
    """The hub does not call this address. The text names the rule and the mend, never the resolved address."""


@dataclass(frozen=True, slots=True)
class AddressRule:
    """``allow_private_addresses`` lets loopback and private ranges through, for a hub beside its departments."""

    allow_private_addresses: bool = False

    def check_url(self, url: str) -> None:
        """Raises :class:`AddressRefused` unless the URL is plain http(s) to an allowed host."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            raise AddressRefused(f'"{parts.scheme}:" cannot be called. Register an http:// or https:// URL.')
        if parts.username is not None or parts.password is not None:
            raise AddressRefused("A URL may not carry a user name or password. Put credentials into headers.")
        if not parts.hostname:
            raise AddressRefused("The URL names no host.")
        try:
            _ = parts.port
        except ValueError as error:
            raise AddressRefused("The URL's port is no number from 1 to 65535.") from error
        literal = _literal(parts.hostname)
        if literal is not None:
            self.check_address(literal)
        elif parts.hostname.rstrip(".").lower().endswith("localhost") and not self.allow_private_addresses:
            raise AddressRefused(_PRIVATE)

    def check_address(self, address: str) -> None:
        """Raises :class:`AddressRefused` for an IP address that must not be called."""
        ip = _unwrap(ip_address(address.partition("%")[0]))
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in _METADATA:
            raise AddressRefused("Link-local, metadata, multicast and unspecified addresses are never called.")
        if not ip.is_global and not self.allow_private_addresses:
            raise AddressRefused(_PRIVATE)

    def allows(self, address: str) -> bool:
        """Whether this IP address may be called."""
        try:
            self.check_address(address)
        except AddressRefused:
            return False
        return True


_PRIVATE = (
    "Loopback, private and reserved addresses are not called. Register a public address, or let the operator set "
    "allow_private_addresses."
)


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def _unwrap(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one: mapped, 6to4, Teredo's client, or translated."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    return inner or ip
