/* SPDX-License-Identifier: Apache-2.0
 *
 * The `stats` event: Suricata's counters as far as they mean the same here, and all columns of
 * stats.log under `certtap`.
 */
#include "feed/eve.h"
#include "feed/json_text.h"

#define AT(field) offsetof(struct statistics, field)

/* A counter of Suricata, by the object it stands in ("a.b" is b in a). */
static const struct counter {
    const char *object;
    const char *name;
    size_t offset; /* of a uint64_t in struct statistics */
} counters[] = {
    {"decoder", "pkts", AT(source.frames)},
    {"decoder", "bytes", AT(source.bytes)},
    {"decoder", "invalid", AT(peeled[PEEL_MALFORMED])},
    {"tcp", "sessions", AT(tracker.tcp_flows)},
    {"tcp", "invalid_checksum", AT(tracker.bad_checksum)},
    {"tcp", "reassembly_gap", AT(tracker.gaps)},
    {"tcp", "overlap_diff_data", AT(tracker.overlap_conflicts)},
    {"tcp", "segment_memcap_drop", AT(tracker.stream_shed)},
    {"flow", "total", AT(tracker.flows)},
    {"flow", "active", AT(open_flows)},
    {"flow", "tcp", AT(tracker.tcp_flows)},
    {"flow", "udp", AT(tracker.udp_flows)},
    {"flow", "memcap", AT(tracker.shed)},
    {"flow", "memuse", AT(memory_used)},
    {"defrag", "max_frag_hits", AT(fragments.given_up)},
    {"detect", "alert", AT(alerts)},
    {"detect", "alerts_suppressed", AT(alerts_suppressed)},
};

static void
add_counters(struct text *out, const struct statistics *s)
{
    const char *open = NULL;
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        const struct counter *c = &counters[i];
        if (!open || strcmp(open, c->object) != 0) {
            if (open)
                json_close(out, '}');
            json_open(out, c->object, '{');
            open = c->object;
        }
        json_number(out, c->name, *(const uint64_t *)((const char *)s + c->offset));
    }
    json_close(out, '}');
}

static void
add_application_layer(struct text *out, const struct statistics *s)
{
    json_open(out, "app_layer", '{');
    json_open(out, "flow", '{');
    json_number(out, "tls", s->sessions);
    json_close(out, '}');
    json_close(out, '}');
}

/* Only where a kernel can drop something: in live work. */
static void
add_capture(struct text *out, const struct statistics *s)
{
    json_open(out, "capture", '{');
    json_number(
        out, "kernel_packets", s->source.frames + s->source.kernel_dropped + s->source.filtered);
    json_number(out, "kernel_drops", s->source.kernel_dropped);
    json_number(out, "errors", 0);
    json_close(out, '}');
}

void
eve_statistics(struct eve *eve, const struct stats_row *row, int64_t now)
{
    struct text *out = &eve->event;
    int64_t since_ns = row->s.ts_ns - eve->began_ns;
    eve_begin(eve, &(struct eve_envelope){.type = "stats", .ts_us = row->ts.us});
    json_open(out, "stats", '{');
    json_number(out, "uptime", since_ns > 0 ? (uint64_t)since_ns / 1000000000 : 0);
    if (eve->output.place->live)
        add_capture(out, &row->s);
    add_counters(out, &row->s);
    add_application_layer(out, &row->s);
    json_open(out, "certtap", '{');
    json_columns(out, &stats_log, 1, row);
    json_close(out, '}');
    json_close(out, '}');
    eve_end(eve, now);
}
