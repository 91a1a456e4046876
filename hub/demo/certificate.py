"""A certificate that the demo makes itself, so that a phone and a TV on the same network can use TLS."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAYS = 90


def make_certificate(directory: Path, url: str) -> tuple[Path, Path]:
    """Certificate and key files for this address; the earlier ones while they still hold for it."""
    certificate, key = directory / "tls-certificate.pem", directory / "tls-key.pem"
    host = urlsplit(url).hostname or "127.0.0.1"
    if certificate.is_file() and key.is_file() and _holds(certificate, host):
        return certificate, key
    private_key = ec.generate_private_key(ec.SECP256R1())
    made = _build(host, private_key)
    key.touch(mode=0o600, exist_ok=True)
    key.write_bytes(
        private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _build(host: str, private_key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jiyi demo")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), *(_general_name(each) for each in {host, "127.0.0.1"})]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private_key, hashes.SHA256())
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _holds(file: Path, host: str) -> bool:
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    still = certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=1)
    return still and _general_name(host) in list(names)
