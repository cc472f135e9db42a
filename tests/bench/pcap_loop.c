/* SPDX-License-Identifier: Apache-2.0
 *
 * The yardstick of the benchmarks: reads a capture file with libpcap's own loop and looks at the
 * headers of each packet, nothing more. What it takes is the price of having packets at all.
 */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

struct tally {
    uint64_t packets;
    uint64_t tcp;
    uint64_t ports; /* a sum, so that the compiler must read them */
};

static void
look(u_char *owner, const struct pcap_pkthdr *head, const u_char *at)
{
    struct tally *tally = (struct tally *)(void *)owner;
    struct reader r = reader_over(bytes_of(at, head->caplen));

    tally->packets++;
    read_bytes(&r, 12);
    if (read_u16(&r) != 0x0800)
        return;
    uint8_t first = read_u8(&r);
    read_bytes(&r, 8);
    if (read_u8(&r) != 6)
        return;
    read_bytes(&r, 10 + 4u * (first & 15u) - 20);
    uint16_t from = read_u16(&r), to = read_u16(&r);
    tally->tcp += !r.bad;
    tally->ports += (uint64_t)from + to;
}

int
main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE] = "usage: pcap_loop FILE";
    struct tally tally = {0};

    pcap_t *file = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
    if (!file || pcap_loop(file, 0, look, (u_char *)&tally) < 0) {
        fprintf(stderr, "pcap_loop: %s\n", file ? pcap_geterr(file) : error);
        return 1;
    }
    printf("%llu packets, %llu TCP, ports %llx\n", (unsigned long long)tally.packets,
        (unsigned long long)tally.tcp, (unsigned long long)tally.ports);
    pcap_close(file);
    return 0;
}
