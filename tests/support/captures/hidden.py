# SPDX-License-Identifier: Apache-2.0
"""Recipes about servers that hide their certificates, and what earlier connections tell of them."""

from .recipe import TLS12, TLS13, Scene, recipe, take
from .wire import CLIENT, Endpoint

CONTROL, ELSEWHERE = Endpoint("198.51.100.66", 443), Endpoint("198.51.100.67", 443)
HIDDEN, CLEAR = ("encrypted", "encrypted"), ("clear", "none")
NAME = "cdn.example.com"


@recipe(
    "endpoint-memory",
    "A watched server certificate in TLS 1.2; then TLS 1.3 to the same place, and to others.",
    "Only the same address is told, until it shows another certificate.",
)
def endpoint_memory(studio):
    watched = studio.authority.server("watched.example.com")
    honest = studio.authority.server("honest.example.com")

    def visits(certificate, *what):
        with studio.openssl(certificate) as server:
            return [studio.visit(server, *options, name=name) for options, name in what]

    clear, hidden = visits(watched, (TLS12, NAME), (TLS13, NAME))
    changed, after = visits(honest, (TLS12, NAME), (TLS13, NAME))
    scenes = []

    def scene(chunks, certificate, seen, where=CONTROL):
        number = len(scenes)
        who = Endpoint(f"192.0.2.{10 + number}", 50000 + number)
        place = studio.place(who, where, 60 * number)
        scenes.append(Scene(place, chunks, certificate, None, seen))

    scene(clear, watched, CLEAR)
    scene(hidden, watched, HIDDEN)  # told
    scene(hidden, watched, HIDDEN, ELSEWHERE)
    scene(changed, honest, CLEAR)
    scene(after, honest, HIDDEN)
    made = take(scenes, args="-w watchlist.txt")
    made.beside = {"watchlist.txt": f"{watched.digest()} a server that is watched for\n"}
    return made


@recipe(
    "endpoint-one-way",
    "As endpoint-memory, but of the first connection only the server's side was captured.",
    "It is told; but what nobody answered is not remembered.",
)
def endpoint_one_way(studio):
    watched = studio.authority.server("watched.example.com")
    with studio.openssl(watched) as server:
        clear = studio.visit(server, *TLS12, name=NAME)
        hidden = studio.visit(server, *TLS13, name=NAME)
    first = Scene(
        studio.place(Endpoint("192.0.2.10", 50000), CONTROL), clear, watched, None, CLEAR
    )
    second = Scene(
        studio.place(Endpoint("192.0.2.11", 50001), CONTROL, 600), hidden, watched, None, HIDDEN
    )
    segments = [s for s in first.segments() if s.side != CLIENT] + second.segments()
    made = take([first, second], segments, args="-w watchlist.txt")
    made.beside = {"watchlist.txt": f"{watched.digest()} a server that is watched for\n"}
    return made


@recipe(
    "lookalikes",
    "A watched client certificate is seen in TLS 1.2, then three are hidden by TLS 1.3: the same one, "
    "another that is as long, one that is not.",
    "The list knows a digest only; the second and the third connection are told as candidates.",
)
def lookalikes(studio):
    certificate = studio.authority.server("p256.example.com")
    stolen = studio.authority.client("vendor-1", "rsa")
    twin = studio.authority.client("vendor-2", "rsa")
    other = studio.authority.client("somebody-else", "rsa")
    scenes = []
    with studio.openssl(certificate, "-CAfile", studio.trust, "-Verify", "2") as server:
        for client, options, seen in (
            (stolen, TLS12, ("clear", "clear")),
            (stolen, TLS13, ("encrypted", "inferred")),
            (twin, TLS13, ("encrypted", "inferred")),
            (other, TLS13, ("encrypted", "inferred")),
        ):
            number = len(scenes)
            who = Endpoint(f"192.0.2.{20 + number}", 50000 + number)
            place = studio.place(who, after=60 * number)
            chunks = studio.visit(server, *options, client=client)
            scenes.append(Scene(place, chunks, certificate, client, seen))
    made = take(scenes, args="-w watchlist.txt")
    made.beside = {"watchlist.txt": f"{stolen.digest()} a vendor's certificate that was stolen\n"}
    return made


@recipe(
    "lookalikes-resumed",
    "As lookalikes, and the sessions of TLS 1.3 are resumed from elsewhere, by PSK and without keys: one "
    "with the watched certificate, one with another, one without any.",
    "An identity as long as a ticket that was given tells what it may come from; the first is a candidate.",
)
def lookalikes_resumed(studio):
    certificate = studio.authority.server("p256.example.com")
    stolen = studio.authority.client("vendor-1", "rsa")
    other = studio.authority.client("somebody-else-who-has-a-long-name-and-a-longer-one", "rsa")
    scenes = []

    def scene(chunks, client, seen):
        number = len(scenes)
        who = Endpoint(f"192.0.2.{20 + number}", 50000 + number)
        scenes.append(Scene(studio.place(who, after=60 * number), chunks, certificate, client, seen))

    with studio.openssl(certificate, "-CAfile", studio.trust, "-verify", "2") as server:
        scene(studio.visit(server, *TLS12, client=stolen), stolen, ("clear", "clear"))
        for client in (stolen, other, None):
            ticket = f"{studio.folder}/session-{len(scenes)}"
            hidden = "inferred" if client else "none"
            first = studio.visit(server, *TLS13, "-sess_out", ticket, client=client)
            scene(first, client, ("encrypted", hidden))
            again = studio.visit(server, *TLS13, "-sess_in", ticket, client=client)
            scene(again, client, ("resumed", "resumed"))
    made = take(scenes, args="-w watchlist.txt")
    made.beside = {"watchlist.txt": f"{stolen.digest()} a vendor's certificate that was stolen\n"}
    return made
