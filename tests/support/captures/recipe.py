# SPDX-License-Identifier: Apache-2.0
"""What a golden capture is made of. A recipe is a function that is given a studio and returns a
take; the table of recipes grows by the decorator."""

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import endpoints, wire
from .authority import Authority, Certificate
from .wire import Connection, Endpoint

START_NS = 1_772_438_400 * 1_000_000_000  # 2026-03-02 08:00 UTC
SECOND = 1_000_000_000

LEGACY = ("-cipher", "DEFAULT:@SECLEVEL=0")
TLS10 = ("-tls1", *LEGACY)
TLS11 = ("-tls1_1", *LEGACY)
TLS12 = ("-tls1_2",)
TLS13 = ("-tls1_3",)

RECIPES = {}


def recipe(name, about, note):
    """Registers a recipe; `about` and `note` are the two lines of the folder's README."""

    def register(make):
        RECIPES[name] = (make, about, note)
        return make

    return register


@dataclass
class Scene:
    """One connection: what was said, and what an observer can truthfully say of it. `seen` is the
    visibility of the server's and of the client's chain; None leaves it open. `origin` is the scene
    that this one resumes, as far as an observer can know."""

    connection: Connection
    chunks: list
    server: Certificate | None = None
    client: Certificate | None = None
    seen: tuple = ("clear", "none")
    origin: "Scene | None" = None

    def segments(self):
        return self.connection.segments(self.chunks)


@dataclass
class Take:
    """A capture file, what is true of it, and the files beside it."""

    content: bytes
    scenes: list
    file: str = "capture.pcap"
    args: str = ""
    status: int = 0  # what certtap exits with
    beside: dict = field(default_factory=dict)


def take(
    scenes, segments=None, link=wire.ethernet, link_type=wire.LINK_ETHERNET, args="", **file_options
):
    """The usual take: the scenes one after the other in a pcap file."""
    segments = (
        segments if segments is not None else [s for scene in scenes for s in scene.segments()]
    )
    return Take(
        wire.pcap_bytes(wire.frames_of(segments, link), link_type, **file_options),
        scenes,
        args=args,
    )


class Studio:
    """Where scenes are played: an authority and endpoints on loopback."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = Authority(folder)
        self.trust = self.authority.root.pem
        self.count = 0

    @contextmanager
    def openssl(self, certificate, *options, echo=True):
        with endpoints.openssl_server(certificate, *options, echo=echo) as server:
            yield server

    @contextmanager
    def gnutls(self, certificate, priority, *options):
        with endpoints.gnutls_server(certificate, priority, *options) as server:
            yield server

    def visit(self, server, *options, name="www.example.com", client=None, **how):
        """An openssl client's connection to a running server."""
        start = lambda port: endpoints.openssl_client(port, name, client, *options)
        return endpoints.talk(server, start, **how)

    def gnutls_visit(self, server, priority, *options, name="www.example.com", client=None, **how):
        start = lambda port: endpoints.gnutls_client(port, name, client, priority, *options)
        return endpoints.talk(server, start, **how)

    def asking(self, required=False):
        """A server's options for asking for a client certificate and checking it."""
        return (
            "-Verify" if required else "-verify",
            "3",
            "-verify_return_error",
            "-CAfile",
            self.trust,
            "-verify_quiet",
        )

    def place(self, client=None, server=None, after=0, **how):
        """Where a scene plays: each call moves on to the next client port."""
        self.count += 1
        client = client or Endpoint("192.0.2.10", 49152 + self.count)
        server = server or Endpoint("198.51.100.20", 443)
        return Connection(client, server, START_NS + int(after * SECOND), **how)


def truth_lines(scenes):
    """The lines of truth.tsv: addresses, what each side really sent, what of it can be seen, and the
    number of the connection it resumes (1 is the first line's)."""
    lines = [
        "#orig_h\torig_p\tresp_h\tresp_p\tserver_chain\tclient_chain"
        "\tcert_visibility\tclient_cert_visibility\tresumes"
    ]
    for scene in scenes:
        connection = scene.connection
        chains = [
            ",".join(c.digest() for c in who.chain()) if who else "-"
            for who in (scene.server, scene.client)
        ]
        seen = [word or "?" for word in scene.seen]
        places = [n + 1 for n, other in enumerate(scenes) if other is scene.origin]
        cells = [*connection.client, *connection.server, *chains, *seen, *(places or "-")]
        lines.append("\t".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def new_studio():
    """A studio in a folder of its own, which the caller closes."""
    folder = tempfile.TemporaryDirectory(prefix="captures-")
    return folder, Studio(folder.name)


__all__ = [
    "LEGACY",
    "RECIPES",
    "SECOND",
    "START_NS",
    "Scene",
    "Studio",
    "TLS10",
    "TLS11",
    "TLS12",
    "TLS13",
    "Take",
    "new_studio",
    "recipe",
    "take",
    "truth_lines",
]
