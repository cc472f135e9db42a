# SPDX-License-Identifier: Apache-2.0
"""Recipes about DTLS: datagrams between real endpoints, then put on the wire as a network might."""

import re
import select
import socket
import struct
import threading
from dataclasses import replace

from . import endpoints, wire
from .recipe import Scene, Take, recipe
from .wire import CLIENT, SERVER, Frame

UDP = 17


class DatagramRelay:
    """Hands datagrams on between one client and a server, and records (side, bytes)."""

    def __init__(self, server_port):
        self.chunks = []
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind(("127.0.0.1", 0))
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.far.connect(("127.0.0.1", server_port))
        self.port = self.near.getsockname()[1]
        self.over = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        client = None
        while not self.over:
            for end in select.select([self.near, self.far], [], [], 0.1)[0]:
                try:
                    data, sender = end.recvfrom(65536)
                    if end is self.near:
                        client = sender
                        self.far.send(data)
                    else:
                        self.near.sendto(data, client)
                except OSError:
                    continue
                self.chunks.append((CLIENT if end is self.near else SERVER, data))
        self.near.close()
        self.far.close()

    def conversation(self):
        self.over = True
        self.thread.join()
        return self.chunks


def visit(server, *options, name, client=None):
    """A handshake, a line each way, good-bye."""
    relay = DatagramRelay(server.port)
    with endpoints.openssl_client(relay.port, name, client, *options) as program:
        if not program.await_text(rb"(New|Reused), [TS]\S+, Cipher is \w"):
            raise RuntimeError(program.output.decode(errors="replace"))
        program.say(b"ping one\n")
        server.await_text(re.escape(b"ping one"))
        server.say(b"pong one\n")
        program.await_text(re.escape(b"pong one"))
        program.hang_up()
        program.process.wait(endpoints.PATIENCE)
    return relay.conversation()


def flights(chunks):
    """What one side says before the other does."""
    flight = []
    for side, data in chunks:
        if flight and flight[-1][0] != side:
            yield flight
            flight = []
        flight.append((side, data))
    yield flight


def shuffled(chunks):
    """Each flight from behind, and its datagrams twice."""
    return [chunk for flight in flights(chunks) for chunk in reversed(flight) for _ in range(2)]


def without(chunks, side, number):
    """The conversation as a sensor has it that missed one datagram of a side."""
    mine = [i for i, (who, _) in enumerate(chunks) if who == side]
    return [chunk for i, chunk in enumerate(chunks) if i != mine[number]]


def frames_of(scene):
    """One UDP datagram a frame."""
    c = scene.connection
    now, last, frames = c.start_ns, CLIENT, []
    for side, data in scene.chunks:
        now += c.turn_ns if side != last else c.step_ns
        last = side
        source, target = (c.client, c.server) if side == CLIENT else (c.server, c.client)
        head = struct.pack("!HHH", source.port, target.port, 8 + len(data))
        pseudo = wire.pseudo_header(source.address, target.address, 8 + len(data), UDP)
        check = 0xFFFF ^ wire.internet_checksum(pseudo + head + b"\0\0" + data)
        packet = head + struct.pack("!H", check or 0xFFFF) + data
        frames.append(
            Frame(
                now,
                wire.ethernet(
                    wire.ip_packet(
                        source.address, target.address, packet, len(frames) + 1, protocol=UDP
                    )
                ),
            )
        )
    return frames


def take_datagrams(scenes):
    frames = [frame for scene in scenes for frame in frames_of(scene)]
    return Take(wire.pcap_bytes(frames), scenes)


def mutual(studio, *options):
    """Both sides show a certificate, in datagrams of at most 400 bytes."""
    small = (*options, "-mtu", "400")
    server_certificate = studio.authority.server("dtls.example.com", "rsa")
    client = studio.authority.client("dtls-user", "p256")
    asking = studio.asking(required=True)
    with studio.openssl(server_certificate, *small, *asking, echo=False) as server:
        chunks = visit(server, *small, name="dtls.example.com", client=client)
    return Scene(studio.place(), chunks, server_certificate, client, ("clear", "clear"))


def again(studio, scene, chunks, seen):
    return replace(scene, connection=studio.place(after=20), chunks=chunks, seen=seen)


@recipe(
    "dtls12-mutual",
    "DTLS 1.2 with a client certificate, cut into fragments by a small MTU.",
    "The second time each flight comes from behind and twice: the same is told of it.",
)
def dtls12_mutual(studio):
    scene = mutual(studio, "-dtls1_2")
    mixed = again(studio, scene, shuffled(scene.chunks), scene.seen)
    return take_datagrams([scene, mixed])


@recipe(
    "dtls10-cookie",
    "DTLS 1.0 whose server asks for a cookie first.",
    "History CvCs: the hello is sent a second time, with the cookie.",
)
def dtls10_cookie(studio):
    certificate = studio.authority.server("cookie.example.com", "rsa")
    old = ("-dtls1", "-cipher", "DEFAULT:@SECLEVEL=0")
    with studio.openssl(certificate, *old, "-listen", echo=False) as server:
        chunks = visit(server, *old, name="cookie.example.com")
    return take_datagrams([Scene(studio.place(), chunks, certificate)])


@recipe(
    "dtls12-lost",
    "DTLS 1.2 of which the capture lacks one datagram of the server's certificate.",
    "The server's chain is missed, the client's is clear.",
)
def dtls12_lost(studio):
    scene = mutual(studio, "-dtls1_2")
    lossy = without(scene.chunks, SERVER, 2)
    return take_datagrams([replace(scene, chunks=lossy, seen=("missed", "clear"))])
