# SPDX-License-Identifier: Apache-2.0
"""Recipes of connections whose secrets the client wrote down."""

import os

from . import endpoints, wire
from .handshakes import play_post_handshake, play_renegotiation
from .recipe import TLS10, TLS11, TLS12, TLS13, Scene, Take, recipe, take

OPENED = ("decrypted", "none")
BOTH_OPENED = ("decrypted", "decrypted")


class KeyLog:
    """A key log that openssl's client writes."""

    def __init__(self, studio, name="keys.log"):
        self.path = f"{studio.folder}/{name}"
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.options = ("-keylogfile", self.path)

    def text(self, *labels):
        """All of it, or the lines with these labels."""
        with open(self.path) as file:
            lines = [line for line in file if not line.startswith("#")]
        if labels:
            lines = [line for line in lines if line.split(" ")[0] in labels]
        return "".join(lines)


def with_keys(scenes, text, connections=None):
    """A take with a key log beside it. Of a connection with two sessions the second scene is only
    what is true of it."""
    segments = [s for scene in scenes[:connections] for s in scene.segments()]
    made = take(scenes, segments, args="-K keys.log")
    made.beside["keys.log"] = text
    return made


def opened(studio, log, options=(), server_options=(), client_options=(), client=None, seen=OPENED):
    """A TLS 1.3 connection of which the client keeps the secrets."""
    certificate = studio.authority.server("p256.example.com")
    options = (*TLS13, *options)
    with studio.openssl(certificate, *options, *server_options) as server:
        chunks = studio.visit(server, *options, *client_options, *log.options, client=client)
    return Scene(studio.place(), chunks, certificate, client, seen)


def opened_mutual(studio, log, options=(), seen=BOTH_OPENED, **more):
    client = studio.authority.client("p256-user")
    return opened(studio, log, options, studio.asking(True), client=client, seen=seen, **more)


@recipe(
    "keys-tls13-mutual",
    "TLS 1.3 with a client certificate, and the key log of the client.",
    "Both chains are read with the handshake secrets.",
)
def keys_mutual(studio):
    log = KeyLog(studio)
    return with_keys([opened_mutual(studio, log)], log.text())


@recipe(
    "keys-tls13-suites",
    "TLS 1.3 connections with AES-128-GCM, ChaCha20-Poly1305, AES-128-CCM and AES-128-CCM-8.",
    "One key log for all of them; no client certificate was asked for.",
)
def keys_suites(studio):
    log = KeyLog(studio)
    names = ("AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256", "AES_128_CCM_SHA256",
             "AES_128_CCM_8_SHA256")  # fmt: skip
    scenes = [opened(studio, log, ("-ciphersuites", f"TLS_{name}")) for name in names]
    return with_keys(scenes, log.text())


@recipe(
    "keys-tls13-handshake-only",
    "TLS 1.3 with a client certificate; the key log holds the handshake secrets only.",
    "They suffice.",
)
def keys_handshake_only(studio):
    log = KeyLog(studio)
    scene = opened_mutual(studio, log)
    labels = ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET")
    return with_keys([scene], log.text(*labels))


@recipe(
    "keys-tls13-half",
    "TLS 1.3 with a client certificate; the key log holds the client's secrets only.",
    "The client's chain is read, the server's is not.",
)
def keys_half(studio):
    log = KeyLog(studio)
    scene = opened_mutual(studio, log, seen=("encrypted", "decrypted"))
    return with_keys([scene], log.text("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"))


@recipe(
    "keys-tls13-wrong",
    "TLS 1.3 with a client certificate, and a key log whose secrets are others.",
    "The randoms are right, the secrets are not: nothing opens, and nothing is made up.",
)
def keys_wrong(studio):
    log = KeyLog(studio)
    scene = opened_mutual(studio, log, seen=("encrypted", "encrypted"))
    lines = [line.split() for line in log.text().splitlines()]
    wrong = "".join(f"{label} {random} {secret[::-1]}\n" for label, random, secret in lines)
    return with_keys([scene], wrong)


@recipe(
    "keys-tls13-retry",
    "TLS 1.3 with a HelloRetryRequest, and the key log.",
    "Both hellos have the same random, so the secrets are found.",
)
def keys_retry(studio):
    log = KeyLog(studio)
    scene = opened(
        studio, log, (), ("-groups", "P-384"), ("-groups", "X25519:P-384"),
    )  # fmt: skip
    return with_keys([scene], log.text())


@recipe(
    "keys-tls13-resumed",
    "TLS 1.3 with a client certificate, then a connection that resumes it; the key log of both.",
    "The second has no certificates, and with keys it is known that it has none.",
)
def keys_resumed(studio):
    log = KeyLog(studio)
    certificate = studio.authority.server("p256.example.com")
    client = studio.authority.client("p256-user")
    ticket = f"{studio.folder}/session"
    options = (*TLS13, *log.options)
    asking = (*studio.asking(True), "-id_prefix", "mutual")
    with studio.openssl(certificate, *TLS13, *asking) as server:
        first = studio.visit(server, *options, "-sess_out", ticket, client=client)
        second = studio.visit(server, *options, "-sess_in", ticket, client=client)
    scenes = [
        Scene(studio.place(), first, certificate, client, BOTH_OPENED),
        Scene(studio.place(after=5), second, certificate, client, (None, None)),
    ]
    return with_keys(scenes, log.text())


@recipe(
    "keys-tls13-early-data",
    "TLS 1.3: a connection, then one that resumes it with early data; the key log of both.",
    "Early data is sealed with other keys and passed over.",
)
def keys_early_data(studio):
    log = KeyLog(studio)
    certificate = studio.authority.server("p256.example.com")
    ticket, early = f"{studio.folder}/session", f"{studio.folder}/early"
    with open(early, "w") as file:
        file.write("early\n")
    options = (*TLS13, *log.options)
    with studio.openssl(certificate, *TLS13, "-early_data", echo=False) as server:
        play = lambda client, _: endpoints.time.sleep(0.2)
        first = studio.visit(server, *options, "-sess_out", ticket, play=play)
        second = studio.visit(
            server, *options, "-sess_in", ticket, "-early_data", early, play=play, hasty=True
        )
    scenes = [
        Scene(studio.place(), first, certificate, None, OPENED),
        Scene(studio.place(after=5), second, certificate, None, (None, None)),
    ]
    return with_keys(scenes, log.text())


@recipe(
    "keys-tls13-rejected",
    "TLS 1.3: the client certificate is of an issuer the server does not know; the key log.",
    "The alert comes behind the encryption too, and is read with the traffic secret.",
)
def keys_rejected(studio):
    log = KeyLog(studio)
    certificate = studio.authority.server("p256.example.com")
    stranger = studio.authority.issue("stranger-ca", "/O=Stranger/CN=Stranger CA", "ca")
    client = studio.authority.client("p256-stranger", by=stranger)
    with studio.openssl(certificate, *TLS13, *studio.asking(True)) as server:
        chunks = studio.visit(server, *TLS13, *log.options, client=client, hasty=True)
    scene = Scene(studio.place(), chunks, certificate, client, BOTH_OPENED)
    return with_keys([scene], log.text())


@recipe(
    "keys-tls13-gap",
    "TLS 1.3 with a client certificate and the key log; a segment of the server's flight is lost.",
    "The server's chain is missed; the client's is read, for each side has its own numbers.",
)
def keys_gap(studio):
    log = KeyLog(studio)
    scene = opened_mutual(studio, log, seen=("missed", "decrypted"))
    segments = scene.segments()
    hello = next(s for s in segments if s.side == wire.SERVER and s.payload)
    half = hello.payload[: len(hello.payload) // 2]
    kept = [wire.replace(s, payload=half) if s is hello else s for s in segments]
    made = take([scene], kept, args="-K keys.log")
    made.beside["keys.log"] = log.text()
    return made


@recipe(
    "keys-pcapng",
    "TLS 1.3 with a client certificate; the secrets are in the capture file.",
    "A Decryption Secrets Block, as Wireshark's editcap puts it there.",
)
def keys_pcapng(studio, last=False):
    log = KeyLog(studio)
    scene = opened_mutual(studio, log)
    frames = wire.frames_of(scene.segments(), wire.ethernet)
    interfaces = [(wire.LINK_ETHERNET, "eth0", 9)]
    secrets = log.text().encode()
    if last:
        content = wire.pcapng_bytes(frames, interfaces) + wire.pcapng_secrets(secrets)
    else:
        content = wire.pcapng_bytes(frames, interfaces, secrets)
    return Take(content, [scene], "capture.pcapng")


@recipe(
    "keys-pcapng-last",
    "TLS 1.3 with a client certificate; the secrets are in the capture file, behind its frames.",
    "As who appends a Decryption Secrets Block to a capture leaves it.",
)
def keys_pcapng_last(studio):
    return keys_pcapng(studio, last=True)


@recipe(
    "keys-tls13-post-handshake",
    "TLS 1.3: the client certificate is asked for after the handshake; the key log.",
    "It is told as a session of its own, behind the handshake's, with the same uid.",
)
def keys_post_handshake(studio):
    log = KeyLog(studio)
    certificate = studio.authority.server("p256.example.com")
    client = studio.authority.client("p256-user")
    with studio.openssl(certificate, *TLS13, "-CAfile", studio.trust, echo=False) as server:
        chunks = studio.visit(
            server, *TLS13, "-enable_pha", *log.options, client=client, play=play_post_handshake
        )
    connection = studio.place()
    scenes = [
        Scene(connection, chunks, certificate, None, OPENED),
        Scene(connection, [], certificate, client, BOTH_OPENED),
    ]
    return with_keys(scenes, log.text(), connections=1)


def play_key_update(client, server):
    """Lines, with new keys asked for in between, then a request for the client's certificate."""
    client.say(b"ping one\n")
    server.await_text(b"ping one")
    server.say(b"K\n")
    endpoints.time.sleep(0.2)
    client.say(b"ping two\n")
    server.await_text(b"ping two")
    play_post_handshake(client, server)


@recipe(
    "keys-tls13-key-update",
    "TLS 1.3: both sides change their keys, then the client certificate is asked for; the key log.",
    "The traffic secrets of the key log are followed through the updates.",
)
def keys_key_update(studio):
    log = KeyLog(studio)
    certificate = studio.authority.server("p256.example.com")
    client = studio.authority.client("p256-user")
    with studio.openssl(certificate, *TLS13, "-CAfile", studio.trust, echo=False) as server:
        chunks = studio.visit(
            server, *TLS13, "-enable_pha", *log.options, client=client, play=play_key_update
        )
    connection = studio.place()
    scenes = [
        Scene(connection, chunks, certificate, None, OPENED),
        Scene(connection, [], certificate, client, BOTH_OPENED),
    ]
    return with_keys(scenes, log.text(), connections=1)


def renegotiated(studio, log, options):
    """A connection in which the client certificate is asked for by a renegotiation: two scenes."""
    certificate = studio.authority.server("p256.example.com")
    client = studio.authority.client("p256-user")
    whole = ("-CAfile", studio.trust, "-no_resumption_on_reneg")
    with studio.openssl(certificate, *options, *whole, echo=False) as server:
        chunks = studio.visit(
            server, *options, *log.options, client=client, play=play_renegotiation
        )
    connection = studio.place()
    return [
        Scene(connection, chunks, certificate, None, ("clear", "none")),
        Scene(connection, [], certificate, client, BOTH_OPENED),
    ]


@recipe(
    "keys-renegotiation",
    "TLS 1.2: the client certificate is asked for by a renegotiation; the key log of the client.",
    "What IIS does. The second handshake is a session of its own with the same uid.",
)
def keys_renegotiation(studio):
    log = KeyLog(studio)
    return with_keys(renegotiated(studio, log, TLS12), log.text(), connections=1)


def all_renegotiated(studio, choices):
    log = KeyLog(studio)
    scenes = [scene for options in choices for scene in renegotiated(studio, log, options)]
    made = take(scenes, [s for scene in scenes[::2] for s in scene.segments()], args="-K keys.log")
    made.beside["keys.log"] = log.text()
    return made


@recipe(
    "keys-renegotiation-aead",
    "TLS 1.2: renegotiations under ChaCha20-Poly1305 and AES-256-CCM-8, and the key log.",
    "With GCM these are the ways to seal that prove themselves.",
)
def keys_renegotiation_aead(studio):
    names = ("ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-CCM8")
    return all_renegotiated(studio, [TLS12 + ("-cipher", name) for name in names])


@recipe(
    "keys-renegotiation-cbc",
    "Renegotiations under blocks in a chain: TLS 1.2, 1.1 and 1.0, and the key log.",
    "The MAC is over the ciphertext; in TLS 1.0 each record goes on from the one before.",
)
def keys_renegotiation_cbc(studio):
    weak = lambda name: ("-cipher", f"{name}:@SECLEVEL=0")
    choices = (
        TLS12 + ("-cipher", "ECDHE-ECDSA-AES256-SHA384"),
        TLS11[:1] + weak("ECDHE-ECDSA-AES128-SHA"),
        TLS10[:1] + weak("ECDHE-ECDSA-AES256-SHA"),
    )
    return all_renegotiated(studio, choices)
