# SPDX-License-Identifier: Apache-2.0
"""Crowds of client certificates, whose lengths differ as those of real ones do: by names, addresses, keys,
signatures and what authorities put into extensions."""

import random
import subprocess
from base64 import b64decode
from pathlib import Path

from .players import Identity

SYLLABLES = "ka lo mi ren tas vel dor an er is ton bach stein wood ford la ra no sen ova".split()
KEYS = {
    "p256": ["EC", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "ec_paramgen_curve:P-384"],
    "rsa2048": ["RSA", "rsa_keygen_bits:2048"],
    "rsa3072": ["RSA", "rsa_keygen_bits:3072"],
}
KEY_SHARES = {"rsa2048": 60, "p256": 30, "rsa3072": 5, "p384": 5}  # of a hundred


def run(*arguments):
    subprocess.run([str(a) for a in arguments], check=True, capture_output=True)


def word(dice, least=2, most=4):
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.randint(least, most))).capitalize()


def size(pem):
    return len(b64decode("".join(line for line in pem.read_text().split("\n") if line[:1] != "-")))


class Crowd:
    """`one_authority`: all are issued by the same one, in the same way."""

    def __init__(self, folder, one_authority):
        self.folder = Path(folder)
        self.config = self.folder / "openssl.cnf"
        self.config.write_text("[req]\ndistinguished_name = none\nprompt = no\n[none]\n")
        self.dice = random.Random(8446)
        self.keys = {kind: self.key(kind) for kind in KEYS}
        self.database = self.folder / "nss"
        self.database.mkdir()
        run("certutil", "-N", "--empty-password", "-d", f"sql:{self.database}")
        self.root = self.folder / "root.pem"
        self.issue(self.root, "p256", "/CN=Example Root", ["basicConstraints=critical,CA:true"])
        self.habits = [self.habit(i) for i in range(1 if one_authority else 30)]

    def key(self, kind):
        path = self.folder / f"{kind}.key"
        algorithm, option = KEYS[kind]
        run("openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", path)
        return path

    def issue(self, pem, kind, subject, extensions, *by):
        added = (part for e in extensions for part in ("-addext", e))
        run("openssl", "req", "-config", self.config, "-x509", "-new", "-key", self.keys[kind],
            "-subj", subject, "-out", pem, *added, *by)

    def habit(self, number):
        """An authority: who it is, what it puts into each certificate."""
        name, pem = word(self.dice), self.folder / f"authority-{number}.pem"
        kind = self.dice.choice(("rsa2048", "p256"))
        subject = f"/C=US/O={name} {word(self.dice)} Inc/CN={name} Users {self.dice.choice('G1 G2 CA'.split())}"
        extensions = ["basicConstraints=critical,CA:true"]
        self.issue(pem, kind, subject, extensions, "-CA", self.root, "-CAkey", self.keys["p256"])
        host = f"pki.{name.lower()}.example"
        possible = [
            f"crlDistributionPoints=URI:http://{host}/{word(self.dice)}.crl",
            f"authorityInfoAccess=OCSP;URI:http://ocsp.{host},caIssuers;URI:http://{host}/ca.cer",
            "certificatePolicies=1.3.6.1.4.1.99999.1.2",
            "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=clientAuth,emailProtection",
        ]
        extensions = self.dice.sample(possible, self.dice.randint(1, len(possible)))
        return {"name": name, "pem": pem, "key": self.keys[kind], "extensions": extensions,
                "kind": self.kind()}

    def kind(self):
        return self.dice.choices(list(KEY_SHARES), KEY_SHARES.values())[0]

    def member(self, number):
        habit = self.dice.choice(self.habits)
        given, family = word(self.dice, 1, 3), word(self.dice)
        domain = f"{habit['name'].lower()}.example"
        pem, nickname = self.folder / f"member-{number}.pem", f"member{number}"
        extensions = [*habit["extensions"], f"subjectAltName=email:{given}.{family}@{domain}"]
        subject = f"/C=US/O={habit['name']}/CN={given} {family}"
        self.issue(pem, habit["kind"], subject, extensions, "-CA", habit["pem"], "-CAkey", habit["key"])
        key = self.keys[habit["kind"]]
        leaf = size(pem) + 5
        length = leaf + size(habit["pem"]) + 5
        pem.write_text(pem.read_text() + habit["pem"].read_text())
        pkcs12 = self.folder / f"{nickname}.p12"
        run("openssl", "pkcs12", "-export", "-name", nickname, "-passout", "pass:password",
            "-in", pem, "-inkey", key, "-out", pkcs12)
        run("pk12util", "-i", pkcs12, "-d", f"sql:{self.database}", "-W", "password", "-K", "")
        return Identity(pem, None, key, pkcs12, length, leaf, self.database, nickname)


