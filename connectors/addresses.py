"""Which addresses a department's registration may make the hub call.

Checked twice: the URL when it is registered and sent to, and every address a name resolves to at the
moment of connecting, so that a name cannot change its mind in between. Link-local addresses (cloud
metadata lives there), multicast and unspecified ones are never called; loopback and private ones only
where the operator allows them, for all or for the hosts of one department.
Sources: OWASP, "Server-Side Request Forgery Prevention"; WHATWG Fetch, "Port blocking".
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from re import compile as regex
from urllib.parse import SplitResult, urlsplit

_Address = IPv4Address | IPv6Address

_TRANSLATED = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_GLOBAL_UNICAST = ip_network("2000::/3")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
_NEVER = (ip_network("0.0.0.0/8"), ip_network("255.255.255.255/32"))
_METADATA = frozenset(
    map(ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
"""Of the clouds that do not put it on a link-local address: Alibaba, Azure, Oracle, AWS, Google."""

_OTHER_PROTOCOLS = frozenset(
    {
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104),
        *(109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515),
        *(526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049),
        *(3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    }
)
_UNCLEAR = regex(r"[\x00-\x20\x7f\\]")
_NAME = regex(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = regex(r"(0x[0-9a-f]*|[0-9]+)")


class AddressRefused(ValueError):
    """The hub does not call this address. The text names the rule and the mend, never the resolved address."""


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """What an operator allowed: a ``host`` by name, an address, or a range of them; with ``port`` only that."""

    host: str
    port: int | None = None
    network: IPv4Network | IPv6Network | None = None

    def covers(self, address: _Address, host: str, port: int | None) -> bool:
        """Whether this lets ``host`` be called at ``port`` where it is found at ``address``."""
        if self.port is not None and self.port != port:
            return False
        return address in self.network if self.network is not None else self.host == host

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.port is not None else self.host
        return host if self.port is None else f"{host}:{self.port}"


def read_allowed_host(text: str) -> AllowedHost:
    """``name``, ``name:port``, an address with or without a port, or a range (``10.1.0.0/16``).

    Raises :class:`AddressRefused` for what is none of them, and for what nobody can allow.
    """
    given = text.strip().lower()
    if "/" in given:
        network = _network(given)
        return AllowedHost(str(network), None, network)
    bare = _literal(given)
    parts = _parted(f"//[{bare}]" if bare is not None and ":" in bare else f"//{given}")
    if parts is None or parts.username is not None or parts.path or parts.query or parts.fragment:
        raise AddressRefused(_NO_HOST)
    host = normal_host(parts.hostname or "")
    address = _literal(host)
    if address is None:
        if not _NAME.fullmatch(host):
            raise AddressRefused(_NO_HOST)
        return AllowedHost(host, parts.port)
    if _is_never_called(_unwrap(ip_address(address))):
        raise AddressRefused(_FORBIDDEN)
    return AllowedHost(address, parts.port, ip_network(address))


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text)
    except ValueError:
        raise AddressRefused(_NO_HOST) from None
    if network.prefixlen == 0:
        raise AddressRefused("This range is everything. Allow the range that the department has.")
    return network


@dataclass(frozen=True, slots=True)
class AddressRule:
    """``allow_private_addresses`` lets loopback and private ranges through, for a hub beside its departments;
    ``allowed`` lets single hosts through."""

    allow_private_addresses: bool = False
    allowed: tuple[AllowedHost, ...] = ()

    def check_url(self, url: str) -> None:
        """Raises :class:`AddressRefused` unless the URL is plain http(s) to an allowed host."""
        parts = _split(url)
        if parts.scheme not in {"http", "https"}:
            raise AddressRefused(f'"{parts.scheme}:" cannot be called. Register an http:// or https:// URL.')
        if parts.username is not None or parts.password is not None:
            raise AddressRefused("A URL may not carry a user name or password. Put credentials into headers.")
        if not parts.hostname:
            raise AddressRefused("The URL names no host.")
        host, port = normal_host(parts.hostname), parts.port
        if port in _OTHER_PROTOCOLS and not self.allow_private_addresses and not self._names(host, port):
            raise AddressRefused(f"Port {port} is of another protocol. Serve HTTP on a port of its own.")
        self.check_host(host, port or (443 if parts.scheme == "https" else 80))

    def check_host(self, host: str, port: int | None) -> None:
        """What can be said of a host before it is resolved. Raises :class:`AddressRefused`."""
        host = normal_host(host)
        literal = _literal(host)
        if literal is not None:
            self.check_address(literal, host, port)
        elif host == "localhost" or host.endswith(".localhost"):
            self.check_address("127.0.0.1", host, port)

    def check_address(self, address: str, host: str = "", port: int | None = None) -> None:
        """Raises :class:`AddressRefused` for an IP address that must not be called in the name of ``host``."""
        ip = _unwrap(ip_address(address.partition("%")[0]))
        if _is_never_called(ip):
            raise AddressRefused(_FORBIDDEN)
        if self.allow_private_addresses or _is_public(ip):
            return
        if not any(each.covers(ip, host, port) for each in self.allowed):
            raise AddressRefused(_PRIVATE)

    def allows(self, address: str, host: str = "", port: int | None = None) -> bool:
        """Whether this IP address, to which ``host`` resolved, may be called."""
        try:
            self.check_address(address, normal_host(host) if host else "", port)
        except AddressRefused:
            return False
        return True

    def _names(self, host: str, port: int) -> bool:
        literal = _literal(host)
        address = ip_address(literal) if literal is not None else IPv4Address(0)
        return any(each.port == port and each.covers(address, host, port) for each in self.allowed)


_PRIVATE = (
    "Loopback, private and reserved addresses are not called. Register a public address, or let an operator allow "
    "the host for the department (`jiyi department allow-host`) or set allow_private_addresses."
)
_FORBIDDEN = "Link-local, metadata, multicast and unspecified addresses are never called."
_NO_HOST = (
    "This is no host. Write a name, an address or a range: register.example, register.example:8443, 10.1.2.3, "
    "10.1.0.0/16."
)


def normal_host(host: str) -> str:
    """A host as it is compared: lower case, ASCII, no dot behind. Raises :class:`AddressRefused` for what a
    resolver could read otherwise than we do, such as ``2130706433``, ``0x7f.1`` and ``127.1``."""
    try:
        plain = host.lower() if host.isascii() else host.encode("idna").decode().lower()
    except UnicodeError:
        raise AddressRefused("The host is no name.") from None
    plain = plain.rstrip(".")
    if _NUMBER.fullmatch(plain.rpartition(".")[2]) and _literal(plain) is None:
        raise AddressRefused("An address has four decimal numbers, or is IPv6. Write it in that form.")
    return plain


def _split(url: str) -> SplitResult:
    """Where two programs could read two hosts from one URL, nobody calls it."""
    if _UNCLEAR.search(url):
        raise AddressRefused("The URL holds a blank, a control character or a backslash. Percent-encode it.")
    parts = _parted(url)
    if parts is None:
        raise AddressRefused("The URL's port is no number from 1 to 65535, or its host is no host.")
    return parts


def _parted(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def _is_never_called(ip: _Address) -> bool:
    is_odd = ip.is_link_local or ip.is_multicast or ip.is_unspecified
    return is_odd or ip in _METADATA or any(ip in network for network in _NEVER)


def _is_public(ip: _Address) -> bool:
    return ip.is_global and (isinstance(ip, IPv4Address) or ip in _GLOBAL_UNICAST)


def _unwrap(ip: _Address) -> _Address:
    """The IPv4 address inside an IPv6 one: mapped, compatible, 6to4, Teredo's client, ISATAP or translated."""
    if isinstance(ip, IPv4Address):
        return ip
    last = IPv4Address(int(ip) & 0xFFFFFFFF)
    is_compatible = ip in _COMPATIBLE and int(ip) > 0xFFFF
    if ip in _TRANSLATED or is_compatible or (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return last
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip
