# SPDX-License-Identifier: Apache-2.0
"""Real TLS endpoints on the loopback interface, and a relay between them that keeps what
they say."""

import os
import re
import select
import socket
import ssl
import subprocess
import threading
import time

from .wire import CLIENT, SERVER

PATIENCE = 10.0
CLOCK = "1772438400"  # 2026-03-02 08:00 UTC: when the endpoints believe to be


class Program:
    """A program whose output is read as it comes."""

    def __init__(self, arguments):
        environment = dict(os.environ, OPENSSL_CONF="/dev/null", LC_ALL="C")
        self.arguments = [str(a) for a in arguments]
        self.process = subprocess.Popen(
            self.arguments,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.output = b""
        self.grown = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while piece := os.read(self.process.stdout.fileno(), 65536):
            with self.grown:
                self.output += piece
                self.grown.notify_all()
        with self.grown:
            self.ended = True
            self.grown.notify_all()

    def await_text(self, pattern, patience=PATIENCE):
        """The match of `pattern` in the output, or None when the program ended without it."""
        until = time.monotonic() + patience
        with self.grown:
            while not (found := re.search(pattern, self.output)):
                if self.ended:
                    return None
                if not self.grown.wait(until - time.monotonic()) and time.monotonic() > until:
                    raise RuntimeError(
                        f"{self.arguments}: no {pattern!r} in\n"
                        f"{self.output.decode(errors='replace')}"
                    )
        return found

    def say(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def hang_up(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def identity(certificate, chain="-cert_chain"):
    """openssl's options for who one is."""
    if certificate is None:
        return []
    above = certificate.above_pem()
    return ["-cert", certificate.pem, "-key", certificate.key] + ([chain, above] if above else [])


def openssl_server(certificate, *options, echo=True):
    """`echo`: the server says each line backwards; otherwise what its standard input says."""
    server = Program(
        [
            "openssl",
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-attime",
            CLOCK,
            *(identity(certificate) or ["-nocert"]),
            *(["-rev"] if echo else []),
            *options,
        ]
    )
    found = server.await_text(rb"ACCEPT 127\.0\.0\.1:(\d+)")
    server.port = int(found.group(1))
    return server


NGINX = """
daemon off; master_process off; error_log stderr notice; pid {folder}/nginx.pid;
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_verify_client on; ssl_client_certificate {trust}; ssl_verify_depth 3;
    {tickets}
    return 200 "hello\\n";
  }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def nginx_server(folder, certificate, trust, ticket_keys):
    """A server that asks for a client certificate. Tickets are made with the first of the keys (files
    of 80 bytes); one made with another is taken, and renewed."""
    port = free_port()
    config = f"{folder}/nginx.conf"
    with open(config, "w", encoding="ascii") as file:
        file.write(
            NGINX.format(
                folder=folder,
                port=port,
                certificate=certificate.chain_pem(),
                key=certificate.key,
                trust=trust,
                tickets=" ".join(f"ssl_session_ticket_key {k};" for k in ticket_keys),
            )
        )
    server = Program(["nginx", "-c", config])
    server.port = port
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return server
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError(f"nginx does not listen\n{server.output.decode(errors='replace')}")


def gnutls_server(certificate, priority, *options):
    port = free_port()
    identity_options = (
        ["--x509certfile", certificate.chain_pem(), "--x509keyfile", certificate.key]
        if certificate
        else []
    )
    server = Program(
        ["gnutls-serv", "--echo", "-p", port, "--priority", priority, *identity_options, *options]
    )
    server.await_text(rb"listening on IPv4.*done")
    server.port = port
    return server


def openssl_client(port, name, certificate, *options):
    return Program(
        [
            "openssl",
            "s_client",
            "-connect",
            f"127.0.0.1:{port}",
            "-attime",
            CLOCK,
            *(["-servername", name] if name else ["-noservername"]),
            *identity(certificate),
            *options,
        ]
    )


def gnutls_client(port, name, certificate, priority, *options):
    identity_options = (
        ["--x509certfile", certificate.chain_pem(), "--x509keyfile", certificate.key]
        if certificate
        else []
    )
    return Program(
        [
            "gnutls-cli",
            "-p",
            port,
            "127.0.0.1",
            "--insecure",
            "--priority",
            priority,
            *(["--sni-hostname", name] if name else ["--disable-sni"]),
            *identity_options,
            *options,
        ]
    )


def gnutls_key_server(key, priority, *options):
    """A server with a raw public key, which demands such from its clients."""
    raw = ["--rawpkkeyfile", key.key, "--rawpkfile", key.public]
    return gnutls_server(None, priority, *raw, *options)


def gnutls_key_client(port, name, key, priority, *options):
    raw = ["--rawpkkeyfile", key.key, "--rawpkfile", key.public]
    return gnutls_client(port, name, None, priority, *raw, *options)


class Relay:
    """Hands bytes on between one client and a server, and records (side, bytes) in their order.
    `rewrite` may change what a side says: rewrite[side](bytes) gives what is handed on, and that is
    what is recorded."""

    def __init__(self, server_port, rewrite=None, at=("127.0.0.1", 0)):
        self.server_port = server_port
        self.rewrite = rewrite or {}
        self.chunks = []
        self.listener = socket.create_server(at)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        client, _ = self.listener.accept()
        self._between(client)
        self.listener.close()

    def _between(self, client):
        server = socket.create_connection(("127.0.0.1", self.server_port))
        ends = {client: (CLIENT, server), server: (SERVER, client)}
        for end in ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        open_ends = set(ends)
        while open_ends:
            for end in select.select(list(open_ends), [], [])[0]:
                side, other = ends[end]
                if not self._hand_on(side, end, other):
                    open_ends.discard(end)
        client.close()
        server.close()

    def _hand_on(self, side, end, other):
        try:
            data = end.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.chunks.append((side, b""))
            try:
                other.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return False
        data = self.rewrite[side](data) if side in self.rewrite else data
        if data:
            self.chunks.append((side, data))
            try:
                other.sendall(data)
            except OSError:
                pass
        return True

    def conversation(self):
        """What was said, once both sides hung up; what one side said in one go is one piece."""
        self.thread.join(PATIENCE)
        if self.thread.is_alive():
            raise RuntimeError("the endpoints do not hang up")
        joined = []
        for side, data in self.chunks:
            if joined and joined[-1][0] == side and data and joined[-1][1]:
                joined[-1] = (side, joined[-1][1] + data)
            else:
                joined.append((side, data))
        return joined


class LibraryClient:
    """A client in this process, which keeps what it may resume a session by; s_client does not keep a
    ticket that is renewed."""

    def __init__(self, name, certificate):
        self.name = name
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(certificate.chain_pem(), certificate.key)

    def visit(self, server, session=None):
        """What was said, and what the session may be resumed by."""
        relay = Relay(server.port)
        wire = socket.create_connection(("127.0.0.1", relay.port))
        with self.context.wrap_socket(wire, server_hostname=self.name, session=session) as tls:
            tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while tls.recv(4096):
                session = tls.session
        return relay.conversation(), session


def say_lines(client, server, lines=(b"ping one\n",)):
    """Says each line and waits for the answer."""
    for line in lines:
        time.sleep(0.05)  # what the server says of itself comes before the answer
        client.say(line)
        client.await_text(re.escape(line.strip()[::-1]) + b"|" + re.escape(line.strip()))


def talk(server, start_client, rewrite=None, play=say_lines, hasty=False):
    """One connection through a relay: handshake, `play(client, server)`, good-bye. `hasty`: the
    handshake is not expected to succeed."""
    relay = Relay(server.port, rewrite)
    with start_client(relay.port) as client:
        ready = client.await_text(rb"(New|Reused), [TS]\S+, Cipher is \w|Handshake was completed")
        if ready and not hasty:
            play(client, server)
            time.sleep(0.05)
        client.hang_up()
        try:
            client.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise RuntimeError(
                f"{client.arguments}: does not end\n{client.output.decode(errors='replace')}"
            ) from None
    if not ready and not hasty:
        raise RuntimeError(
            f"{client.arguments}: no handshake\n{client.output.decode(errors='replace')}\n"
            f"{server.arguments}\n{server.output.decode(errors='replace')}"
        )
    return relay.conversation()
