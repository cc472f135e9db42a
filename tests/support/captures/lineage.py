# SPDX-License-Identifier: Apache-2.0
"""Recipes about which session a resumed one comes from: true lines, and lines that somebody would
like an observer to believe in."""

import os
import struct
from dataclasses import replace

from .endpoints import LibraryClient, nginx_server
from .recipe import TLS10, TLS12, Scene, recipe, take
from .wire import SERVER, Endpoint

HERE, THERE = Endpoint("198.51.100.20", 443), Endpoint("198.51.100.21", 443)
NAME = "mutual.example.com"

WATCHLIST = """\
# SPDX-License-Identifier: Apache-2.0
name: stolen
entries:
  - sha256: {digest}
    role: client
    description: a client certificate that was stolen
"""


class Visits:
    """Connections to one server that asks for a client certificate, each with what it resumes."""

    def __init__(self, studio, server, certificate, client, *options):
        self.studio, self.server, self.certificate = studio, server, certificate
        self.client, self.options = client, options
        self.count = 0

    def visit(self, resumes=None):
        """What was said, and a file to resume it by."""
        self.count += 1
        ticket = f"{self.studio.folder}/{id(self)}-{self.count}"
        options = (*self.options, "-sess_out", ticket, *(("-sess_in", resumes) if resumes else ()))
        return self.studio.visit(self.server, *options, name=NAME, client=self.client), ticket

    def scene(self, chunks, where, after, origin=None, server=HERE, seen=None):
        seen = seen or (("inherited", "inherited") if origin else ("clear", "clear"))
        place = self.studio.place(where, server, after)
        return Scene(place, chunks, self.certificate, self.client, seen, origin)


def watching(made, client):
    made.args = "-w watchlist.yaml"
    made.beside = {"watchlist.yaml": WATCHLIST.format(digest=client.digest())}
    return made


def mutual_server(studio, name=NAME):
    certificate = studio.authority.server(name, "p256")
    client = studio.authority.client("stolen-user")
    return certificate, client, (*studio.asking(True), "-id_prefix", "mutual")


@recipe(
    "lineage-renewed",
    "TLS 1.2 with a watched client certificate, resumed by a ticket, then by the renewed ticket.",
    "From three addresses; the alert comes for each, and all come from the first connection.",
)
def renewed(studio):
    certificate, client, _ = mutual_server(studio)
    keys = [f"{studio.folder}/ticket-key-{number}" for number in (1, 2)]
    for key in keys:
        with open(key, "wb") as file:
            file.write(os.urandom(80))
    library = LibraryClient(NAME, client)
    with nginx_server(studio.folder, certificate, studio.trust, keys[:1]) as server:
        first, ticket = library.visit(server)
    with nginx_server(studio.folder, certificate, studio.trust, keys[::-1]) as server:
        second, renewed_ticket = library.visit(server, ticket)
        third, _ = library.visit(server, renewed_ticket)
    visits = Visits(studio, None, certificate, client)
    if handshake_types(first).count(4) != 1 or handshake_types(second).count(4) != 1:
        raise RuntimeError("no ticket, or none that is renewed")
    full = visits.scene(first, Endpoint("192.0.2.10", 50001), 0)
    again = visits.scene(second, Endpoint("192.0.2.11", 50002), 60, full)
    last = visits.scene(third, Endpoint("192.0.2.12", 50003), 120, full)
    return watching(take([full, again, last]), client)


@recipe(
    "lineage-session-id",
    "TLS 1.0 with a watched client certificate, resumed by session id, from other places.",
    "A connection to another server with the same id has an origin that nobody knows.",
)
def session_id(studio):
    certificate, client, options = mutual_server(studio)
    options = (*TLS10, *options, "-no_ticket")
    with studio.openssl(certificate, *options) as server:
        visits = Visits(studio, server, certificate, client, *TLS10, "-no_ticket")
        first, ticket = visits.visit()
        second, _ = visits.visit(ticket)
        third, _ = visits.visit(ticket)
    full = visits.scene(first, Endpoint("192.0.2.10", 50001), 0)
    again = visits.scene(second, Endpoint("192.0.2.11", 50002), 60, full)
    elsewhere = visits.scene(
        third, Endpoint("192.0.2.12", 50003), 120, None, THERE, ("resumed", "resumed")
    )
    return watching(take([full, again, elsewhere]), client)


@recipe(
    "lineage-refused",
    "TLS 1.2: a client shows another server the ticket and the id it has of the first.",
    "That server does a full handshake: its own chain, and no line to the first.",
)
def refused(studio):
    certificate, client, options = mutual_server(studio)
    other = studio.authority.server("other.example.com")
    with studio.openssl(certificate, *TLS12, *options) as server:
        visits = Visits(studio, server, certificate, client, *TLS12)
        first, ticket = visits.visit()
    with studio.openssl(other, *TLS12, *options) as server:
        others = Visits(studio, server, other, client, *TLS12)
        second, _ = others.visit(ticket)
    full = visits.scene(first, Endpoint("192.0.2.10", 50001), 0)
    again = others.scene(second, Endpoint("192.0.2.10", 50002), 5, None, THERE)
    return watching(take([full, again]), client)


@recipe(
    "lineage-cluster",
    "TLS 1.2: a ticket of one server is taken by another of the same name.",
    "A cluster shares its ticket keys: the line goes on at the other address.",
)
def cluster(studio):
    certificate, client, options = mutual_server(studio)
    with studio.openssl(certificate, *TLS12, *options) as server:
        visits = Visits(studio, server, certificate, client, *TLS12)
        first, ticket = visits.visit()
        second, _ = visits.visit(ticket)
    full = visits.scene(first, Endpoint("192.0.2.10", 50001), 0)
    again = visits.scene(second, Endpoint("192.0.2.10", 50002), 5, full, THERE)
    return watching(take([full, again]), client)


@recipe(
    "lineage-port-reuse",
    "TLS 1.2: a full handshake and two resumed ones, all on the same addresses and ports.",
    "Each is told, and the resumed ones come from the first.",
)
def port_reuse(studio):
    certificate, client, options = mutual_server(studio)
    where = Endpoint("192.0.2.10", 50001)
    with studio.openssl(certificate, *TLS12, *options) as server:
        visits = Visits(studio, server, certificate, client, *TLS12)
        first, ticket = visits.visit()
        second, _ = visits.visit(ticket)
        third, _ = visits.visit(ticket)
    scenes = [visits.scene(first, where, 0)]
    for number, chunks in enumerate((second, third), 1):
        scene = visits.scene(chunks, where, 30 * number, scenes[0])
        scene.connection = studio.place(
            where, HERE, 30 * number, client_isn=0x2A2B3C4D * number, server_isn=0x3E6F7081 * number
        )
        scenes.append(scene)
    return watching(take(scenes), client)


@recipe(
    "lineage-one-way",
    "TLS 1.2: of the full handshake only the server's side was captured; then a resumed one.",
    "What nobody answered may be made up: it is told, but nothing comes from it.",
)
def one_way(studio):
    certificate, client, options = mutual_server(studio)
    with studio.openssl(certificate, *TLS12, *options) as server:
        visits = Visits(studio, server, certificate, client, *TLS12)
        first, ticket = visits.visit()
        second, _ = visits.visit(ticket)
    full = visits.scene(first, Endpoint("192.0.2.10", 50001), 0, seen=("clear", "missed"))
    again = visits.scene(
        second, Endpoint("192.0.2.10", 50002), 400, None, HERE, ("resumed", "resumed")
    )
    segments = [s for s in full.segments() if s.side == SERVER] + again.segments()
    return watching(take([full, again], segments), client)


def records(data):
    """(type, body) of each TLS record."""
    at = 0
    while at + 5 <= len(data):
        length = struct.unpack_from("!H", data, at + 3)[0]
        yield data[at], data[at + 5 : at + 5 + length]
        at += 5 + length


def handshake_types(chunks):
    """The types of the server's handshake messages in the clear, where each has its own record."""
    said = b"".join(data for side, data in chunks if side == SERVER)
    out = []
    for kind, body in records(said):
        if kind == 20:
            break
        at = 0
        while kind == 22 and at + 4 <= len(body):
            out.append(body[at])
            at += 4 + int.from_bytes(body[at + 1 : at + 4], "big")
    return out


def find_ticket(segments):
    """The server's segment that begins with a NewSessionTicket record."""
    for number, segment in enumerate(segments):
        if segment.side == SERVER and segment.payload[:1] == b"\x16" and segment.payload[5:6] == b"\4":
            return number
    raise RuntimeError("no NewSessionTicket")


def forged(studio):
    """A thief has a ticket whose origin was never captured, and would like an observer to believe
    that it is somebody else's: he puts it into that one's connection."""
    certificate, client, options = mutual_server(studio)
    honest = studio.authority.client("honest-user")
    with studio.openssl(certificate, *TLS12, *options) as server:
        thief = Visits(studio, server, certificate, client, *TLS12)
        unseen, ticket = thief.visit()
        resumed, _ = thief.visit(ticket)
        others = Visits(studio, server, certificate, honest, *TLS12)
        visited, _ = others.visit()
    full = others.scene(visited, Endpoint("192.0.2.10", 50001), 0)
    again = thief.scene(resumed, Endpoint("192.0.2.66", 50002), 5, None, HERE, ("resumed", "resumed"))
    stolen_segments = Scene(studio.place(), unseen).segments()
    fake = stolen_segments[find_ticket(stolen_segments)].payload
    segments = full.segments()
    place = find_ticket(segments)
    true = segments[place]
    before = replace(true, payload=fake, ts_ns=true.ts_ns - 2000)
    segments[place : place + 1] = [before, true]
    return watching(take([full, again], segments + again.segments()), client)


@recipe(
    "lineage-forged",
    "TLS 1.2: a forged segment puts a thief's ticket into another's full handshake.",
    "The true one that follows gives it away: nothing of that connection is remembered.",
)
def forged_in_order(studio):
    return forged(studio)
