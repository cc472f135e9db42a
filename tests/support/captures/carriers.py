# SPDX-License-Identifier: Apache-2.0
"""Recipes about TLS inside another protocol's packets. The openvpn-* ones want the package
openvpn."""

import struct
from dataclasses import replace

from . import daemons, endpoints
from .datagrams import DatagramRelay, take_datagrams
from .handshakes import mutual
from .recipe import TLS12, Scene, recipe, take
from .wire import CLIENT, SERVER, Endpoint

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


def openvpn(certificate, *options):
    """An endpoint without an interface: the control channel does all that it does otherwise."""
    arguments = [daemons.program("openvpn"), "--dev", "null", "--verb", "3"]
    arguments += ["--cert", certificate.pem, "--key", certificate.key]
    arguments += ["--extra-certs", certificate.above_pem()]
    return endpoints.Program([*arguments, *options])


def openvpn_talk(studio, relay_of, server_options, client_options, handshakes):
    """What two endpoints say until they have shaken hands so many times."""
    names = ("vpn.example.com", "roadwarrior.example.com")
    server_certificate = studio.authority.server(names[0])
    client_certificate = studio.authority.client(names[1])
    both = ("--ca", studio.trust, "--tls-version-max", "1.2", "--data-ciphers", "AES-128-GCM")
    port = endpoints.free_port()
    serving = ("--local", "127.0.0.1", "--lport", port, "--tls-server", "--dh", "none", "--reneg-sec", "0")
    with openvpn(server_certificate, *both, *serving, *server_options) as server:
        server.await_text(rb"link local|Listening for incoming")
        relay = relay_of(port)
        calling = ("--nobind", "--remote", "127.0.0.1", relay.port, "--tls-client")
        with openvpn(client_certificate, *both, *calling, *client_options) as client:
            done = rb"(?s)" + rb".*".join([rb"Control Channel: TLS"] * handshakes)
            for program in (server, client):
                if not program.await_text(done, patience=30):
                    raise RuntimeError(program.output.decode(errors="replace"))
        chunks = relay.conversation()
    return chunks, server_certificate, client_certificate


@recipe(
    "openvpn-udp",
    "OpenVPN over UDP with an HMAC in each packet (tls-auth), a client certificate.",
    "The second handshake is not told: version 2.6 encrypts all but the first as a whole.",
)
def openvpn_udp(studio):
    key = f"{studio.folder}/tls-auth.key"
    endpoints.Program([daemons.program("openvpn"), "--genkey", "secret", key]).process.wait()
    chunks, server, client = openvpn_talk(
        studio,
        DatagramRelay,
        ("--proto", "udp", "--tls-auth", key, "0", "--auth", "SHA256"),
        ("--proto", "udp", "--tls-auth", key, "1", "--auth", "SHA256", "--reneg-sec", "4"),
        handshakes=2,
    )
    place = studio.place(server=Endpoint("198.51.100.40", 1194))
    scene = Scene(place, chunks, server, client, ("clear", "clear"))
    return take_datagrams([scene])


@recipe(
    "openvpn-tcp",
    "OpenVPN over TCP, without an HMAC.",
    "Packets behind two bytes of length.",
)
def openvpn_tcp(studio):
    chunks, server, client = openvpn_talk(
        studio, endpoints.Relay, ("--proto", "tcp-server"), ("--proto", "tcp-client"), handshakes=1
    )
    place = studio.place(server=Endpoint("198.51.100.40", 1194))
    return take([Scene(place, chunks, server, client, ("clear", "clear"))])


MAIL = b"".join(b"A line of a letter that nobody encrypted, number %d.\r\n" % n for n in range(30))
PAGE = b"<p>" + b"A sentence of a page that anybody may read. " * 40
GREETING = bytes.fromhex("000a") + b"8.0.33\0" + bytes(range(1, 12)) + bytes(48)

PLAIN = {
    25: [
        (SERVER, b"220 mx.example.com ESMTP\r\n"),
        (CLIENT, b"EHLO client.example.com\r\n"),
        (SERVER, b"250-mx.example.com\r\n250-STARTTLS\r\n250 SIZE 1000000\r\n"),
        (CLIENT, b"MAIL FROM:<a@example.com>\r\n"),
        (SERVER, b"250 ok\r\n"),
        (CLIENT, b"RCPT TO:<b@example.com>\r\n"),
        (SERVER, b"250 ok\r\n"),
        (CLIENT, b"DATA\r\n"),
        (SERVER, b"354 go on\r\n"),
        (CLIENT, MAIL + b".\r\n"),
        (SERVER, b"250 ok\r\n"),
        (CLIENT, b"QUIT\r\n"),
        (SERVER, b"221 bye\r\n"),
    ],
    80: [
        (CLIENT, b"GET / HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n\r\n"),
        (SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE),
        (CLIENT, b"GET /next HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n\r\n"),
        (SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE),
    ],
    3306: [
        (SERVER, struct.pack("<I", len(GREETING) - 1)[:3] + GREETING),
        (CLIENT, b"\x54\0\0\x01\x85\xa6\xff\x19\0\0\0\x01\xff" + bytes(23) + b"root\0" * 11),
        (SERVER, b"\x07\0\0\x02\0\0\0\x02\0\0\0"),
        (CLIENT, b"\x21\0\0\0\x03select @@version_comment limit 1"),
        (SERVER, b"\x01\0\0\x01\x01" + bytes(range(200))),
    ],
    1433: [
        (CLIENT, tds_packets(ASKS)),
        (SERVER, tds_packets(AGREES, RESULT)),
        (CLIENT, tds_packets(bytes(range(234)), kind=0x10)),
        (SERVER, tds_packets(bytes(range(256)) * 2, RESULT)),
    ],
    9999: [
        (side, bytes((n * n + n * 7 + side) % 251 for n in range(2000))) for side in (0, 1, 0, 1)
    ],
}


@recipe(
    "plain",
    "Mail, web, two databases and something unknown, none of which comes to TLS.",
    "Nothing to tell: there is no session. scripts/bench plays it too.",
)
def plain(studio):
    scenes = []
    for number, (port, chunks) in enumerate(PLAIN.items()):
        place = studio.place(server=Endpoint("198.51.100.50", port), after=number)
        scenes.append(Scene(place, chunks + [(CLIENT, b""), (SERVER, b"")]))
    made = take(scenes)
    made.scenes = []
    return made
