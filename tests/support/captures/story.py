# SPDX-License-Identifier: Apache-2.0
"""The story: a vendor's client certificate is stolen and used against the company it was issued
for. One capture at the company's edge, a watchlist that tells the thief from the vendor, and a
public blocklist with the certificate of a command-and-control server."""

from .recipe import TLS12, TLS13, Scene, recipe, take
from .wire import Endpoint

EXCHANGE = Endpoint("10.20.0.10", 443)
DIRECTORY = Endpoint("10.20.0.11", 636)
SUBMISSION = Endpoint("10.20.0.12", 465)
WEB = Endpoint("192.0.2.80", 443)
CONTROL = Endpoint("192.0.2.66", 8443)

VENDOR = "203.0.113.10"
ATTACKER = "198.51.100.23"
EMPLOYEE, INFECTED = "10.20.1.44", "10.20.1.57"

WATCHLIST = """\
# SPDX-License-Identifier: Apache-2.0
# Whom Example Corporation watches for. Networks in documentation ranges.
name: stolen-vendor-certificate
entries:
  - sha256: {vendor}
    role: client
    not_from: [203.0.113.0/24]
    severity: critical
    description: client certificate of Example Mail Security Ltd, stolen from the vendor
    reference: https://www.example.net/advisories/2026-001
"""

BLOCKLIST = """\
################################################################
# SSL Certificate Blacklist (SHA1 Fingerprints)                #
# Last updated: 2026-03-01 06:00:00 UTC                        #
################################################################
#
# Listingdate,SHA1,Listingreason
2026-02-27 11:02:54,{control},ExampleRAT C&C
2026-02-26 09:30:00,0123456789abcdef0123456789abcdef01234567,AnotherRAT C&C
"""


class Company:
    """The certificates of the story, and the servers that ask for one."""

    def __init__(self, studio):
        authority = studio.authority
        self.studio = studio
        self.vendor = authority.client(
            "connector.mailsecurity.example.net",
            "rsa",
            "/C=GB/O=Example Mail Security Ltd/CN=connector.mailsecurity.example.net",
        )
        self.mail = authority.server(
            "mail.example.org", subject="/C=US/O=Example Organisation/CN=mail.example.org"
        )
        self.ldap = authority.server(
            "ldap.example.org", subject="/C=US/O=Example Organisation/CN=ldap.example.org"
        )
        self.smtp = authority.server(
            "smtp.example.org", subject="/C=US/O=Example Organisation/CN=smtp.example.org"
        )
        self.web = authority.server("www.example.com")
        self.control = authority.issue(
            "control", "/C=XX/O=Internet Widgits Pty Ltd/CN=localhost", "server", "rsa"
        )

    def scene(self, after, who, port, where, chunks, server, client=None, seen=("clear", "clear")):
        turn = 14_000_000 if not who.startswith("10.") else 4_000_000
        place = self.studio.place(Endpoint(who, port), where, after, turn_ns=turn)
        return Scene(place, chunks, server, client, seen)

    def at_exchange(self):
        """The vendor, then the thief: a full handshake, a resumed one, and TLS 1.3."""
        ticket = f"{self.studio.folder}/stolen"
        visit = lambda server, *options: self.studio.visit(
            server, *options, name="mail.example.org", client=self.vendor
        )
        asking = (*self.studio.asking(required=True), "-id_prefix", "exchange")
        with self.studio.openssl(self.mail, *asking) as server:
            normal = visit(server, *TLS12)
            stolen = visit(server, *TLS12, "-sess_out", ticket)
            resumed = visit(server, *TLS12, "-sess_in", ticket)
            hidden = visit(server, *TLS13)
        return [
            self.scene(0, VENDOR, 40112, EXCHANGE, normal, self.mail, self.vendor),
            self.scene(9240, ATTACKER, 51514, EXCHANGE, stolen, self.mail, self.vendor),
            self.scene(
                9302,
                ATTACKER,
                51520,
                EXCHANGE,
                resumed,
                self.mail,
                self.vendor,
                ("inherited", "inherited"),
            ),
            self.scene(
                9960, ATTACKER, 51544, EXCHANGE, hidden, self.mail, self.vendor, ("encrypted", None)
            ),
        ]

    def elsewhere(self):
        """The thief tries the other doors."""
        scenes = []
        for after, port, where, certificate, name in (
            (9410, 51527, DIRECTORY, self.ldap, "ldap.example.org"),
            (9533, 51533, SUBMISSION, self.smtp, "smtp.example.org"),
        ):
            with self.studio.openssl(
                certificate, *TLS12, *self.studio.asking(required=True)
            ) as server:
                chunks = self.studio.visit(server, name=name, client=self.vendor)
            scenes.append(
                self.scene(after, ATTACKER, port, where, chunks, certificate, self.vendor)
            )
        return scenes

    def everyday(self):
        """What else crosses the wire: an employee on the web, twice, and an infected machine."""
        with self.studio.openssl(self.web) as server:
            modern = self.studio.visit(server, "-alpn", "h2,http/1.1")
            older = self.studio.visit(server, *TLS12)
        with self.studio.openssl(self.control, *TLS12) as server:
            beacon = self.studio.visit(server, name=None)
        return [
            self.scene(
                31, EMPLOYEE, 60211, WEB, modern, self.web, None, ("encrypted", "encrypted")
            ),
            self.scene(44, EMPLOYEE, 60219, WEB, older, self.web, None, ("clear", "none")),
            self.scene(
                9700, INFECTED, 55870, CONTROL, beacon, self.control, None, ("clear", "none")
            ),
        ]


@recipe(
    "story",
    "A stolen vendor certificate at Exchange, LDAPS and SMTP submission, and a C2 server.",
    "The vendor raises no alert; the thief raises one at each door.",
)
def story(studio):
    company = Company(studio)
    scenes = company.at_exchange() + company.elsewhere() + company.everyday()
    scenes.sort(key=lambda scene: scene.connection.start_ns)
    made = take(scenes, args="-w watchlist.yaml -w sslbl.csv")
    made.beside = {
        "watchlist.yaml": WATCHLIST.format(vendor=company.vendor.digest()),
        "sslbl.csv": BLOCKLIST.format(control=company.control.digest("sha1")),
    }
    return made
