# SPDX-License-Identifier: Apache-2.0
"""Captures of who shows what is not theirs, and of keys without certificates."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from .authority import openssl
from .endpoints import gnutls_key_client, gnutls_key_server, talk
from .recipe import TLS12, Scene, recipe, take
from .wire import CLIENT

HANDSHAKE, CERTIFICATE, CERTIFICATE_VERIFY = 22, 11, 15


def number(value, size):
    return value.to_bytes(size, "big")


def certificate_message(certificate):
    listed = b"".join(number(len(c.der()), 3) + c.der() for c in certificate.chain())
    body = number(len(listed), 3) + listed
    return bytes([CERTIFICATE]) + number(len(body), 3) + body


class Forger:
    """Changes messages of a client in TLS records, each of which holds one: `change(message)`
    gives what is sent in place of those of `kind`. What is encrypted is left alone."""

    def __init__(self, kind, change):
        self.kind = kind
        self.change = change
        self.left = b""
        self.encrypted = False

    def record(self, record):
        content = record[5:]
        self.encrypted = self.encrypted or record[0] == 20
        if not self.encrypted and record[0] == HANDSHAKE and content[0] == self.kind:
            content = self.change(content)
        return record[:3] + number(len(content), 2) + content

    def __call__(self, data):
        data = self.left + data
        out = b""
        while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
            end = 5 + int.from_bytes(data[3:5], "big")
            out += self.record(data[:end])
            data = data[end:]
        self.left = data
        return out


def attack(studio, kind, change, shown, own):
    """A client that holds the key of `own`, through a forger; the server demands certificates."""
    server_certificate = studio.authority.server("mutual.example.com", "rsa")
    with studio.openssl(server_certificate, *TLS12, *studio.asking(required=True)) as server:
        chunks = studio.visit(
            server,
            *TLS12,
            name="mutual.example.com",
            client=own,
            rewrite={CLIENT: Forger(kind, change)},
            hasty=True,
        )
    return take([Scene(studio.place(), chunks, server_certificate, shown, ("clear", "clear"))])


@recipe(
    "client-cert-forged",
    "TLS 1.2: the signature of the client's CertificateVerify is wrong by one bit.",
    "Possession failed, and the server says decrypt_error.",
)
def client_cert_forged(studio):
    client = studio.authority.client("rsa-user", "rsa")
    change = lambda message: message[:-1] + bytes([message[-1] ^ 1])
    return attack(studio, CERTIFICATE_VERIFY, change, client, client)


@recipe(
    "client-cert-replayed",
    "TLS 1.2: the client shows a certificate that it has seen elsewhere, and signs with another key.",
    "Trusted, of the same kind of key, and not theirs: possession failed.",
)
def client_cert_replayed(studio):
    victim = studio.authority.client("vendor-connector", "p256")
    thief = studio.authority.client("p256-user", "p256")
    return attack(studio, CERTIFICATE, lambda _: certificate_message(victim), victim, thief)


@dataclass(frozen=True)
class RawKey:
    """A key that is shown without a certificate."""

    key: Path
    public: Path

    def digest(self, name="sha256"):
        lines = self.public.read_text().split("-----")[2]
        return hashlib.new(name, base64.b64decode(lines)).hexdigest()

    def chain(self):
        return (self,)


def raw_key(studio, name):
    """The key of a certificate, alone."""
    certificate = studio.authority.client(name, "p256")
    public = certificate.pem.with_suffix(".pub")
    openssl("pkey -pubout", **{"in": certificate.key, "out": public})
    return RawKey(certificate.key, public)


@recipe(
    "raw-public-keys",
    "TLS 1.2 between GnuTLS endpoints: both show a key in place of a certificate (RFC 7250).",
    "The keys are told by their SHA-256, and both prove that they hold them.",
)
def raw_public_keys(studio):
    ours, theirs = raw_key(studio, "raw-server"), raw_key(studio, "raw-client")
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CTYPE-ALL:+CTYPE-RAWPK"
    with gnutls_key_server(ours, priority, "--require-client-cert") as server:
        start = lambda port: gnutls_key_client(port, "raw.example.com", theirs, priority)
        chunks = talk(server, start)
    return take([Scene(studio.place(), chunks, ours, theirs, ("clear", "clear"))])
