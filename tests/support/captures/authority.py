# SPDX-License-Identifier: Apache-2.0
"""Certificates for captures: a root, an intermediate, and whatever they are asked to sign. Names,
serial numbers and dates depend on what is asked for alone; only the keys are new each time."""

import base64
import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIG = """
[ca]
default_ca = here
[here]
dir = {folder}
database = $dir/index.txt
serial = $dir/serial
new_certs_dir = $dir/issued
default_md = sha256
policy = anything
unique_subject = no
email_in_dn = no
[anything]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[req]
distinguished_name = none
prompt = no
[none]
"""

EXTENSIONS = {
    "ca": "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n",
    "server": "basicConstraints=CA:false\nkeyUsage=digitalSignature,keyEncipherment\n"
    "extendedKeyUsage=serverAuth\n",
    "client": "basicConstraints=CA:false\nkeyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n",
}

KEYS = {
    "rsa": "RSA -pkeyopt rsa_keygen_bits:2048",
    "rsa3072": "RSA -pkeyopt rsa_keygen_bits:3072",
    "p256": "EC -pkeyopt ec_paramgen_curve:P-256",
    "p384": "EC -pkeyopt ec_paramgen_curve:P-384",
    "ed25519": "ED25519",
    "sm2": "EC -pkeyopt ec_paramgen_curve:SM2",
}

LEAF_DATES = ("20250101000000Z", "20350101000000Z")


def openssl(command, **options):
    """Runs openssl without the machine's configuration; what it says is shown when it fails."""
    arguments = ["openssl", *command.split()]
    for name, value in options.items():
        arguments += ["-" + name, str(value)]
    environment = dict(os.environ, OPENSSL_CONF="/dev/null")
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}:\n{done.stderr}")


@dataclass
class Certificate:
    key: Path
    pem: Path  # the certificate alone
    above: tuple  # its issuers, nearest first, as far as a server would send them

    def der(self):
        text = re.search(r"-----BEGIN CERTIFICATE-----(.*?)-----END", self.pem.read_text(), re.S)
        return base64.b64decode(text.group(1))

    def digest(self, name="sha256"):
        return hashlib.new(name, self.der()).hexdigest()

    def chain(self):
        return (self,) + self.above

    def above_pem(self):
        """A file with the issuers, for -cert_chain. None when there are none."""
        if not self.above:
            return None
        path = self.pem.with_suffix(".above")
        path.write_text("".join(c.pem.read_text() for c in self.above))
        return path

    def chain_pem(self):
        path = self.pem.with_suffix(".chain")
        path.write_text("".join(c.pem.read_text() for c in self.chain()))
        return path


class Authority:
    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / "issued").mkdir()
        (self.folder / "ca.cnf").write_text(CONFIG.format(folder=self.folder))
        self.made = {}
        self.root = self.issue(
            "root",
            "/O=Example Trust/CN=Example Root CA",
            "ca",
            key="p256",
            dates=("20200101000000Z", "20400101000000Z"),
        )
        self.issuing = self.issue(
            "issuing",
            "/O=Example Trust/CN=Example Issuing CA 1",
            "ca",
            key="p256",
            by=self.root,
            dates=("20220101000000Z", "20370101000000Z"),
        )

    def issue(
        self, name, subject, usage, key="p256", by=None, san=None, md="sha256", dates=LEAF_DATES
    ):
        """Issues a certificate, once for each name. Signed by itself when `by` is None."""
        if name in self.made:
            return self.made[name]
        key_path, pem = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        config = self.folder / "ca.cnf"
        openssl("genpkey -algorithm " + KEYS[key], out=key_path)
        openssl("req -new -utf8", key=key_path, subj=subject, out=request, config=config)
        extensions.write_text(EXTENSIONS[usage] + (f"subjectAltName={san}\n" if san else ""))
        (self.folder / "index.txt").write_text("")
        (self.folder / "serial").write_text(serial_of(name))
        signer = {"cert": by.pem, "keyfile": by.key} if by else {"keyfile": key_path}
        openssl(
            "ca -batch -notext -preserveDN" + ("" if by else " -selfsign"),
            **{"config": config, "in": request, "out": pem, "extfile": extensions, "md": md},
            **{"startdate": dates[0], "enddate": dates[1]},
            **signer,
        )
        self.made[name] = Certificate(key_path, pem, self.chain_above(by))
        return self.made[name]

    def chain_above(self, issuer):
        """What is sent with a certificate: its issuers, without the root."""
        if issuer is None or issuer is self.made.get("root"):
            return ()
        return (issuer,) + issuer.above

    def server(self, name, key="p256", subject=None, by=None, md="sha256"):
        return self.issue(
            name,
            subject or f"/C=US/O=Example Corporation/CN={name}",
            "server",
            key,
            by or self.issuing,
            f"DNS:{name}",
            md,
        )

    def client(self, name, key="p256", subject=None, by=None):
        return self.issue(
            name,
            subject or f"/C=US/O=Example Corporation/CN={name}",
            "client",
            key,
            by or self.issuing,
        )


def serial_of(name):
    """Sixteen bytes that depend on the name; positive, and never with a zero in front."""
    digest = bytearray(hashlib.sha256(name.encode()).digest()[:16])
    digest[0] = digest[0] & 0x7F | 0x40
    return digest.hex().upper()
