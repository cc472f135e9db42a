/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames off a network interface, by libpcap: on Linux a ring of blocks that is shared with the
 * kernel (TPACKET_V3). The handle never blocks; whoever asks waits for source_descriptor().
 */
#include "capture/source_kind.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <sys/ioctl.h>

enum {
    BLOCK_TIMEOUT_MS = 100, /* how long the kernel may hold back a block that is not full */
    SNAP_LEN_MOST = 256 << 10,
};

struct live_source {
    struct source source;
    pcap_t *pcap;
    uint16_t link;
    unsigned index;      /* of the interface, whatever its name is by now; 0: it has none ("any") */
    int32_t fraction_ns; /* what one unit of a timestamp's fraction is worth */
    uint32_t kernel_dropped, device_dropped; /* libpcap's counters, as last seen; they wrap */
};

static enum source_step
live_next(struct source *source, struct frame *frame)
{
    struct live_source *live = (struct live_source *)source;
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int result = pcap_next_ex(live->pcap, &header, &bytes);
    if (result == 0)
        return SOURCE_QUIET;
    if (result != 1) {
        fault_set(&source->fault, "interface %s: %s", source->name, pcap_geterr(live->pcap));
        return SOURCE_BROKEN;
    }
    frame->ts_ns =
        (int64_t)header->ts.tv_sec * 1000000000 + (int64_t)header->ts.tv_usec * live->fraction_ns;
    frame->bytes = bytes_of(bytes, header->caplen);
    frame->wire_len = header->len > header->caplen ? header->len : header->caplen;
    frame->link = live->link;
    return SOURCE_FRAME;
}

/* What a 32-bit counter has gone on since it was last seen. One that went back counts as nothing:
 * the device's counters vanish with the device, or behind a sandbox. */
static uint64_t
advance(uint32_t *last, uint32_t now)
{
    uint32_t more = now - *last;
    *last = now;
    return more <= INT32_MAX ? more : 0;
}

static void
live_refresh_counts(struct source *source)
{
    struct live_source *live = (struct live_source *)source;
    struct pcap_stat now;
    if (pcap_stats(live->pcap, &now) != 0)
        return;
    source->counts.kernel_dropped += advance(&live->kernel_dropped, now.ps_drop);
    source->counts.device_dropped += advance(&live->device_dropped, now.ps_ifdrop);
}

static void
live_progress(const struct source *source, uint64_t *done, uint64_t *total)
{
    (void)source;
    *done = *total = 0;
}

static int
live_descriptor(const struct source *source)
{
    return pcap_get_selectable_fd(((const struct live_source *)source)->pcap);
}

static enum source_link
live_link(const struct source *source)
{
    const struct live_source *live = (const struct live_source *)source;
    enum { WORKS = IFF_UP | IFF_RUNNING };
    struct ifreq request = {.ifr_ifindex = (int)live->index};
    int fd = live_descriptor(source);
    if (live->index == 0 || fd < 0)
        return SOURCE_LINK_UP;
    if (ioctl(fd, SIOCGIFNAME, &request) != 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0)
        return errno == ENODEV || errno == ENXIO ? SOURCE_LINK_GONE : SOURCE_LINK_UP;
    return (request.ifr_flags & WORKS) == WORKS ? SOURCE_LINK_UP : SOURCE_LINK_DOWN;
}

static bool
live_secrets(struct source *source, struct bytes *key_log)
{
    (void)source;
    (void)key_log;
    return false;
}

static void
live_close(struct source *source)
{
    struct live_source *live = (struct live_source *)source;
    if (live->pcap)
        pcap_close(live->pcap);
    free(live);
}

static const struct source_kind live_kind = {
    .next = live_next,
    .refresh_counts = live_refresh_counts,
    .progress = live_progress,
    .descriptor = live_descriptor,
    .link = live_link,
    .secrets = live_secrets,
    .close = live_close,
};

static bool
explain(const char *name, int result, pcap_t *pcap, struct fault *why)
{
    switch (result) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return fault_set(why, "interface %s: no such device", name);
    case PCAP_ERROR_PERM_DENIED:
        return fault_set(why, "interface %s: no permission to capture: needs CAP_NET_RAW", name);
    case PCAP_ERROR_IFACE_NOT_UP:
        return fault_set(why, "interface %s: is not up", name);
    default:
        break;
    }
    const char *text = pcap_geterr(pcap);
    return fault_set(why, "interface %s: %s", name, *text ? text : pcap_statustostr(result));
}

static int
bounded(uint32_t value, uint32_t otherwise, uint32_t most)
{
    uint32_t chosen = value ? value : otherwise;
    return (int)(chosen < most ? chosen : most);
}

static bool
activate(struct live_source *live, const struct live_options *options, struct fault *why)
{
    pcap_t *pcap = live->pcap;
    pcap_set_snaplen(pcap, bounded(options->snap_len, SNAP_LEN_MOST, SNAP_LEN_MOST));
    pcap_set_promisc(pcap, options->promiscuous);
    pcap_set_timeout(pcap, BLOCK_TIMEOUT_MS);
    if (options->buffer_bytes)
        pcap_set_buffer_size(pcap, bounded(options->buffer_bytes, 0, INT_MAX));
    pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO); /* asked for below */

    int result = pcap_activate(pcap); /* above 0: a warning, such as of no promiscuous mode */
    if (result < 0)
        return explain(live->source.name, result, pcap, why);
    live->fraction_ns = pcap_get_tstamp_precision(pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
    live->link = filter_link_of_dlt(pcap_datalink(pcap));
    return true;
}

/* The kernel applies the filter, so that what it refuses costs us nothing. */
static bool
set_filter(struct live_source *live, const char *filter, struct fault *why)
{
    struct bpf_program code;
    if (!filter)
        return true;
    if (pcap_compile(live->pcap, &code, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return fault_set(why, "filter '%s': %s", filter, pcap_geterr(live->pcap));
    bool good = pcap_setfilter(live->pcap, &code) == 0;
    pcap_freecode(&code);
    if (!good)
        fault_set(why, "interface %s: %s", live->source.name, pcap_geterr(live->pcap));
    return good;
}

static bool
open_interface(struct live_source *live, const char *filter, const struct live_options *options,
    struct fault *why)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    live->pcap = pcap_create(live->source.name, text);
    if (!live->pcap)
        return fault_set(why, "interface %s: %s", live->source.name, text);
    live->index = if_nametoindex(live->source.name);
    if (!activate(live, options, why) || !set_filter(live, filter, why))
        return false;
    if (pcap_setnonblock(live->pcap, 1, text) != 0)
        return fault_set(why, "interface %s: %s", live->source.name, text);
    return true;
}

struct source *
source_open_live(const char *interface, const char *filter, const struct live_options *options,
    struct fault *why)
{
    struct live_source *live = calloc(1, sizeof *live);
    if (!live) {
        fault_set(why, "interface %s: no memory", interface);
        return NULL;
    }
    if (source_begin(&live->source, &live_kind, interface, NULL, why) &&
        open_interface(live, filter, options, why))
        return &live->source;
    source_close(&live->source);
    return NULL;
}
