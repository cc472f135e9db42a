# SPDX-License-Identifier: Apache-2.0
"""Recipes about TLS inside another protocol's packets."""

import struct
from dataclasses import replace

from .handshakes import mutual
from .recipe import TLS12, recipe, take
from .wire import CLIENT, SERVER

PRELOGIN, RESULT = 0x12, 0x04
OPTIONS = bytes.fromhex("0000100006010016000104001700 01ff")
ASKS, AGREES = (OPTIONS + bytes.fromhex(v) for v in ("0f00000000000100", "0f000fa000000100"))


def tds_packets(data, kind=PRELOGIN, most=4096 - 8):
    """The message in packets (MS-TDS section 2.2.3.1); the last of them says so."""
    out = b""
    for number, at in enumerate(range(0, len(data), most)):
        piece = data[at : at + most]
        last = at + most >= len(data)
        out += struct.pack("!BBHHBB", kind, last, 8 + len(piece), 0, (number + 1) & 255, 0) + piece
    return out


@recipe(
    "tds",
    "SQL Server's TDS with a client certificate: pre-login, then TLS inside pre-login packets.",
    "A real handshake; the packets around it are made by hand, as MS-TDS has them.",
)
def tds(studio):
    scene = mutual(studio, TLS12)
    chunks = [(CLIENT, tds_packets(ASKS)), (SERVER, tds_packets(AGREES, RESULT))]
    for number, (side, data) in enumerate(scene.chunks):
        chunks.append((side, tds_packets(data, most=1000) if number < 4 else data))
    server = scene.connection.server._replace(port=1433)
    return take([replace(scene, connection=replace(scene.connection, server=server), chunks=chunks)])
