# SPDX-License-Identifier: Apache-2.0
"""Who plays in scripts/measure-inference: finds and builds the stacks, and plays single visits."""

import re
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from captures.authority import KEYS as KEY_KINDS
from captures.authority import openssl
from captures.endpoints import Program, Relay

HERE = Path(__file__).resolve().parent
KEYS = {"p256": "p256", "rsa2048": "rsa", "rsa3072": "rsa3072", "p384": "p384", "ed25519": "ed25519"}
PATIENCE = 8.0
HEARD = rb"hello|olleh|GET /|/ TEG"  # what was said, forwards or backwards


@dataclass
class Identity:
    chain: Path
    above: Path  # the chain without its leaf; None for a leaf alone
    key: Path
    pkcs12: Path
    length: int  # what the chain takes on the wire
    leaf: int  # and its leaf alone
    database: Path  # of NSS
    nickname: str = "leaf"  # which it knows the leaf by


@dataclass
class Job:
    """What a client is to do in a visit."""

    port: int
    identity: Identity
    alpn: str = "-"
    wait: int = 0  # milliseconds between the handshake and the first data
    resume: str = "-"  # "keep" what the session can be resumed by, and do so "again"
    folder: Path = None  # where it may keep it


def identity_of(certificate, certificates, folder, name):
    chain, pkcs12, database = (folder / f"{name}.{end}" for end in ("pem", "p12", "nss"))
    chain.write_text("".join(c.pem.read_text() for c in certificates))
    above = certificate.above_pem() if len(certificates) > 1 else None
    openssl(
        "pkcs12 -export -name leaf -passout pass:password",
        **{"in": chain, "inkey": certificate.key, "out": pkcs12},
    )
    if shutil.which("certutil"):
        database.mkdir()
        where = ["-d", f"sql:{database}"]
        subprocess.run(["certutil", "-N", "--empty-password", *where], check=True)
        subprocess.run(
            ["pk12util", "-i", pkcs12, *where, "-W", "password", "-K", ""], capture_output=True
        )
    lengths = [len(c.der()) + 5 for c in certificates]
    return Identity(chain, above, certificate.key, pkcs12, sum(lengths), lengths[0], database)


def identities(authority, folder):
    found = {}
    for name, kind in KEYS.items():
        leaf = authority.client(f"{name}.client.example.com", kind)
        found[f"{name} leaf"] = identity_of(leaf, (leaf,), folder, f"{name}-leaf")
        found[f"{name} chain"] = identity_of(leaf, leaf.chain(), folder, f"{name}-chain")
    names = ",".join(f"DNS:host-{i:04}.long.client.example.com" for i in range(450))
    leaf = authority.issue(
        "long", "/CN=long.client.example.com", "client", by=authority.issuing, san=names
    )
    found["long leaf"] = identity_of(leaf, (leaf,), folder, "long")
    return found


def site_of(authority, folder):
    """The servers' identity. Its issuer is not the clients': NSS would add that to a client's leaf once
    it saw it in a server's chain."""
    issuing = authority.issue(
        "site-issuing",
        "/O=Example Trust/CN=Example Server CA",
        "ca",
        by=authority.root,
        dates=("20220101000000Z", "20370101000000Z"),
    )
    certificate = authority.server("www.example.com", by=issuing)
    return identity_of(certificate, certificate.chain(), folder, "site")


def trust_of(authority, folder):
    """What servers name in their requests: the clients' issuer too, or Go and Java would not show a
    leaf without it."""
    trust = folder / "trust-clients.pem"
    trust.write_text(authority.root.pem.read_text() + authority.issuing.pem.read_text())
    return trust


@dataclass
class Built:
    programs: dict = field(default_factory=dict)  # how each of the programs beside is started
    missing: list = field(default_factory=list)


CARGO = """cp -r {here}/rustls {folder}/rustls && cd {folder}/rustls && cargo build --offline --target-dir ../cargo \
--config 'source.crates-io.replace-with="debian"' \
--config 'source.debian.directory="/usr/share/cargo/registry"'"""


DENO = (
    "exec deno run -A --no-check --unsafely-ignore-certificate-errors {here}/stack_deno.ts 2>/dev/null"
)


def build(folder):
    """Builds what can be built of the stacks in this folder."""
    built = Built()
    # name: (tool, how it is built, how it is started)
    recipes = {
        "Go": ("go", ["go", "build", "-o", folder / "go", HERE / "stack.go"], [folder / "go"]),
        "Java": (
            "javac",
            ["javac", "-d", folder, HERE / "Stack.java"],
            ["java", "-XX:TieredStopAtLevel=1", "-cp", folder, "Stack"],
        ),
        "Bun": ("bun", ["true"], ["bun", HERE / "stack.js"]),
        "Deno": ("deno", ["true"], ["sh", "-c", DENO.format(here=HERE)]),
        "Node": ("node", ["true"], ["node", HERE / "stack.js"]),
        "Python": ("/usr/bin/python3", ["true"], ["/usr/bin/python3", HERE / "stack.py"]),
        "rustls": (
            "cargo",
            ["sh", "-c", CARGO.format(here=HERE, folder=folder)],
            [folder / "cargo/debug/stack"],
        ),
        "wolfSSL": (
            "gcc",
            ["gcc", "-O1", "-o", folder / "wolfssl", HERE / "stack_wolfssl.c", "-lwolfssl"],
            [folder / "wolfssl"],
        ),
    }
    for name, (tool, make, start) in recipes.items():
        if shutil.which(tool) and subprocess.run(make, capture_output=True).returncode == 0:
            built.programs[name] = start
        else:
            built.missing.append(name)
    tools = {"GnuTLS": "gnutls-cli", "curl": "curl", "NSS": "tstclnt", "Chromium": "chromium"}
    built.missing += [name for name, tool in tools.items() if not shutil.which(tool)]
    return built


class Own:
    """A program of this folder: one process for all visits."""

    def __init__(self, start):
        self.program = Program([*start, "client"])
        self.seen = 0

    def __call__(self, job):
        i = job.identity
        who = (i.chain, i.key, i.pkcs12) if i else ("-", "-", "-")
        words = [job.port, *who, job.alpn, job.wait, job.resume]
        self.program.say(("\t".join(map(str, words)) + "\n").encode())
        pattern = rb"(?:[^\n]*\n){%d}([^\n]*)\n" % self.seen
        answer = self.program.await_text(pattern, 2 * PATIENCE)
        self.seen += 1
        answer = answer.group(1).decode() if answer else "failed: the program ended"
        return None if answer == "ok" else answer

    def stop(self):
        self.program.stop()


class Tool:
    """A tool of the stack's own: one process a visit."""

    def __init__(self, arguments, *options, heard=HEARD):
        self.arguments = arguments
        self.options = options
        self.heard = heard

    def __call__(self, job):
        with Program([*self.arguments(job), *self.options]) as program:
            time.sleep(job.wait * 4 / 1000)
            program.say(b"hello\n")
            try:
                heard = program.await_text(self.heard, PATIENCE)
                if job.resume != "-":
                    time.sleep(0.2)  # the ticket is kept
                return None if heard else "the tool ended"
            except RuntimeError:
                return "no answer"

    def stop(self):
        pass


class Line(Relay):
    """One of the connections of a Switchboard."""

    def __init__(self, server_port, client):
        self.server_port, self.rewrite, self.chunks = server_port, {}, []
        self.thread = threading.Thread(target=self._between, args=(client,), daemon=True)
        self.thread.start()


class Switchboard(Relay):
    """A relay for clients that come more than once in a visit. The conversation is the last of those in
    which the client said anything behind its hello, and the server answered."""

    def _run(self):
        self.lines = []
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.lines.append(Line(self.server_port, client))

    def conversation(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        told = [line.conversation() for line in self.lines]
        return [t for t in told if sum(1 for _, data in t if data) > 3][-1]


def visit(server, client, job, relay=Relay):
    """What was said, and None; or None, and what went wrong."""
    relay = relay(server.port)
    job.port = relay.port
    trouble = client(job)
    if trouble:
        return None, re.sub(r"\s+", " ", trouble)[:160]
    return relay.conversation(), None


def dismiss(clients):
    for client in clients.values():
        client.stop()


assert set(KEYS.values()) <= set(KEY_KINDS)
