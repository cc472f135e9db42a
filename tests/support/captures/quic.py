# SPDX-License-Identifier: Apache-2.0
"""Recipes about QUIC: quic-go's server, asked by quic-go and by Chromium."""

import base64
import hashlib
import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from . import endpoints
from .daemons import program
from .datagrams import DatagramRelay, frames_of, shuffled
from .recipe import Scene, Take, recipe
from .wire import Endpoint, pcap_bytes

NAME = "quic.example.com"
HIDDEN = ("encrypted", "encrypted")


def built(studio):
    """The program in quic/, built where Debian's quic-go is installed."""
    path = Path(studio.folder) / "quic"
    if not path.exists():
        environment = dict(
            os.environ,
            GO111MODULE="off",
            GOPATH="/usr/share/gocode",
            GOCACHE=f"{tempfile.gettempdir()}/captures-go-cache",
            CGO_ENABLED="0",
        )
        subprocess.run(
            [program("go"), "build", "-o", path, "."],
            cwd=Path(__file__).parent / "quic",
            env=environment,
            check=True,
        )
    return path


def served(studio, certificate, *options):
    port = endpoints.free_port()
    words = ["serve", f"127.0.0.1:{port}", certificate.chain_pem(), certificate.key]
    server = endpoints.Program([built(studio), *options, *words])
    server.await_text(rb"listening")
    server.port = port
    return server


def end(program_, answer):
    if not program_.await_text(answer):
        raise RuntimeError(program_.output.decode(errors="replace"))
    program_.process.wait(endpoints.PATIENCE)


def ask(studio, server, *options, client=None):
    """One connection of quic-go's client."""
    relay = DatagramRelay(server.port)
    shown = ["-shown", client.chain_pem(), "-shown-key", client.key] if client else []
    words = ["ask", f"127.0.0.1:{relay.port}", NAME]
    with endpoints.Program([built(studio), *options, *shown, *words]) as asking:
        end(asking, rb"pong")
    return relay.conversation()


def browse(studio, server, certificate, keylog):
    """The same of Chromium, which believes the certificate because of its key."""
    relay = DatagramRelay(server.port)
    key = subprocess.run(
        ["openssl", "pkey", "-in", certificate.key, "-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
    ).stdout
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    arguments = [
        *(program("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--user-data-dir={studio.folder}/chromium",
        f"--ssl-key-log-file={keylog}",
        f"--origin-to-force-quic-on={NAME}:{relay.port}",
        f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
        f"--ignore-certificate-errors-spki-list={pin}",
        *("--dump-dom", f"https://{NAME}:{relay.port}/"),
    ]
    with endpoints.Program(arguments) as browser:
        end(browser, rb"pong")
    return relay.conversation()


def place(studio):
    return studio.place(server=Endpoint("198.51.100.20", 443))


def take_quic(scenes, keys=None):
    frames = [frame for scene in scenes for frame in frames_of(scene)]
    made = Take(pcap_bytes(frames), scenes)
    if keys is not None:
        made.args = "-K keys.log"
        made.beside["keys.log"] = keys
    return made


def secrets(path):
    lines = [line for line in Path(path).read_text().splitlines() if not line.startswith("#")]
    return "\n".join(lines) + "\n"


@recipe(
    "quic-versions",
    "QUIC of version 1, version 2 and draft 29, asked by quic-go.",
    "The last client offers version 2 to a server that speaks version 1 alone, which says so.",
)
def quic_versions(studio):
    certificate = studio.authority.server(NAME)
    scenes = []
    for offered, spoken in (("1", "1"), ("2", "2"), ("draft-29", "draft-29"), ("2,1", "1")):
        with served(studio, certificate, "-versions", spoken) as server:
            chunks = ask(studio, server, "-versions", offered)
        scenes.append(Scene(place(studio), chunks, None, None, HIDDEN))
    return take_quic(scenes)


@recipe(
    "quic-retry",
    "A QUIC server that has its client prove the address first (Retry): connection ids change twice.",
    "With the client's key log; both sides show a certificate, the server's is too long for one packet.",
)
def quic_retry(studio):
    certificate = studio.authority.server(NAME, "rsa3072")
    client = studio.authority.client("quic-user")
    log = f"{studio.folder}/quic-retry.log"
    with served(studio, certificate, "-retry", "-trust", studio.trust) as server:
        chunks = ask(studio, server, "-keylog", log, client=client)
    seen = ("decrypted", "decrypted")
    return take_quic([Scene(place(studio), chunks, certificate, client, seen)], secrets(log))


@recipe(
    "quic-disorder",
    "QUIC with client certificate and keys, of which each flight comes from behind and twice.",
    "In order, then out of order: the same is told.",
)
def quic_disorder(studio):
    certificate = studio.authority.server(NAME, "rsa")
    client = studio.authority.client("quic-user")
    log = f"{studio.folder}/quic-disorder.log"
    with served(studio, certificate, "-trust", studio.trust) as server:
        chunks = ask(studio, server, "-keylog", log, client=client)
    seen = ("decrypted", "decrypted")
    scene = Scene(place(studio), chunks, certificate, client, seen)
    again = replace(scene, connection=place(studio), chunks=shuffled(chunks))
    return take_quic([scene, again], secrets(log))


@recipe(
    "quic-chromium",
    "Chromium asks quic-go's server: a post-quantum hello of several packets, twice.",
    "The key log has the secrets of the first connection alone.",
)
def quic_chromium(studio):
    certificate = studio.authority.server(NAME)
    scenes, logs = [], []
    for i, seen in enumerate((("decrypted", "none"), HIDDEN)):
        log = f"{studio.folder}/quic-chromium-{i}.log"
        with served(studio, certificate) as server:
            chunks = browse(studio, server, certificate, log)
        shown = certificate if i == 0 else None
        scenes.append(Scene(place(studio), chunks, shown, None, seen))
        logs.append(secrets(log))
    return take_quic(scenes, logs[0])
