# SPDX-License-Identifier: Apache-2.0
"""Recipes about OCSP (RFC 6960): responses that are stapled to a handshake, and
requests and responses in clear HTTP."""

import base64
import socket
import subprocess
import urllib.parse
import urllib.request

from . import endpoints
from .authority import CONFIG, openssl, serial_of
from .keys import KeyLog
from .recipe import TLS12, TLS13, Scene, recipe, take
from .wire import Endpoint

REVOKED = "R\t350101000000Z\t260301120000Z,keyCompromise"
GOOD = "V\t350101000000Z\t"


class Responder:
    """An index of certificates of the issuing authority, and its answers."""

    def __init__(self, studio):
        self.authority = studio.authority
        self.index = studio.authority.folder / "ocsp.index"
        self.index.write_text("")
        self.signer = studio.authority.issuing

    def enter(self, certificate, status):
        serial = serial_of(certificate.key.stem)
        with open(self.index, "a") as file:
            file.write(f"{status}\t{serial}\tunknown\t/CN={certificate.key.stem}\n")

    def request(self, certificate):
        path = certificate.pem.with_suffix(".ocsp-request")
        openssl("ocsp -no_nonce", issuer=self.signer.pem, cert=certificate.pem, reqout=path)
        return path

    def response(self, certificate):
        path = certificate.pem.with_suffix(".ocsp")
        openssl(
            "ocsp -nmin 100000 -noverify",
            index=self.index,
            CA=self.signer.pem,
            rsigner=self.signer.pem,
            rkey=self.signer.key,
            reqin=self.request(certificate),
            respout=path,
        )
        return path


    def running(self):
        """The responder as a server."""
        signer = self.signer
        server = endpoints.Program(
            ["openssl", "ocsp", "-port", "0", "-nmin", "100000", "-index", self.index]
            + ["-CA", signer.pem, "-rsigner", signer.pem, "-rkey", signer.key]
        )
        server.port = int(server.await_text(rb"ACCEPT \S+:(\d+)").group(1))
        return server

    def ask(self, server, certificate):
        """By POST, as openssl asks."""
        relay = endpoints.Relay(server.port)
        openssl(
            "ocsp -no_nonce -noverify",
            issuer=self.signer.pem,
            cert=certificate.pem,
            url=f"http://127.0.0.1:{relay.port}/",
        )
        return relay.conversation()

    def get(self, server, certificate):
        """By GET (RFC 6960 appendix A.1)."""
        relay = endpoints.Relay(server.port)
        der = self.request(certificate).read_bytes()
        path = urllib.parse.quote(base64.b64encode(der), safe="")
        with socket.create_connection(("127.0.0.1", relay.port)) as client:
            client.sendall(f"GET /{path} HTTP/1.0\r\nHost: ocsp.example.com\r\n\r\n".encode())
            while client.recv(65536):
                pass
        return relay.conversation()


def issuer_of(certificate):
    """The issuer's name as lists have it."""
    done = subprocess.run(
        ["openssl", "x509", "-in", certificate.pem, "-noout", "-issuer", "-nameopt", "RFC2253"],
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.strip().removeprefix("issuer=")


def stapled(studio, certificate, response, options, client_options=(), seen=("clear", "none")):
    staple = ("-status_file", response) if response else ()
    with studio.openssl(certificate, *options, *staple) as server:
        chunks = studio.visit(server, *options, "-status", *client_options)
    return Scene(studio.place(), chunks, certificate, None, seen)


@recipe(
    "ocsp-stapled",
    "Stapled OCSP responses: good in TLS 1.2, revoked in TLS 1.2, revoked in TLS 1.3 with its key log.",
    "The last connection shows the revoked certificate of the second again, with nothing stapled.",
)
def ocsp_stapled(studio):
    log = KeyLog(studio)
    responder = Responder(studio)
    good, bad, hidden = (
        studio.authority.server(f"{name}.example.com") for name in ("good", "bad", "hidden")
    )
    for certificate, status in ((good, GOOD), (bad, REVOKED), (hidden, REVOKED)):
        responder.enter(certificate, status)
    scenes = [
        stapled(studio, good, responder.response(good), TLS12),
        stapled(studio, bad, responder.response(bad), TLS12),
        stapled(
            studio,
            hidden,
            responder.response(hidden),
            TLS13,
            log.options,
            ("decrypted", "none"),
        ),
        stapled(studio, bad, None, TLS12),
    ]
    made = take(scenes, args="-K keys.log")
    made.beside["keys.log"] = log.text()
    return made


@recipe(
    "ocsp-http",
    "OpenSSL's OCSP responder is asked by POST and by GET, in clear HTTP on port 8080.",
    "One of the certificates is revoked; it is shown before it is asked about, and after. "
    "One list has the other one, another the issuer of both as text and the serial number of the revoked one.",
)
def ocsp_http(studio):
    responder = Responder(studio)
    good, bad = (studio.authority.server(f"{name}.example.com") for name in ("good", "bad"))
    responder.enter(good, GOOD)
    responder.enter(bad, REVOKED)
    asked = Endpoint("198.51.100.53", 8080)
    before = stapled(studio, bad, None, TLS12)
    with responder.running() as server:
        spoken = [
            responder.ask(server, good),
            responder.get(server, good),
            responder.get(server, bad),
        ]
    clear = [Scene(studio.place(server=asked), chunks) for chunks in spoken]
    after = stapled(studio, bad, None, TLS12)
    scenes = [before, *clear, after]
    made = take(
        [before, after],
        [s for scene in scenes for s in scene.segments()],
        args="-w watched.pem -w own.yaml -o zeek -o eve",
    )
    made.beside["watched.pem"] = good.pem.read_bytes()
    made.beside["own.yaml"] = (
        f'entries:\n  - {{issuer: "{issuer_of(bad)}", '
        f"serial: {serial_of(bad.key.stem)}}}\n"
    ).encode()
    return made


@recipe(
    "fetched-http",
    "Python's HTTP server gives a certificate of an issuer, the same with its own issuer in PKCS #7, "
    "and a revocation list, in clear HTTP on port 80.",
    "The issuer's certificate is on a list.",
)
def fetched_http(studio):
    issuing, root = studio.authority.issuing, studio.authority.root
    folder = studio.authority.folder / "published"
    folder.mkdir()
    (folder / "issuing.crt").write_bytes(issuing.der())
    both = folder / "both.pem"
    both.write_text(issuing.pem.read_text() + root.pem.read_text())
    openssl("crl2pkcs7 -nocrl -outform DER", certfile=both, out=folder / "issuing.p7c")
    config = folder / "openssl.conf"
    config.write_text(CONFIG.format(folder=studio.authority.folder))
    openssl(
        "ca -gencrl -crldays 30",
        config=config,
        cert=root.pem,
        keyfile=root.key,
        out=folder / "root.pem",
    )
    openssl("crl -outform DER", **{"in": folder / "root.pem"}, out=folder / "root.crl")
    server = endpoints.Program(
        ["python3", "-u", "-m", "http.server", "-b", "127.0.0.1", "-d", folder, "0"]
    )
    clear = Endpoint("198.51.100.80", 80)
    with server:
        server.port = int(server.await_text(rb"port (\d+)").group(1))
        scenes = [
            Scene(studio.place(server=clear), fetch(server, name))
            for name in ("issuing.crt", "issuing.p7c", "root.crl")
        ]
    made = take([], [s for scene in scenes for s in scene.segments()], args="-w watched.pem")
    made.beside["watched.pem"] = issuing.pem.read_bytes()
    return made


def fetch(server, name):
    relay = endpoints.Relay(server.port)
    url = f"http://127.0.0.1:{relay.port}/{name}"
    with urllib.request.urlopen(url) as answer:
        answer.read()
    return relay.conversation()
