# SPDX-License-Identifier: Apache-2.0
"""TLCP (GB/T 38636): there is no endpoint at hand, so its messages are made as the standard has
them, around real SM2 certificates. What is random, secret or a signature is filling."""

import struct

from .recipe import Scene, recipe, take
from .wire import CLIENT, SERVER

VERSION = b"\x01\x01"
ECC_SM4_CBC_SM3 = b"\xe0\x13"
HANDSHAKE, CHANGE, DATA = 22, 20, 23


def record(kind, content):
    return bytes([kind]) + VERSION + struct.pack("!H", len(content)) + content


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def vector(data, size):
    return len(data).to_bytes(size, "big") + data


def filling(tag, length):
    return bytes((tag + i) % 256 for i in range(length))


def certificates(chain):
    return message(11, vector(b"".join(vector(c.der(), 3) for c in chain), 3))


def hello(tag):
    return VERSION + filling(tag, 32)


def conversation(server, client):
    """Both sides show two certificates of their own: for signatures, and for encryption."""
    client_hello = hello(1) + b"\0" + vector(ECC_SM4_CBC_SM3 + b"\xe0\x53", 2) + b"\x01\0"
    server_hello = hello(101) + vector(filling(7, 32), 1) + ECC_SM4_CBC_SM3 + b"\0"
    flight = [
        message(2, server_hello),
        certificates(server),
        message(12, vector(filling(3, 71), 2)),  # ECC: nothing but a signature
        message(13, vector(b"\x40", 1) + b"\0\0"),  # ecdsa_sign, no names
        message(14, b""),
    ]
    answer = [
        certificates(client),
        message(16, vector(filling(9, 156), 2)),
        message(15, vector(filling(5, 72), 2)),
    ]
    finish = record(CHANGE, b"\x01") + record(HANDSHAKE, filling(11, 80))
    return [
        (CLIENT, record(HANDSHAKE, message(1, client_hello))),
        (SERVER, record(HANDSHAKE, b"".join(flight))),
        (CLIENT, b"".join(record(HANDSHAKE, m) for m in answer) + finish),
        (SERVER, finish),
        (CLIENT, record(DATA, filling(13, 96))),
        (SERVER, record(DATA, filling(17, 96))),
        (CLIENT, b""),
        (SERVER, b""),
    ]


class Chain:
    """What a side sends."""

    def __init__(self, *certificates):
        self.certificates = certificates

    def chain(self):
        return self.certificates


@recipe(
    "tlcp-mutual",
    "TLCP, made by hand around SM2 certificates: each side shows one to sign and one to encrypt.",
    "Version TLCPv11, suite ECC_SM4_CBC_SM3; three certificates in each chain.",
)
def tlcp_mutual(studio):
    sm2 = {"key": "sm2", "md": "sm3"}
    authority = studio.authority
    ca = authority.issue("gm-ca", "/C=CN/O=Example Trust/CN=Example SM2 CA", "ca", **sm2)
    sides = []
    for name, usage in (("gm.example.com", "server"), ("gm-user", "client")):
        pair = [
            authority.issue(f"{name}-{what}", f"/C=CN/O=Example/CN={name} {what}", usage, by=ca, **sm2)
            for what in ("sign", "enc")
        ]
        sides.append(Chain(*pair, ca))
    chunks = conversation(sides[0].chain(), sides[1].chain())
    return take([Scene(studio.place(), chunks, *sides, ("clear", "clear"))])
