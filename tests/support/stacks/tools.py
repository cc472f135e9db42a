# SPDX-License-Identifier: Apache-2.0
"""How the stacks' own tools are called, as clients and as servers."""

import os
import shutil
import subprocess
from pathlib import Path

from captures.endpoints import Program, free_port

from .players import PATIENCE, Own, Tool, site_of, trust_of


def s_client(job):
    who = ["-cert", job.identity.chain, "-key", job.identity.key] if job.identity else []
    if job.identity and job.identity.above:
        who += ["-cert_chain", job.identity.above]
    also = ["-alpn", job.alpn] if job.alpn != "-" else []
    if job.resume != "-":
        which = {"keep": "-sess_out", "again": "-sess_in"}[job.resume]
        also += [which, job.folder / "session.pem"]
    return ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{job.port}", *who, *also]


def gnutls_cli(job):
    i = job.identity
    who = ["--x509certfile", i.chain, "--x509keyfile", i.key] if i else []
    also = [f"--alpn={job.alpn}"] if job.alpn != "-" else []
    return ["gnutls-cli", "--insecure", "-p", job.port, "127.0.0.1", *who, *also]


def curl(job):
    who = ["--cert", job.identity.chain, "--key", job.identity.key] if job.identity else []
    return ["curl", "-skN", "--http0.9", f"https://127.0.0.1:{job.port}/", *who]


def tstclnt(job):
    who = ["-d", f"sql:{job.identity.database}", "-n", job.identity.nickname] if job.identity else ["-D"]
    return ["tstclnt", "-h", "127.0.0.1", "-p", job.port, "-o", "-O", "-V", "tls1.3:", *who]


# It shows a certificate without asking anybody where a policy of the machine says so: a name space of its
# own has one, and the machine's stays as it is.
CHROMIUM = r"""
set -e
mkdir -p {home}/etc/policies/managed {home}/home/.pki
echo '{{"AutoSelectCertificateForUrls":["{{\"pattern\":\"*\",\"filter\":{{}}}}"]}}' \
    > {home}/etc/policies/managed/certificate.json
[ "{database}" = - ] || cp -r {database} {home}/home/.pki/nssdb
mount --bind {home}/etc /etc/chromium
HOME={home}/home exec timeout 20 chromium --headless=new --no-sandbox --disable-gpu --no-first-run \
    --ignore-certificate-errors --disable-background-networking --disable-component-update \
    --disable-sync --user-data-dir={home}/profile --dump-dom https://localhost:{port}/
"""
# What it says of an answer that it could decrypt: an echo is not HTTP.
CHROMIUM_HEARD = rb"ERR_INVALID_HTTP_RESPONSE"


def chromium(job):
    home = job.folder / "chromium"
    shutil.rmtree(home, ignore_errors=True)
    database = job.identity.database if job.identity else "-"
    script = CHROMIUM.format(home=home, database=database, port=job.port)
    return ["unshare", "-m", "sh", "-c", script]


def listening(server, pattern, port=None):
    found = server.await_text(pattern, 3 * PATIENCE)
    if not found:
        raise RuntimeError(f"{server.arguments}:\n{server.output.decode(errors='replace')}")
    server.port = port or int(found.group(1))
    return server


def s_server(site, trust, *options, says=("-rev",)):
    asks = {"never": [], "asks": ["-verify", "3"], "demands": ["-Verify", "3"]}

    def serve(ask):
        start = ["openssl", "s_server", "-accept", "127.0.0.1:0", *says, "-tls1_3"]
        start += ["-cert", site.chain, "-key", site.key, "-cert_chain", site.above, "-CAfile", trust]
        start += ["-alpn", "http/1.1", "-verify_quiet", *asks[ask], *options]
        return listening(Program(start), rb"ACCEPT 127\.0\.0\.1:(\d+)")

    return serve


def gnutls_serv(site, trust, *options):
    asks = {"never": ["--disable-client-cert"], "asks": [], "demands": ["--require-client-cert"]}

    def serve(ask):
        port = free_port()
        start = ["gnutls-serv", "--echo", "-p", port, "--x509certfile", site.chain]
        start += ["--x509keyfile", site.key, "--x509cafile", trust, "--alpn=http/1.1"]
        start += ["--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", *asks[ask], *options]
        return listening(Program(start), rb"listening on IPv4.*done", port)

    return serve


def own_server(start, site, trust):
    def serve(ask):
        arguments = [*start, "server", site.chain, site.key, site.pkcs12, trust, ask]
        return listening(Program(arguments), rb"port (\d+)")

    return serve


def chromium_can_play():
    """It needs a name space of its own, where the machine's policies can be hidden."""
    return os.path.isdir("/etc/chromium") and not subprocess.run(
        ["unshare", "-m", "true"], capture_output=True, check=False
    ).returncode


def everybody(built, studio):
    """All clients, all servers, by name, and what the servers show."""
    programs, folder = built.programs, Path(studio.folder)
    site, trust = site_of(studio.authority, folder), trust_of(studio.authority, folder)
    tools = {"GnuTLS": gnutls_cli, "curl": curl, "NSS": tstclnt}
    clients = {"OpenSSL": Tool(s_client)}
    clients |= {n: Tool(tool) for n, tool in tools.items() if n not in built.missing}
    if "Chromium" not in built.missing and chromium_can_play():
        clients["Chromium"] = Tool(chromium, heard=CHROMIUM_HEARD)
    clients |= {name: Own(start) for name, start in programs.items()}
    servers = {"OpenSSL": s_server(site, trust)}
    for suite in ("AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256"):
        servers[f"OpenSSL {suite[:6]}"] = s_server(site, trust, "-ciphersuites", f"TLS_{suite}")
    if "GnuTLS" not in built.missing:
        servers["GnuTLS"] = gnutls_serv(site, trust)
    for name in ("Go", "Java", "Node", "rustls", "Bun"):
        if name in programs:
            servers[name] = own_server(programs[name], site, trust)
    return clients, servers, site, trust
