#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The end of a tunnel of IP in IP (RFC 2003, 2473, 4213), for kernels that have none: what comes out of
a TUN interface goes as it is into packets of an IP protocol, and the other way round.

usage: ip_in_ip.py INTERFACE PROTOCOL OWN-ADDRESS OTHER-ADDRESS"""

import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
MOST = 65536


def main(interface, protocol, own, other):
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", interface.encode(), IFF_TUN | IFF_NO_PI))
    family = socket.AF_INET6 if ":" in own else socket.AF_INET
    wire = socket.socket(family, socket.SOCK_RAW, int(protocol))
    wire.bind((own, 0))
    print("ready", flush=True)
    while True:
        for ready in select.select([tun, wire], [], [])[0]:
            if ready == tun:
                wire.sendto(os.read(tun, MOST), (other, 0))
                continue
            packet = wire.recv(MOST)
            header = 4 * (packet[0] & 15) if family == socket.AF_INET else 0
            os.write(tun, packet[header:])


if __name__ == "__main__":
    main(*sys.argv[1:])
