# SPDX-License-Identifier: Apache-2.0
"""Recipes about handshakes: versions, key exchanges, client certificates, resumption, records."""

import struct
import time

from .recipe import TLS10, TLS11, TLS12, TLS13, Scene, recipe, take
from .wire import CLIENT, SERVER

HIDDEN = ("encrypted", "encrypted")


def simple(studio, options, key="p256", client_options=(), server_options=()):
    """A server certificate, no client certificate, the same options on both sides."""
    certificate = studio.authority.server(f"{key}.example.com", key)
    with studio.openssl(certificate, *options, *server_options) as server:
        chunks = studio.visit(server, *options, *client_options)
    return Scene(studio.place(), chunks, certificate)


@recipe(
    "tls10-rsa",
    "TLS 1.0 with RSA key exchange, between OpenSSL endpoints.",
    "The oldest version OpenSSL 3.0 still speaks; no extension of TLS 1.2 is at work.",
)
def tls10_rsa(studio):
    return take([simple(studio, TLS10[:1] + ("-cipher", "AES128-SHA:@SECLEVEL=0"), "rsa")])


@recipe(
    "tls11-dhe",
    "TLS 1.1 with ephemeral Diffie-Hellman and an RSA certificate.",
    "The ServerKeyExchange carries a finite field group, so there is no curve.",
)
def tls11_dhe(studio):
    options = TLS11[:1] + ("-cipher", "DHE-RSA-AES256-SHA:@SECLEVEL=0")
    return take([simple(studio, options, "rsa")])


@recipe("tls12-rsa", "TLS 1.2 with RSA key exchange.", "No ServerKeyExchange at all.")
def tls12_rsa(studio):
    return take([simple(studio, TLS12 + ("-cipher", "AES128-GCM-SHA256"), "rsa")])


@recipe(
    "tls12-ecdhe",
    "TLS 1.2, ECDHE on X25519 with an RSA certificate and ALPN.",
    "The everyday handshake; next_protocol is http/1.1.",
)
def tls12_ecdhe(studio):
    return take([simple(studio, TLS12, "rsa", ("-alpn", "h2,http/1.1"), ("-alpn", "http/1.1"))])


@recipe(
    "tls12-dhe", "TLS 1.2 with ephemeral Diffie-Hellman.", "No curve; the server picks the group."
)
def tls12_dhe(studio):
    return take([simple(studio, TLS12 + ("-cipher", "DHE-RSA-AES128-GCM-SHA256"), "rsa")])


@recipe(
    "tls12-ecdsa",
    "TLS 1.2 with an ECDSA certificate on P-384.",
    "The curve of the exchange is P-256.",
)
def tls12_ecdsa(studio):
    return take([simple(studio, TLS12 + ("-groups", "P-256:P-384"), "p384")])


@recipe(
    "tls12-no-sni", "TLS 1.2 without a server name.", "server_name and sni_matches_cert are unset."
)
def tls12_no_sni(studio):
    certificate = studio.authority.server("p256.example.com")
    with studio.openssl(certificate, *TLS12) as server:
        chunks = studio.visit(server, *TLS12, name=None)
    return take([Scene(studio.place(), chunks, certificate)])


@recipe(
    "tls10-gnutls",
    "TLS 1.0 between GnuTLS endpoints.",
    "Another stack's way to cut messages into records.",
)
def tls10_gnutls(studio):
    certificate = studio.authority.server("rsa.example.com", "rsa")
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.0:%VERIFY_ALLOW_SIGN_WITH_SHA1"
    with studio.gnutls(certificate, priority) as server:
        chunks = studio.gnutls_visit(server, priority)
    return take([Scene(studio.place(), chunks, certificate)])


@recipe(
    "tls12-gnutls", "TLS 1.2 between GnuTLS endpoints.", "Each message is in a record of its own."
)
def tls12_gnutls(studio):
    certificate = studio.authority.server("p256.example.com")
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2"
    with studio.gnutls(certificate, priority, "--disable-client-cert") as server:
        chunks = studio.gnutls_visit(server, priority)
    return take([Scene(studio.place(), chunks, certificate)])


def mutual(
    studio, options, client_key="p256", required=True, seen=("clear", "clear"), trusted=True
):
    """Both sides show a certificate."""
    server_certificate = studio.authority.server("mutual.example.com", "rsa")
    signer = (
        studio.authority.issuing
        if trusted
        else studio.authority.issue("stranger-ca", "/O=Stranger/CN=Stranger CA", "ca")
    )
    client = studio.authority.client(
        f"{client_key}-{'user' if trusted else 'stranger'}", client_key, by=signer
    )
    with studio.openssl(server_certificate, *options, *studio.asking(required)) as server:
        chunks = studio.visit(
            server, *options, name="mutual.example.com", client=client, hasty=not trusted
        )
    return Scene(studio.place(), chunks, server_certificate, client, seen)


@recipe(
    "client-cert",
    "TLS 1.2 with an RSA client certificate, between OpenSSL endpoints.",
    "Asked for, sent with its issuer, proved by CertificateVerify, accepted.",
)
def client_cert(studio):
    return take([mutual(studio, TLS12, "rsa")])


@recipe(
    "client-cert-ecdsa",
    "TLS 1.2 with an ECDSA client certificate.",
    "The proof of possession is ECDSA.",
)
def client_cert_ecdsa(studio):
    return take([mutual(studio, TLS12, "p256")])


@recipe(
    "client-cert-ed25519",
    "TLS 1.2 with an Ed25519 client certificate.",
    "The proof is made over the whole transcript, without a digest before it.",
)
def client_cert_ed25519(studio):
    return take([mutual(studio, TLS12, "ed25519")])


@recipe(
    "client-cert-tls10",
    "TLS 1.0 with an RSA client certificate.",
    "The proof signs MD5 and SHA-1 of the transcript side by side.",
)
def client_cert_tls10(studio):
    return take([mutual(studio, TLS10, "rsa")])


@recipe(
    "client-cert-tls11-ecdsa",
    "TLS 1.1 with an ECDSA client certificate.",
    "The proof signs SHA-1 of the transcript.",
)
def client_cert_tls11(studio):
    return take([mutual(studio, TLS11, "p256")])


@recipe(
    "client-cert-gnutls",
    "TLS 1.2 with a client certificate, between GnuTLS endpoints.",
    "Asked for, sent and accepted; another stack's records.",
)
def client_cert_gnutls(studio):
    certificate = studio.authority.server("mutual.example.com", "rsa")
    client = studio.authority.client("rsa-user", "rsa")
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2"
    with studio.gnutls(
        certificate, priority, "--require-client-cert", "--x509cafile", studio.trust
    ) as server:
        chunks = studio.gnutls_visit(server, priority, name="mutual.example.com", client=client)
    return take([Scene(studio.place(), chunks, certificate, client, ("clear", "clear"))])


@recipe(
    "client-cert-declined",
    "TLS 1.2: a client certificate is asked for; the client has none.",
    "An empty Certificate message, and the server goes on.",
)
def client_cert_declined(studio):
    certificate = studio.authority.server("mutual.example.com", "rsa")
    with studio.openssl(certificate, *TLS12, *studio.asking()) as server:
        chunks = studio.visit(server, *TLS12, name="mutual.example.com")
    return take([Scene(studio.place(), chunks, certificate)])


@recipe(
    "client-cert-missing",
    "TLS 1.2: a client certificate is required; the client has none.",
    "An empty Certificate message, answered with a fatal alert.",
)
def client_cert_missing(studio):
    certificate = studio.authority.server("mutual.example.com", "rsa")
    with studio.openssl(certificate, *TLS12, *studio.asking(required=True)) as server:
        chunks = studio.visit(server, *TLS12, name="mutual.example.com", hasty=True)
    return take([Scene(studio.place(), chunks, certificate)])


@recipe(
    "client-cert-rejected",
    "TLS 1.2: the client certificate is of an issuer the server does not know.",
    "Sent and proved, and answered with the alert unknown_ca.",
)
def client_cert_rejected(studio):
    return take([mutual(studio, TLS12, "p256", trusted=False)])


def resumption(studio, options, client_options=(), client=None, asking=(), seen=(), again=()):
    """A full handshake, and one that resumes it."""
    certificate = studio.authority.server("p256.example.com")
    ticket = f"{studio.folder}/session"
    with studio.openssl(certificate, *options, *asking) as server:
        first = studio.visit(server, *options, *client_options, "-sess_out", ticket, client=client)
        second = studio.visit(server, *options, *client_options, "-sess_in", ticket, client=client)
    return take(
        [
            Scene(studio.place(), first, certificate, client, seen),
            Scene(studio.place(after=5), second, certificate, client, again),
        ]
    )


@recipe(
    "resumed-session-id",
    "TLS 1.2: a full handshake, then one resumed by its session identifier.",
    "The second has no certificate on the wire; its chain is that of the first.",
)
def resumed_session_id(studio):
    return resumption(
        studio, TLS12 + ("-no_ticket",), seen=("clear", "none"), again=("inherited", None)
    )


@recipe(
    "resumed-ticket",
    "TLS 1.2: a full handshake, then one resumed by ticket.",
    "The ticket is in the clear in NewSessionTicket and in the second ClientHello.",
)
def resumed_ticket(studio):
    return resumption(studio, TLS12, seen=("clear", "none"), again=("inherited", None))


@recipe(
    "resumed-client-cert",
    "TLS 1.2 with a client certificate, then resumed by ticket.",
    "The second connection is the client's too, though nothing on the wire says so.",
)
def resumed_client_cert(studio):
    client = studio.authority.client("p256-user")
    return resumption(
        studio,
        TLS12,
        (),
        client,
        (*studio.asking(True), "-id_prefix", "mutual"),
        ("clear", "clear"),
        ("inherited", "inherited"),
    )


@recipe(
    "resumed-unknown-origin",
    "TLS 1.2: only the resumed connection was captured.",
    "Resumed, and nobody knows from what.",
)
def resumed_unknown_origin(studio):
    made = resumption(studio, TLS12, seen=("clear", "none"), again=("resumed", None))
    return take(made.scenes[1:])


@recipe("tls13", "TLS 1.3.", "The certificate is encrypted.")
def tls13(studio):
    scene = simple(studio, TLS13)
    scene.seen = HIDDEN
    return take([scene])


@recipe("tls13-gnutls", "TLS 1.3 between GnuTLS endpoints.", "The certificate is encrypted.")
def tls13_gnutls(studio):
    certificate = studio.authority.server("p256.example.com")
    with studio.gnutls(
        certificate, "NORMAL:-VERS-ALL:+VERS-TLS1.3", "--disable-client-cert"
    ) as server:
        chunks = studio.gnutls_visit(server, "NORMAL")
    return take([Scene(studio.place(), chunks, certificate, None, HIDDEN)])


@recipe(
    "tls13-retry",
    "TLS 1.3 with a HelloRetryRequest: the client guessed the wrong group.",
    "Two hellos from each side; the group is the second one's.",
)
def tls13_retry(studio):
    scene = simple(studio, TLS13, "p256", ("-groups", "X25519:P-384"), ("-groups", "P-384"))
    scene.seen = HIDDEN
    return take([scene])


@recipe(
    "tls13-resumed",
    "TLS 1.3: a full handshake, then one resumed by PSK.",
    "Which connection it resumes cannot be read off the wire.",
)
def tls13_resumed(studio):
    return resumption(studio, TLS13, seen=HIDDEN, again=(None, None))


@recipe(
    "tls13-possible",
    "Client certificates hidden by TLS 1.3: one whose chain is as long as a watched one, one not.",
    "The sizes of the records tell the length; such an alert is never more than a candidate.",
)
def tls13_possible(studio):
    watched = mutual(studio, TLS13, "rsa", seen=HIDDEN)
    other = mutual(studio, TLS13, "p256", seen=HIDDEN)
    made = take([watched, other], args="-w watched.pem")
    made.beside["watched.pem"] = watched.client.chain_pem().read_text()
    return made


@recipe("tls13-mutual", "TLS 1.3 with a client certificate.", "Both chains are encrypted.")
def tls13_mutual(studio):
    return take([mutual(studio, TLS13, "p256", seen=("encrypted", None))])


def play_post_handshake(client, server):
    """A line, then the server asks for the client's certificate in the middle of the connection."""
    client.say(b"ping one\n")
    server.await_text(b"ping one")
    server.say(b"c\n")
    time.sleep(0.2)
    client.say(b"ping two\n")
    server.await_text(b"ping two")


@recipe(
    "tls13-post-handshake",
    "TLS 1.3: the client certificate is asked for after the handshake.",
    "All of it is encrypted.",
)
def tls13_post_handshake(studio):
    certificate = studio.authority.server("p256.example.com")
    client = studio.authority.client("p256-user")
    with studio.openssl(certificate, *TLS13, "-CAfile", studio.trust, echo=False) as server:
        chunks = studio.visit(
            server, *TLS13, "-enable_pha", client=client, play=play_post_handshake
        )
    return take([Scene(studio.place(), chunks, certificate, client, ("encrypted", None))])


@recipe("anonymous-dh", "TLS 1.2 with anonymous Diffie-Hellman.", "Nobody has a certificate.")
def anonymous_dh(studio):
    options = TLS12 + ("-cipher", "ADH-AES128-SHA256:@SECLEVEL=0")
    with studio.openssl(None, *options) as server:
        chunks = studio.visit(server, *options)
    return take([Scene(studio.place(), chunks, None, None, ("none", "none"))])


def play_renegotiation(client, server):
    """A line, then the server starts another handshake and asks for the client's certificate."""
    client.say(b"ping one\n")
    server.await_text(b"ping one")
    server.say(b"R\n")
    time.sleep(0.2)
    client.say(b"ping two\n")
    server.await_text(b"ping two")


@recipe(
    "renegotiation",
    "TLS 1.2: the client certificate is asked for by a renegotiation, after data.",
    "The second handshake is inside the first one's encryption.",
)
def renegotiation(studio):
    certificate = studio.authority.server("p256.example.com")
    client = studio.authority.client("p256-user")
    with studio.openssl(certificate, *TLS12, "-CAfile", studio.trust, echo=False) as server:
        chunks = studio.visit(server, *TLS12, client=client, play=play_renegotiation)
    return take([Scene(studio.place(), chunks, certificate, client, ("clear", "encrypted"))])


@recipe(
    "no-shared-version",
    "The server only speaks TLS 1.3, the client only TLS 1.2.",
    "A fatal alert instead of a ServerHello.",
)
def no_shared_version(studio):
    certificate = studio.authority.server("p256.example.com")
    with studio.openssl(certificate, *TLS13) as server:
        chunks = studio.visit(server, *TLS12, hasty=True)
    return take([Scene(studio.place(), chunks, None, None, ("none", "none"))])


@recipe(
    "client-refuses",
    "The client does not trust the server's certificate and says so.",
    "The chain was sent all the same; the alert is the client's.",
)
def client_refuses(studio):
    certificate = studio.authority.issue("self.example.com", "/CN=self.example.com", "server")
    with studio.openssl(certificate, *TLS12) as server:
        chunks = studio.visit(server, *TLS12, "-verify_return_error", "-verify", "3", hasty=True)
    return take([Scene(studio.place(), chunks, certificate)])


@recipe(
    "chain-12", "A chain of twelve certificates.", "More than a usual chain, and each must be told."
)
def chain_12(studio):
    issuer = studio.authority.root
    for level in range(11):
        issuer = studio.authority.issue(
            f"level-{level}", f"/O=Example Trust/CN=Level {level}", "ca", by=issuer
        )
    certificate = studio.authority.server("deep.example.com", by=issuer)
    with studio.openssl(certificate, *TLS12) as server:
        chunks = studio.visit(server, *TLS12, name="deep.example.com")
    return take([Scene(studio.place(), chunks, certificate)])


class Records:
    """Cuts what one side says into TLS records and hands the handshake records before the first
    ChangeCipherSpec to `change`."""

    def __init__(self, change):
        self.change = change
        self.waiting = b""
        self.encrypted = False

    def __call__(self, data):
        self.waiting += data
        out = b""
        while len(self.waiting) >= 5:
            kind, length = self.waiting[0], struct.unpack_from("!H", self.waiting, 3)[0]
            if len(self.waiting) < 5 + length:
                break
            record, self.waiting = self.waiting[: 5 + length], self.waiting[5 + length :]
            self.encrypted = self.encrypted or kind == 20
            out += self.change(record) if kind == 22 and not self.encrypted else record
        return out


def in_single_bytes(record):
    """A record for each byte, and an empty one after every fifth."""
    out, head = b"", record[:3]
    for at in range(5, len(record)):
        out += head + b"\0\x01" + record[at : at + 1]
        if at % 5 == 4:
            out += head + b"\0\0"
    return out


@recipe(
    "records-of-one-byte",
    "TLS 1.2 with a client certificate; each record before the encryption has one byte.",
    "Empty records stand in between. Both endpoints accepted it.",
)
def records_of_one_byte(studio):
    certificate = studio.authority.issue("tiny.example.com", "/CN=tiny.example.com", "server")
    client = studio.authority.issue("tiny-user", "/CN=tiny-user", "client")
    rewrite = {CLIENT: Records(in_single_bytes), SERVER: Records(in_single_bytes)}
    options = TLS12 + ("-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256", "-groups", "P-256")
    with studio.openssl(certificate, *options, "-verify", "1", "-verify_quiet") as server:
        chunks = studio.visit(server, *options, client=client, rewrite=rewrite)
    return take([Scene(studio.place(), chunks, certificate, client, ("clear", "clear"))])


def with_alert_inside(record):
    """The record in two halves, with the warning unrecognized_name between them. Only a Certificate
    message is changed."""
    if record[5] != 11:
        return record
    half = (len(record) - 5) // 2
    body, head = record[5:], record[:3]
    return (
        head
        + struct.pack("!H", half)
        + body[:half]
        + b"\x15"
        + head[1:]
        + b"\0\x02\x01\x70"
        + head
        + struct.pack("!H", len(body) - half)
        + body[half:]
    )


@recipe(
    "alert-inside-certificate",
    "TLS 1.2: a warning alert stands between the halves of the Certificate message.",
    "The client went on, as RFC 5246 lets it.",
)
def alert_inside(studio):
    certificate = studio.authority.server("rsa.example.com", "rsa")
    with studio.openssl(certificate, *TLS12) as server:
        chunks = studio.visit(server, *TLS12, rewrite={SERVER: Records(with_alert_inside)})
    return take([Scene(studio.place(), chunks, certificate)])
