# SPDX-License-Identifier: Apache-2.0
"""A machine with a kernel of Debian's, for captures that want drivers which the kernel here may not have.
qemu boots it; it sees the files of this machine, to read only, and the studio's folder; and it runs
one function of these recipes. Wants root and the packages qemu-system-x86, busybox-static, kmod and
linux-image-amd64 (not the one for clouds, which has no such drivers)."""

import lzma
import os
import pickle
import re
import shlex
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path

from . import daemons
from .endpoints import Program

MODULES, KERNELS = Path("/lib/modules"), Path("/boot")
FILES = ("virtio_pci", "9pnet_virtio", "9p")  # the modules that it takes to see them
SUPPORT = Path(__file__).resolve().parent.parent
PATIENCE = 300  # a machine is slow: KVM is not the same everywhere, so it does without

INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
for module in /modules/*; do /bin/busybox insmod $module; done
files=trans=virtio,version=9p2000.L,msize=262144
/bin/busybox mount -t 9p -o ro,cache=loose,$files machine /root
cd /root
/bin/busybox mount -t devtmpfs dev dev
/bin/busybox mkdir -p dev/pts
/bin/busybox mount -t devpts pts dev/pts
/bin/busybox mount -t proc proc proc
/bin/busybox mount -t sysfs sys sys
for folder in run etc/ppp; do /bin/busybox mount -t tmpfs tmp $folder; done
/bin/busybox mount -t 9p -o rw,$files folder .{folder}
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={support}
exec /bin/busybox switch_root /root {python} -m captures.guest {folder}
"""


class Kernel:
    """The newest kernel here that has the modules."""

    def __init__(self, modules):
        for path in sorted(MODULES.glob("*"), key=version_of, reverse=True):
            self.release, self.image = path.name, KERNELS / f"vmlinuz-{path.name}"
            if self.image.exists() and None not in map(self.files, [*FILES, *modules]):
                return
        wanted = " ".join(modules)
        raise daemons.Missing(f"no kernel with {wanted} (package linux-image-amd64) is installed")

    def files(self, module):
        """The files of a module and of what it needs, in their order; None when there is no such module."""
        asking = [daemons.program("modprobe", "/sbin"), "-S", self.release, "--show-depends", module]
        done = subprocess.run(asking, capture_output=True, text=True)
        return None if done.returncode else re.findall(r"^insmod (\S+)", done.stdout, re.M)


def version_of(path):
    return [int(number) for number in re.findall(r"\d+", path.name)]


def archive(files):
    """An initial file system: a cpio archive in the format that kernels want (initramfs buffer format)."""
    out = bytearray()
    folders = sorted({str(p) for name in files for p in Path(name).parents if str(p) != "."})
    entries = [(name, 0o040755, b"") for name in folders]
    entries += [(name, 0o100755, content) for name, content in files.items()]
    for name, mode, content in [*entries, ("TRAILER!!!", 0, b"")]:
        size, named = len(content), name.encode() + b"\0"
        fields = (0, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(named), 0)
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + named
        out += bytes(-len(out) % 4) + content + bytes(-size % 4)
    return bytes(out)


def first_files(kernel, init):
    """What the kernel begins with: just enough to see the other files."""
    modules = dict.fromkeys(path for module in FILES for path in kernel.files(module))
    files = {"init": init.encode(), "dev/.": b"", "root/.": b""}
    files["bin/busybox"] = Path(daemons.program("busybox", "/bin")).read_bytes()
    for number, path in enumerate(modules):
        content = Path(path).read_bytes()
        files[f"modules/{number:02}"] = lzma.decompress(content) if path.endswith("xz") else content
    return archive(files)


def in_guest(studio, modules, function, *arguments, **options):
    """What the function gives, called in a machine whose kernel has the modules. There /etc/ppp and /run
    are empty folders, and nothing outside them and the studio's can be changed."""
    kernel, folder = Kernel(modules), Path(studio.folder)
    where = {"folder": shlex.quote(str(folder)), "support": shlex.quote(str(SUPPORT))}
    init = INIT.format(python=shlex.quote(sys.executable), **where)
    (folder / "initrd").write_bytes(first_files(kernel, init))
    (folder / "task").write_bytes(pickle.dumps((modules, function, arguments, options)))
    outcome = folder / "outcome"
    outcome.unlink(missing_ok=True)
    shared = "local,security_model=none,multidevs=remap"
    machine = Program([
        *(daemons.program("qemu-system-x86_64"), "-accel", "tcg", "-m", "512"),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio"),
        *("-kernel", kernel.image, "-initrd", folder / "initrd"),
        *("-append", "console=ttyS0 quiet panic=-1"),
        *("-virtfs", f"{shared},path=/,mount_tag=machine,readonly=on"),
        *("-virtfs", f"{shared},path={folder},mount_tag=folder"),
    ])  # fmt: skip
    with machine:
        machine.await_text(rb"\Z(?!)", PATIENCE)  # its end
    if not outcome.exists():
        raise RuntimeError(machine.output.decode(errors="replace"))
    return pickle.loads(outcome.read_bytes())


def inside(folder):
    """The machine's one program. It ends with the machine."""
    try:
        modules, function, arguments, options = pickle.loads((folder / "task").read_bytes())
        subprocess.run(["modprobe", "-a", *modules], check=True)
        socket.sethostname("guest")
        outcome = pickle.dumps(function(*arguments, **options))
        (folder / "outcome").write_bytes(outcome)
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    os.sync()
    Path("/proc/sysrq-trigger").write_text("o")
    signal.pause()


if __name__ == "__main__":
    inside(Path(sys.argv[1]))
