"""Making one certificate: names, extensions and signature, the way IGC-Santé ORG certificates look.

ORG_AUTH_CLI opens a TLS session (clientAuth); ORG_SIGN signs (KeyUsage digitalSignature and
nonRepudiation); both carry the Struct_IdNat of the legal entity in OU (dmp.md §1.9, §2).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_DAYS = 3650
LEAF_DAYS = 365
KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Usage:
    """What a certificate may do: KeyUsage bits and at most one extended usage."""

    digital_signature: bool = False
    non_repudiation: bool = False
    key_encipherment: bool = False
    extended: x509.ObjectIdentifier | None = None


SERVER = Usage(digital_signature=True, key_encipherment=True, extended=ExtendedKeyUsageOID.SERVER_AUTH)
AUTH_CLI = Usage(digital_signature=True, extended=ExtendedKeyUsageOID.CLIENT_AUTH)
SIGN = Usage(digital_signature=True, non_repudiation=True)
ENCIPHERMENT_ONLY = Usage(key_encipherment=True, extended=ExtendedKeyUsageOID.EMAIL_PROTECTION)


def organisation_name(struct_idnat: str, role: str) -> x509.Name:
    """Subject of an ORG certificate: C, ST, O, OU = Struct_IdNat, CN."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Yvelines (78)"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Structure fictive {struct_idnat}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, struct_idnat),
            x509.NameAttribute(NameOID.COMMON_NAME, f"perinat {role}"),
        ]
    )


def _authority_name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Bac à sable perinat"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key_usage(usage: Usage, *, authority: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=usage.digital_signature,
        content_commitment=usage.non_repudiation,
        key_encipherment=usage.key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def root(common_name: str, *, now: datetime) -> Issued:
    """A self-signed authority, valid ten years."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = _authority_name(common_name)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=ROOT_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(Usage(), authority=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Issued(certificate, key)


def leaf(
    issuer: Issued,
    subject: x509.Name,
    usage: Usage,
    *,
    not_before: datetime,
    not_after: datetime,
    hosts: tuple[str, ...] = (),
) -> Issued:
    """A certificate signed by `issuer`. `hosts`: DNS names or IP addresses of the SAN."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    public = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )
    if usage.extended is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage.extended]), critical=False)
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False
        )
    return Issued(builder.sign(issuer.key, hashes.SHA256()), key)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
