# SPDX-License-Identifier: Apache-2.0
"""Who plays in scripts/measure-inference: finds and builds the stacks, and plays single visits."""

import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from captures.authority import KEYS as KEY_KINDS
from captures.authority import openssl
from captures.endpoints import Program, Relay, free_port

HERE = Path(__file__).resolve().parent
KEYS = {"p256": "p256", "rsa2048": "rsa", "rsa3072": "rsa3072", "p384": "p384", "ed25519": "ed25519"}
PATIENCE = 8.0
HEARD = rb"hello|olleh|GET /|/ TEG"  # what was said, forwards or backwards


@dataclass
class Identity:
    chain: Path
    key: Path
    pkcs12: Path
    length: int  # what the chain takes on the wire
    database: Path  # of NSS


def identity_of(certificate, certificates, folder, name):
    chain, pkcs12, database = (folder / f"{name}.{end}" for end in ("pem", "p12", "nss"))
    chain.write_text("".join(c.pem.read_text() for c in certificates))
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
    length = sum(len(c.der()) + 5 for c in certificates)
    return Identity(chain, certificate.key, pkcs12, length, database)


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


@dataclass
class Built:
    programs: dict = field(default_factory=dict)  # how each of the programs beside is started
    missing: list = field(default_factory=list)


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
        "Node": ("node", ["true"], ["node", HERE / "stack.js"]),
        "Python": ("/usr/bin/python3", ["true"], ["/usr/bin/python3", HERE / "stack.py"]),
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
    for name, tool in {"GnuTLS": "gnutls-cli", "curl": "curl", "NSS": "tstclnt"}.items():
        if not shutil.which(tool):
            built.missing.append(name)
    return built


class Own:
    """A program of this folder: one process for all visits."""

    def __init__(self, start):
        self.program = Program([*start, "client"])
        self.seen = 0

    def __call__(self, port, identity, alpn, wait):
        who = (identity.chain, identity.key, identity.pkcs12) if identity else ("-", "-", "-")
        self.program.say(("\t".join(map(str, [port, *who, alpn, wait])) + "\n").encode())
        pattern = rb"(?:[^\n]*\n){%d}([^\n]*)\n" % self.seen
        answer = self.program.await_text(pattern, 2 * PATIENCE)
        self.seen += 1
        answer = answer.group(1).decode() if answer else "failed: the program ended"
        return None if answer == "ok" else answer

    def stop(self):
        self.program.stop()


class Tool:
    """A tool of the stack's own: one process a visit."""

    def __init__(self, arguments):
        self.arguments = arguments

    def __call__(self, port, identity, alpn, wait):
        with Program(self.arguments(port, identity, alpn)) as program:
            time.sleep(wait * 4 / 1000)
            program.say(b"hello\n")
            try:
                return None if program.await_text(HEARD, PATIENCE) else "the tool ended"
            except RuntimeError:
                return "no answer"

    def stop(self):
        pass


def s_client(port, identity, alpn):
    who = ["-cert", identity.chain, "-key", identity.key] if identity else []
    if identity and identity.chain.read_text().count("BEGIN") > 1:
        who += ["-cert_chain", identity.chain]
    also = ["-alpn", alpn] if alpn != "-" else []
    return ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{port}", *who, *also]


def gnutls_cli(port, identity, alpn):
    who = ["--x509certfile", identity.chain, "--x509keyfile", identity.key] if identity else []
    also = [f"--alpn={alpn}"] if alpn != "-" else []
    return ["gnutls-cli", "--insecure", "-p", port, "127.0.0.1", *who, *also]


def curl(port, identity, _alpn):
    who = ["--cert", identity.chain, "--key", identity.key] if identity else []
    return ["curl", "-skN", "--http0.9", f"https://127.0.0.1:{port}/", *who]


def tstclnt(port, identity, _alpn):
    who = ["-d", f"sql:{identity.database}", "-n", "leaf"] if identity else ["-D"]
    return ["tstclnt", "-h", "127.0.0.1", "-p", port, "-o", "-V", "tls1.3:", *who]


def listening(server, pattern, port=None):
    found = server.await_text(pattern, 3 * PATIENCE)
    if not found:
        raise RuntimeError(f"{server.arguments}:\n{server.output.decode(errors='replace')}")
    server.port = port or int(found.group(1))
    return server


def s_server(site, trust, *options):
    asks = {"never": [], "asks": ["-verify", "3"], "demands": ["-Verify", "3"]}

    def serve(ask):
        start = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-tls1_3"]
        start += ["-cert", site.chain, "-key", site.key, "-cert_chain", site.chain, "-CAfile", trust]
        start += ["-alpn", "http/1.1", "-verify_quiet", *asks[ask], *options]
        return listening(Program(start), rb"ACCEPT 127\.0\.0\.1:(\d+)")

    return serve


def gnutls_serv(site, trust):
    asks = {"never": ["--disable-client-cert"], "asks": [], "demands": ["--require-client-cert"]}

    def serve(ask):
        port = free_port()
        start = ["gnutls-serv", "--echo", "-p", port, "--x509certfile", site.chain]
        start += ["--x509keyfile", site.key, "--x509cafile", trust, "--alpn=http/1.1"]
        start += ["--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", *asks[ask]]
        return listening(Program(start), rb"listening on IPv4.*done", port)

    return serve


def own_server(start, site, trust):
    def serve(ask):
        arguments = [*start, "server", site.chain, site.key, site.pkcs12, trust, ask]
        return listening(Program(arguments), rb"port (\d+)")

    return serve


def everybody(built, studio):
    """All clients and all servers, by name."""
    programs, folder = built.programs, Path(studio.folder)
    certificate = studio.authority.server("www.example.com")
    site = identity_of(certificate, certificate.chain(), folder, "site")
    trust = studio.trust
    tools = {"GnuTLS": gnutls_cli, "curl": curl, "NSS": tstclnt}
    clients = {"OpenSSL": Tool(s_client)}
    clients |= {n: Tool(tool) for n, tool in tools.items() if n not in built.missing}
    clients |= {name: Own(start) for name, start in programs.items()}
    servers = {"OpenSSL": s_server(site, trust)}
    for suite in ("AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256"):
        servers[f"OpenSSL {suite[:6]}"] = s_server(site, trust, "-ciphersuites", f"TLS_{suite}")
    if "GnuTLS" not in built.missing:
        servers["GnuTLS"] = gnutls_serv(site, trust)
    for name in ("Go", "Java", "Node"):
        if name in programs:
            servers[name] = own_server(programs[name], site, trust)
    return clients, servers


def dismiss(clients):
    for client in clients.values():
        client.stop()


def visit(server, client, identity, alpn, wait):
    """What was said, and None; or None, and what went wrong."""
    relay = Relay(server.port)
    trouble = client(relay.port, identity, alpn, wait)
    if trouble:
        return None, re.sub(r"\s+", " ", trouble)[:160]
    return relay.conversation(), None


assert set(KEYS.values()) <= set(KEY_KINDS)
