# SPDX-License-Identifier: Apache-2.0
"""Recipes with the servers that people run: mail, directories, databases, chat, proxies. What they
say before TLS begins is theirs, word for word; the connections are cut into packets by hand, as all
others are."""

import http.client
import socket
import ssl
import time

from . import daemons, endpoints
from .daemons import House
from .recipe import TLS12, Scene, recipe, take
from .wire import Endpoint

SERVER_NAME = "mail.example.org"


def company(studio, key="p256"):
    """The server's certificate, and that of a client that shows one."""
    server = studio.authority.server(
        SERVER_NAME, key, subject=f"/C=US/O=Example Organisation/CN={SERVER_NAME}"
    )
    client = studio.authority.client("connector.example.net")
    return server, client


def say_and_hear(words, answer):
    def play(client, server):
        client.say(words)
        client.await_text(answer)

    return play


def upgrade(studio, start, port, starttls, words, answer, owner="root", shows=True, options=(), key="p256"):
    """One connection that turns to TLS in the middle, with a client certificate if `shows`."""
    certificate, client = company(studio, key)
    house = House(studio, start.__name__ + str(port), certificate, owner)
    shown = client if shows else None
    with daemons.running(start(house)) as server:
        begin = lambda port: endpoints.openssl_client(
            port, SERVER_NAME, shown, *TLS12, "-starttls", starttls, *options
        )
        chunks = endpoints.talk(server, begin, play=say_and_hear(words, answer))
    place = studio.place(server=Endpoint("198.51.100.20", port))
    return Scene(place, chunks, certificate, shown, ("clear", "clear" if shows else "none"))


@recipe(
    "starttls-smtp-postfix",
    "STARTTLS at Postfix, which asks for a client certificate and is shown one.",
    "smtp-relay on port 25, smtp-submission on 587.",
)
def smtp_postfix(studio):
    relay = upgrade(studio, daemons.postfix, 25, "smtp", b"EHLO client.example.net\n", rb"250 ")
    submission = upgrade(
        studio, daemons.postfix, 587, "smtp", b"EHLO client.example.net\n", rb"250 ", shows=False
    )
    return take([relay, submission])


def at_dovecot(protocol):
    def start(house):
        return daemons.dovecot(house, protocol)

    start.__name__ = protocol
    return start


@recipe(
    "starttls-imap-dovecot",
    "STARTTLS at Dovecot's IMAP server, with a client certificate.",
    "The greeting lists capabilities; the client asks for them again afterwards.",
)
def imap_dovecot(studio):
    words = b"a1 CAPABILITY\n"
    return take([upgrade(studio, at_dovecot("imap"), 143, "imap", words, rb"a1 OK")])


@recipe(
    "starttls-pop3-dovecot",
    "STLS at Dovecot's POP3 server, with a client certificate.",
    "Journaling mailboxes are fetched so.",
)
def pop3_dovecot(studio):
    return take([upgrade(studio, at_dovecot("pop3"), 110, "pop3", b"CAPA\n", rb"SASL")])


@recipe(
    "starttls-sieve-dovecot",
    "STARTTLS at Dovecot's ManageSieve server, with a client certificate.",
    "RFC 5804: the answer to STARTTLS is OK, and capabilities follow inside.",
)
def sieve_dovecot(studio):
    words = b"NOOP\n"
    return take([upgrade(studio, at_dovecot("sieve"), 4190, "sieve", words, rb"OK.*NOOP")])


@recipe(
    "starttls-lmtp-dovecot",
    "STARTTLS at Dovecot's LMTP server.",
    "LHLO instead of EHLO; else as SMTP.",
)
def lmtp_dovecot(studio):
    words = b"LHLO client.example.net\n"
    return take([upgrade(studio, at_dovecot("lmtp"), 24, "lmtp", words, rb"250 ", shows=False)])


@recipe(
    "starttls-ldap-slapd",
    "The StartTLS operation at OpenLDAP's slapd, with a client certificate.",
    "An anonymous bind follows inside.",
)
def ldap_slapd(studio):
    bind = bytes.fromhex("300c020101600702010304008000")
    return take([upgrade(studio, daemons.slapd, 389, "ldap", bind, rb"\x0a\x01\x00\x04\x00\x04")])


@recipe(
    "starttls-ftp-vsftpd",
    "AUTH TLS at vsftpd, which asks for a client certificate and is shown one.",
    "The control connection alone.",
)
def ftp_vsftpd(studio):
    return take(
        [upgrade(studio, daemons.vsftpd, 21, "ftp", b"SYST\n", rb"530|215", key="rsa")]
    )


@recipe(
    "ftp-data-vsftpd",
    "curl lists a folder of vsftpd by FTP with TLS; the listing comes over a connection of its own.",
    "The data connection resumes the control connection's session: service ftp-data, both chains inherited.",
)
def ftp_data(studio):
    certificate, client = company(studio, "rsa")
    house = House(studio, "vsftpd-data", certificate)
    aside = "127.0.0.2"  # the announcement is encrypted: it must lead to the relay by itself
    with daemons.running(daemons.vsftpd(house, aside)) as server:
        control = endpoints.Relay(server.port)
        data = endpoints.Relay(server.data_port, at=(aside, server.data_port))
        house.run(
            *("curl", "-sS", "-k", "--ssl-reqd", "--tls-max", "1.2", "--disable-epsv"),
            *("--no-ftp-skip-pasv-ip", "--cert", client.chain_pem(), "--key", client.key),
            *("--connect-to", f"{SERVER_NAME}:21:127.0.0.1:{control.port}"),
            f"ftp://{SERVER_NAME}/",
        )
    places = [studio.place(server=Endpoint("198.51.100.20", port)) for port in (21, 40021)]
    first = Scene(places[0], control.conversation(), certificate, client, ("clear", "clear"))
    second = Scene(
        places[1], data.conversation(), certificate, client, ("inherited", "inherited"), first
    )
    return take([first, second])


@recipe(
    "starttls-nntp-inn",
    "STARTTLS at nnrpd, INN's reader of news, which asks for no client certificate.",
    "The client reads a list before it upgrades.",
)
def nntp_inn(studio):
    return take(
        [upgrade(studio, daemons.nnrpd, 119, "nntp", b"DATE\n", rb"111 ", "news", shows=False)]
    )


@recipe(
    "starttls-xmpp-prosody",
    "STARTTLS between an XMPP client and Prosody.",
    "Prosody asks for a client certificate and is shown one.",
)
def xmpp_prosody(studio):
    words = (
        b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        b"to='example.org' version='1.0'>\n"
    )
    return take(
        [
            upgrade(
                studio,
                daemons.prosody,
                5222,
                "xmpp",
                words,
                rb"stream:features>",
                options=("-name", "example.org"),
            )
        ]
    )


@recipe(
    "starttls-irc-inspircd",
    "The STARTTLS command at InspIRCd (GnuTLS), with a client certificate.",
    "Numeric 670 says that TLS may begin.",
)
def irc_inspircd(studio):
    return take([upgrade(studio, daemons.inspircd, 6667, "irc", b"PING x\n", rb"PONG|451")])


@recipe(
    "ssl-request-postgresql",
    "SSLRequest at PostgreSQL, with a client certificate.",
    "The server says S, and TLS begins.",
)
def postgresql(studio):
    startup = bytes.fromhex("00000022000300007573657200706f7374677265730064617461626173650078000000")
    words = len(startup[1:]).to_bytes(4, "big") + startup[5:]
    return take(
        [
            upgrade(
                studio, daemons.postgresql, 5432, "postgres", words, rb"R\x00\x00\x00|E\x00\x00\x00",
                "postgres"
            )
        ]
    )


@recipe(
    "ssl-request-mariadb",
    "SSLRequest at MariaDB, whose greeting comes first.",
    "The client certificate is shown because the server names authorities.",
)
def mariadb(studio):
    hello = bytes.fromhex(
        "85a2bf0100000001210000000000000000000000000000000000000000000000"
    )
    login = hello + b"root\0\0mysql_native_password\0"
    words = len(login).to_bytes(3, "little") + b"\x02" + login
    return take(
        [upgrade(studio, daemons.mariadb, 3306, "mysql", words, rb"\x00\x00[\x03\x04]", "mysql")]
    )


class Visitor:
    """A client in Python, for what openssl's does not speak: `before` is said and heard first."""

    def __init__(self, port, name, client, before):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        if client:
            context.load_cert_chain(client.chain_pem(), client.key)
        plain = socket.create_connection(("127.0.0.1", port))
        plain.settimeout(endpoints.PATIENCE)
        before(plain)
        self.tls = context.wrap_socket(plain, server_hostname=name)

    def ask(self, words):
        self.tls.sendall(words)
        heard = self.tls.recv(65536)
        try:
            self.tls.unwrap().close()
        except (ssl.SSLError, OSError):
            self.tls.close()
        return heard


def visit(port, name, client, before, words):
    """The same through a relay."""
    relay = endpoints.Relay(port)
    Visitor(relay.port, name, client, before).ask(words)
    return relay.conversation()


@recipe(
    "rdp-xrdp",
    "RDP at xrdp: an X.224 connection request that asks for TLS, its confirm, and TLS.",
    "An MCS connect-initial would follow inside.",
)
def rdp(studio):
    def negotiate(plain):
        cookie = b"Cookie: mstshash=user\r\n"
        request = b"\xe0\0\0\0\0\0" + cookie + bytes.fromhex("0100080001000000")
        plain.sendall(b"\x03\0" + (len(request) + 5).to_bytes(2, "big") + bytes([len(request)]) + request)
        plain.recv(64)

    certificate, _ = company(studio, "rsa")
    with daemons.running(daemons.xrdp(House(studio, "xrdp", certificate))) as server:
        relay = endpoints.Relay(server.port)
        visitor = Visitor(relay.port, SERVER_NAME, None, negotiate)
        visitor.tls.sendall(b"\x03\0\0\x08\x02\xf0\x80\0")
        time.sleep(0.2)
        visitor.tls.close()
        chunks = relay.conversation()
    return take([Scene(studio.place(server=Endpoint("198.51.100.20", 3389)), chunks, certificate)])


GET = b"GET / HTTP/1.0\r\n\r\n"


@recipe(
    "proxy-connect-squid",
    "HTTP CONNECT through Squid to nginx, with a client certificate.",
    "Seen between the client and the proxy; the second client posts something first, and gets a page.",
)
def connect_squid(studio):
    certificate, client = company(studio)
    with (
        daemons.running(daemons.nginx(House(studio, "nginx", certificate))) as server,
        daemons.running(daemons.squid(House(studio, "squid", certificate))) as proxy,
    ):

        def connect(plain):
            plain.sendall(
                f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nHost: {SERVER_NAME}\r\n\r\n".encode()
            )
            assert b" 200 " in plain.recv(4096)

        def post_first(plain):
            """To where nobody listens: Squid answers with a page, and keeps the connection."""
            port = endpoints.free_port()
            plain.sendall(
                f"POST http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: {SERVER_NAME}\r\n"
                "Content-Length: 7\r\n\r\nCONNECT".encode()
            )
            answer = http.client.HTTPResponse(plain, method="POST")
            answer.begin()
            assert answer.status == 503 and answer.read()
            connect(plain)

        both = [
            visit(proxy.port, SERVER_NAME, client, before, GET) for before in (connect, post_first)
        ]
    scenes = []
    for chunks in both:
        place = studio.place(server=Endpoint("198.51.100.30", 3128))
        scenes.append(Scene(place, chunks, certificate, client, ("clear", "clear")))
    return take(scenes)


@recipe(
    "proxy-socks-dante",
    "SOCKS 5 and SOCKS 4 through Dante to nginx, with a client certificate.",
    "Seen between the client and the proxy.",
)
def socks_dante(studio):
    certificate, client = company(studio)
    with (
        daemons.running(daemons.nginx(House(studio, "nginx", certificate))) as server,
        daemons.running(daemons.dante(House(studio, "dante", certificate))) as proxy,
    ):
        port = server.port.to_bytes(2, "big")

        def socks5(plain):
            plain.sendall(b"\5\1\0")
            assert plain.recv(2) == b"\5\0"
            plain.sendall(b"\5\1\0\1\x7f\0\0\1" + port)
            assert plain.recv(10)[1] == 0

        def socks4(plain):
            plain.sendall(b"\4\1" + port + b"\x7f\0\0\1user\0")
            assert plain.recv(8)[1] == 90

        scenes = []
        for begin in (socks5, socks4):
            chunks = visit(proxy.port, SERVER_NAME, client, begin, GET)
            place = studio.place(server=Endpoint("198.51.100.31", 1080))
            scenes.append(Scene(place, chunks, certificate, client, ("clear", "clear")))
    return take(scenes)


@recipe(
    "proxy-protocol-haproxy",
    "HAProxy in front of nginx, with PROXY headers of version 2 and of version 1.",
    "Seen behind the proxy: the real client's address is in the header alone.",
)
def proxy_haproxy(studio):
    certificate, client = company(studio)
    scenes = []
    for turn, how in enumerate(("send-proxy-v2", "send-proxy")):
        house = House(studio, f"nginx{turn}", certificate)
        with daemons.running(daemons.nginx(house, proxied=True)) as server:
            relay = endpoints.Relay(server.port)
            front = daemons.haproxy(House(studio, f"haproxy{turn}", certificate), relay.port, how)
            with daemons.running(front):
                Visitor(front.port, SERVER_NAME, client, lambda plain: None).ask(GET)
                chunks = relay.conversation()
        place = studio.place(
            client=Endpoint("198.51.100.32", 40000 + turn), server=Endpoint("198.51.100.20", 443)
        )
        scenes.append(Scene(place, chunks, certificate, client, ("clear", "clear")))
    return take(scenes)


@recipe(
    "https-nginx",
    "HTTPS at nginx, which asks for a client certificate and is shown one.",
    "No preamble; the everyday server.",
)
def https_nginx(studio):
    certificate, client = company(studio)
    with daemons.running(daemons.nginx(House(studio, "nginx", certificate))) as server:
        chunks = visit(server.port, SERVER_NAME, client, lambda plain: None, GET)
    return take([Scene(studio.place(), chunks, certificate, client, ("clear", "clear"))])
