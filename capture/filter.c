/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>

enum { SNAP_LEN = 256 << 10 }; /* what a matching frame is cut to; only that it is not 0 matters */

struct program {
    bool good;
    struct bpf_program code;
};

struct filter {
    char *expression;
    struct program *programs[UINT16_MAX + 1]; /* by link type; pages of it that nobody uses cost
                                                 nothing */
};

/* Link types in files that libpcap numbers otherwise on Linux. The first row of a DLT_ counts when
 * the way is from there. */
static const struct renumbered {
    uint16_t link;
    int dlt;
} renumbered[] = {
    {100, DLT_ATM_RFC1483}, {101, DLT_RAW}, {106, DLT_ATM_CLIP},
    {14, DLT_RAW}, /* raw IP, as OpenBSD writes it */
};

static int
dlt_of_link(uint16_t link)
{
    for (size_t i = 0; i < sizeof renumbered / sizeof *renumbered; i++)
        if (renumbered[i].link == link)
            return renumbered[i].dlt;
    return link;
}

uint16_t
filter_link_of_dlt(int dlt)
{
    for (size_t i = 0; i < sizeof renumbered / sizeof *renumbered; i++)
        if (renumbered[i].dlt == dlt)
            return renumbered[i].link;
    return (uint16_t)dlt;
}

static bool
compile(const char *expression, int dlt, struct bpf_program *code, struct fault *why)
{
    pcap_t *pcap = pcap_open_dead(dlt, SNAP_LEN);
    if (!pcap)
        return fault_set(why, "filter '%s': no memory", expression);
    bool good = pcap_compile(pcap, code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!good)
        fault_set(why, "filter '%s': %s", expression, pcap_geterr(pcap));
    pcap_close(pcap);
    return good;
}

bool
source_check_filter(const char *filter, struct fault *why)
{
    static const int usual[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL,
        DLT_IEEE802_11, DLT_IEEE802_11_RADIO};
    struct fault first = {0};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        struct bpf_program code;
        if (compile(filter, usual[i], &code, &first)) {
            pcap_freecode(&code);
            return true;
        }
    }
    return fault_set(why, "%s", first.text);
}

struct filter *
filter_new(const char *expression, struct fault *why)
{
    if (!source_check_filter(expression, why))
        return NULL;
    struct filter *filter = calloc(1, sizeof *filter);
    if (filter)
        filter->expression = strdup(expression);
    if (filter && filter->expression)
        return filter;
    free(filter);
    fault_set(why, "filter '%s': no memory", expression);
    return NULL;
}

static struct program *
program_new(const struct filter *filter, uint16_t link)
{
    struct program *program = calloc(1, sizeof *program);
    struct fault unused = {0};
    if (program)
        program->good = compile(filter->expression, dlt_of_link(link), &program->code, &unused);
    return program;
}

bool
filter_wants(struct filter *filter, const struct frame *frame)
{
    struct program **program = &filter->programs[frame->link];
    if (!*program)
        *program = program_new(filter, frame->link);
    if (!*program || !(*program)->good)
        return false;
    struct pcap_pkthdr header = {
        .caplen = (bpf_u_int32)frame->bytes.len, .len = (bpf_u_int32)frame->wire_len};
    return pcap_offline_filter(&(*program)->code, &header, frame->bytes.at) != 0;
}

void
filter_free(struct filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i <= UINT16_MAX; i++) {
        if (filter->programs[i] && filter->programs[i]->good)
            pcap_freecode(&filter->programs[i]->code);
        free(filter->programs[i]);
    }
    free(filter->expression);
    free(filter);
}
