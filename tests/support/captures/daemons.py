# SPDX-License-Identifier: Apache-2.0
"""Real servers of Debian, each started with a configuration of its own in a folder of its own, on
ports of the loopback interface. They are only needed to make their captures anew."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from .endpoints import CLOCK, PATIENCE, Program, free_port  # noqa: F401


class Missing(Exception):
    """A server that is not installed."""


def program(name, *folders):
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ["PATH"], "/usr/sbin"]))
    if not found:
        raise Missing(f"{name} is not installed")
    return found


class Daemon(Program):
    """A server that listens on `port`."""

    def __init__(self, arguments, port, knock=True):
        # In a process namespace of its own: whatever it forks ends with it.
        super().__init__(["unshare", "--pid", "--fork", "--kill-child", *arguments])
        self.port = port
        if not knock:  # the first connection counts
            time.sleep(1)
            return
        until = time.monotonic() + 6 * PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        said = self.output.decode(errors="replace")
        self.stop()
        raise RuntimeError(f"{self.arguments}: does not listen\n{said}")


    def stop(self):
        pid = self.process.pid
        with suppress(FileNotFoundError, ProcessLookupError):  # it may just have ended by itself
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)  # the namespace's first, and so everything in it
        super().stop()


class House:
    """A folder for one server: configuration, keys, state."""

    def __init__(self, studio, name, certificate, owner="root"):
        self.folder = Path(studio.folder) / f"daemon-{name}"
        self.folder.mkdir(mode=0o755)
        Path(studio.folder).chmod(0o755)
        self.owner = pwd.getpwnam(owner)
        self.trust = self.put("trust.pem", Path(studio.trust).read_text())
        self.chain = self.put("chain.pem", Path(certificate.chain_pem()).read_text())
        self.key = self.put("key.pem", Path(certificate.key).read_text())
        self.above = self.put("above.pem", Path(certificate.above_pem()).read_text())
        self.leaf = self.put("leaf.pem", Path(certificate.pem).read_text())
        os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)

    def put(self, name, text, mode=0o600):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        return path

    def run(self, *arguments, **how):
        done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, **how)
        if done.returncode:
            raise RuntimeError(f"{arguments}:\n{done.stdout}{done.stderr}")


def postfix(house):
    """SMTP that asks clients for a certificate."""
    port = free_port()
    for folder in ("queue", "data"):
        (house.folder / folder).mkdir()
    who = pwd.getpwnam("postfix")
    os.chown(house.folder / "data", who.pw_uid, who.pw_gid)
    house.put(
        "main.cf",
        f"""compatibility_level = 3.6
queue_directory = {house.folder}/queue
data_directory = {house.folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /dev/stdout
maillog_file_prefixes = /dev
smtpd_tls_chain_files = {house.key} {house.chain}
smtpd_tls_CAfile = {house.trust}
smtpd_tls_security_level = may
smtpd_tls_ask_ccert = yes
smtpd_tls_session_cache_database =
tls_ssl_options = NO_TICKET
""",
        0o644,
    )
    services = """anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
"""
    house.put("master.cf", f"127.0.0.1:{port} inet n - n - - smtpd\n{services}", 0o644)
    return Daemon([program("postfix"), "-c", house.folder, "start-fg"], port)


def dovecot(house, protocol):
    """IMAP, POP3, ManageSieve or LMTP that ask clients for a certificate."""
    port = free_port()
    login = {"sieve": "managesieve-login"}.get(protocol, f"{protocol}-login")
    if protocol == "lmtp":
        login = "lmtp"
    listener = "sieve" if protocol == "sieve" else protocol
    others = {
        "imap-login": ["imaps"],
        "pop3-login": ["pop3s"],
        "managesieve-login": ["sieve_deprecated"],
    }.get(login, [])
    closed = "".join(f"  inet_listener {name} {{\n    port = 0\n  }}\n" for name in others)
    config = house.put(
        "dovecot.conf",
        f"""base_dir = {house.folder}/run
state_dir = {house.folder}/state
log_path = /dev/stderr
protocols = {protocol}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{house.chain}
ssl_key = <{house.key}
ssl_ca = <{house.trust}
ssl_verify_client_cert = yes
ssl_require_crl = no
ssl_options = no_ticket
auth_ssl_require_client_cert = no
lmtp_hdr_delivery_address = none
mail_location = maildir:{house.folder}/mail
service {login} {{
  chroot =
  inet_listener {listener} {{
    address = 127.0.0.1
    port = {port}
  }}
{closed}}}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={house.folder}/mail
}}
""",
        0o644,
    )
    return Daemon([program("dovecot"), "-F", "-c", config], port)


def slapd(house):
    """LDAP that asks clients for a certificate."""
    port = free_port()
    (house.folder / "db").mkdir()
    config = house.put(
        "slapd.conf",
        f"""include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {house.folder}/slapd.pid
TLSCertificateFile {house.chain}
TLSCertificateKeyFile {house.key}
TLSCACertificateFile {house.trust}
TLSVerifyClient allow
database mdb
suffix "dc=example,dc=org"
rootdn "cn=admin,dc=example,dc=org"
directory {house.folder}/db
""",
    )
    return Daemon(
        [program("slapd"), "-d", "0", "-f", config, "-h", f"ldap://127.0.0.1:{port}/"], port
    )


def vsftpd(house, announced=None):
    """FTP with AUTH TLS; data connections are announced at another address, if that is given, and
    must resume the control connection's session."""
    port = free_port()
    data = free_port()
    pem = house.put("both.pem", house.chain.read_text() + house.key.read_text())
    config = house.put(
        "vsftpd.conf",
        f"""listen=YES
background=NO
listen_address=127.0.0.1
listen_port={port}
anonymous_enable=YES
allow_anon_ssl=YES
ssl_enable=YES
rsa_cert_file={pem}
ca_certs_file={house.trust}
ssl_request_cert=YES
validate_cert=NO
anon_root=/var/empty
secure_chroot_dir=/var/empty
pasv_min_port={data}
pasv_max_port={data}
require_ssl_reuse=YES
"""
        + (f"pasv_address={announced}\n" if announced else ""),
    )
    Path("/var/empty").mkdir(exist_ok=True)
    # Who comes while the child of an earlier visitor ends is hung up on: nobody knocks before.
    server = Daemon([program("vsftpd"), config], port, knock=False)
    server.data_port = data
    return server


def nnrpd(house):
    """INN's reader of news, on its own; it asks nobody for a certificate."""
    port = free_port()
    for folder in ("db", "run", "etc", "tmp", "log"):
        (house.folder / folder).mkdir()
        os.chown(house.folder / folder, house.owner.pw_uid, house.owner.pw_gid)
    house.put("db/active", "example.test 0000000000 0000000001 y\n", 0o644)
    house.put("db/newsgroups", "example.test\tNews of tests\n", 0o644)
    house.put("etc/storage.conf", "method tradspool {\n newsgroups: *\n class: 0\n}\n", 0o644)
    house.put(
        "etc/readers.conf",
        'auth "all" {\n hosts: "*"\n default: "somebody"\n}\n'
        'access "all" {\n users: "*"\n newsgroups: "*"\n access: R\n}\n',
        0o644,
    )
    config = house.put(
        "etc/inn.conf",
        f"""mta: "/bin/false %s"
organization: Example
fromhost: news.example.org
domain: example.org
pathhost: news.example.org
pathnews: /usr/lib/news
pathdb: {house.folder}/db
pathetc: {house.folder}/etc
pathrun: {house.folder}/run
pathtmp: {house.folder}/tmp
pathlog: {house.folder}/log
pathspool: {house.folder}
hismethod: hisv6
nnrpdloadlimit: 0
enableoverview: true
ovmethod: tradindexed
pathoverview: {house.folder}/db
tlscafile: {house.above}
tlscertfile: {house.chain}
tlskeyfile: {house.key}
""",
        0o644,
    )
    made = dict(os.environ, INNCONF=str(config))
    index = [program("makehistory", "/usr/lib/news/bin"), "-O", "-x", "-F"]
    house.run(*index, env=made, cwd=house.folder, user=house.owner.pw_uid, group=house.owner.pw_gid)
    reader = program("nnrpd", "/usr/lib/news/bin")
    return Daemon(
        ["env", f"INNCONF={config}", reader, "-D", "-f", "-4", "127.0.0.1", "-p", str(port)], port
    )


def prosody(house):
    """XMPP for clients; the server's own name is example.org."""
    port = free_port()
    (house.folder / "data").mkdir()
    config = house.put(
        "prosody.cfg.lua",
        f"""run_as_root = true
daemonize = false
data_path = "{house.folder}/data"
pidfile = "{house.folder}/prosody.pid"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
s2s_ports = {{ }}
http_ports = {{ }}
https_ports = {{ }}
modules_enabled = {{ "tls", "saslauth", "disco" }}
modules_disabled = {{ "s2s" }}
ssl = {{
  key = "{house.key}", certificate = "{house.chain}", cafile = "{house.trust}",
  verify = {{ "peer" }}, options = {{ "no_ticket" }}
}}
VirtualHost "example.org"
""",
    )
    return Daemon([program("prosody"), "--config", config, "-F"], port)


def inspircd(house):
    """IRC with the STARTTLS command (package inspircd)."""
    port = free_port()
    config = house.put(
        "inspircd.conf",
        f"""<server name="irc.example.org" description="test" id="001" network="Example">
<admin name="a" nick="a" email="a@example.org">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" resolvehostnames="no" useident="no">
<module name="ssl_gnutls">
<module name="starttls">
<sslprofile name="clients" provider="gnutls" certfile="{house.chain}" keyfile="{house.key}"
  cafile="{house.trust}" requestclientcert="yes" priority="NORMAL">
<log method="stdout" type="* -USERINPUT -USEROUTPUT" level="default" target="-">
<pid file="{house.folder}/inspircd.pid">
<path configdir="{house.folder}" datadir="{house.folder}" logdir="{house.folder}">
<options starttlsprofile="clients">
""",
    )
    return Daemon(
        [program("inspircd"), "--nofork", "--runasroot", "--nolog", "--config", config], port
    )


def postgresql(house):
    """PostgreSQL that asks clients for a certificate."""
    port = free_port()
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    initdb = program("initdb", *map(str, binaries[-1:]))
    server = program("postgres", *map(str, binaries[-1:]))
    data = house.folder / "data"
    as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    house.run(*as_owner, initdb, "-D", data, "-A", "trust", cwd=house.folder)
    return Daemon(
        [
            *as_owner,
            server,
            *("-D", data, "-p", port, "-h", "127.0.0.1", "-k", house.folder),
            *("-c", "ssl=on", "-c", f"ssl_cert_file={house.chain}"),
            *("-c", f"ssl_key_file={house.key}", "-c", f"ssl_ca_file={house.trust}"),
        ],
        port,
    )


def mariadb(house):
    """MariaDB, whose clients may show a certificate."""
    port = free_port()
    data = house.folder / "data"
    house.run(
        program("mariadb-install-db"),
        *("--no-defaults", f"--datadir={data}", "--user=mysql", "--skip-test-db"),
    )
    return Daemon(
        [
            program("mariadbd"),
            *("--no-defaults", f"--datadir={data}", "--user=mysql", f"--port={port}"),
            *("--bind-address=127.0.0.1", f"--socket={house.folder}/socket", "--skip-grant-tables"),
            *("--skip-networking=0", f"--pid-file={house.folder}/pid"),
            *(f"--ssl-cert={house.chain}", f"--ssl-key={house.key}", f"--ssl-ca={house.trust}"),
        ],
        port,
    )


def xrdp(house):
    """RDP with TLS security."""
    port = free_port()
    config = house.put(
        "xrdp.ini",
        f"""[Globals]
ini_version=1
fork=false
port=tcp://127.0.0.1:{port}
security_layer=tls
crypt_level=high
certificate={house.chain}
key_file={house.key}
ssl_protocols=TLSv1.2
autorun=
[Logging]
LogFile={house.folder}/xrdp.log
LogLevel=INFO
EnableSyslog=false
[Xorg]
name=Xorg
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
""",
        0o644,
    )
    return Daemon([program("xrdp"), "--nodaemon", "--config", config], port)


def nginx(house, proxied=False):
    """HTTPS that asks clients for a certificate; behind a proxy that says for whom it speaks."""
    port = free_port()
    config = house.put(
        "nginx.conf",
        f"""daemon off;
master_process off;
pid {house.folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {house.folder}/a;
  proxy_temp_path {house.folder}/b;
  fastcgi_temp_path {house.folder}/c;
  uwsgi_temp_path {house.folder}/d;
  scgi_temp_path {house.folder}/e;
  server {{
    listen 127.0.0.1:{port} ssl {"proxy_protocol" if proxied else ""};
    server_name mail.example.org;
    ssl_certificate {house.chain};
    ssl_certificate_key {house.key};
    ssl_client_certificate {house.trust};
    ssl_verify_client optional;
    ssl_verify_depth 3;
    ssl_session_tickets off;
    location / {{ return 200 "hello\\n"; }}
  }}
}}
""",
        0o644,
    )
    return Daemon([program("nginx"), "-c", config, "-e", "stderr"], port, knock=not proxied)


def haproxy(house, backend, how="send-proxy-v2"):
    """A proxy in front of `backend` that says in a PROXY header for whom it speaks."""
    port = free_port()
    config = house.put(
        "haproxy.cfg",
        f"""defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen front
  bind 127.0.0.1:{port}
  server back 127.0.0.1:{backend} {how}
""",
        0o644,
    )
    return Daemon([program("haproxy"), "-db", "-f", config], port, knock=False)


def squid(house):
    """A proxy for HTTP CONNECT."""
    port = free_port()
    config = house.put(
        "squid.conf",
        f"""http_port 127.0.0.1:{port}
acl all_ports port 0-65535
http_access allow all
access_log none
cache_log {house.folder}/cache.log
pid_filename {house.folder}/squid.pid
coredump_dir {house.folder}
cache_effective_user proxy
shutdown_lifetime 0 seconds
logfile_rotate 0
pinger_enable off
""",
        0o644,
    )
    who = pwd.getpwnam("proxy")
    os.chown(house.folder, who.pw_uid, who.pw_gid)
    return Daemon([program("squid"), "-N", "-f", config, "-d", "1"], port)


def dante(house):
    """A SOCKS proxy."""
    port = free_port()
    config = house.put(
        "danted.conf",
        f"""logoutput: stderr
internal: 127.0.0.1 port = {port}
external: lo
user.privileged: root
user.unprivileged: nobody
clientmethod: none
socksmethod: none
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
""",
        0o644,
    )
    return Daemon([program("danted"), "-f", config], port)


@contextmanager
def running(daemon):
    try:
        yield daemon
    finally:
        daemon.stop()


__all__ = ["CLOCK", "House", "Missing", "free_port", "program", "running"]
