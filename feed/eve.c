/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/eve.h"

#include "feed/json_text.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

enum { FINGERPRINT_BYTES = 4 << 20 };

/* An event is made before it is written: the row of this log is its text. */
static void
write_event(struct text *out, const struct log *log, const void *row)
{
    const struct text *event = row;
    (void)log;
    text_add(out, text_bytes(event));
    text_add_char(out, '\n');
}

const struct log eve_log = {.name = "eve", .row_size = sizeof(struct text)};
static const struct writer eve_writer = {.name = "eve", .ending = "json", .row = write_event};

struct eve *
eve_new(struct output_place *place, const struct eve_options *options)
{
    struct eve *eve = calloc(1, sizeof *eve);
    if (!eve)
        abort();
    eve->output = output_new(place, &eve_log, &eve_writer, eve_writer.ending);
    eve->options = *options;
    eve->pool.limit = FINGERPRINT_BYTES;
    eve->fingerprinter = fingerprinter_new(&eve->pool);
    if (!eve->fingerprinter)
        abort();
    return eve;
}

void
eve_free(struct eve *eve)
{
    if (!eve)
        return;
    output_free(&eve->output);
    fingerprinter_free(eve->fingerprinter);
    text_free(&eve->event);
    text_free(&eve->words);
    free(eve);
}

/* "2017-01-31T08:48:17.102130+0000" */
static void
add_timestamp(struct text *out, int64_t us)
{
    struct tm parts = {0};
    int64_t rest = us % 1000000;
    int64_t whole = us / 1000000 - (rest < 0);
    time_t seconds = (time_t)whole;
    gmtime_r(&seconds, &parts);
    json_name(out, "timestamp");
    text_add_format(out, "\"%04lld-%02d-%02dT%02d:%02d:%02d.%06lld+0000\"",
        (long long)parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
        parts.tm_min, parts.tm_sec, (long long)(rest < 0 ? rest + 1000000 : rest));
}

/* A number for the connection that is the same in every run: FNV-1a of its uid, in the 53 bits that
 * every reader of JSON can hold. */
static uint64_t
flow_id(const char *uid)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *uid; uid++)
        hash = (hash ^ (uint8_t)*uid) * 0x100000001b3;
    return hash >> 11;
}

void
eve_address(struct text *out, const struct address *address)
{
    char text[ADDRESS_TEXT];
    text_add_char(out, '"');
    if (address_is_v4(address)) {
        address_to_text(address, text);
        text_add_string(out, text);
    } else {
        struct reader r = reader_over(bytes_of(address->at, sizeof address->at));
        for (int i = 0; i < 8; i++)
            text_add_format(out, i ? ":%04x" : "%04x", read_u16(&r));
    }
    text_add_char(out, '"');
}

static void
add_end(struct text *out, const char *address_name, const char *port_name,
    const struct address *address, struct cell_count port)
{
    if (!address_is_set(address))
        return;
    json_name(out, address_name);
    eve_address(out, address);
    if (port.is_set)
        json_number(out, port_name, port.value);
}

static void
add_vlans(struct text *out, const struct path *path)
{
    if (!path || !path->vlan[0])
        return;
    json_open(out, "vlan", '[');
    for (size_t i = 0; i < PACKET_VLANS; i++)
        if (path->vlan[i])
            json_number(out, NULL, path->vlan[i]);
    json_close(out, ']');
}

static void
add_connection(struct eve *eve, const struct eve_envelope *e)
{
    struct text *out = &eve->event;
    add_vlans(out, e->path);
    add_end(out, "src_ip", "src_port", &e->from, e->from_port);
    add_end(out, "dest_ip", "dest_port", &e->to, e->to_port);
    if (e->protocol == IPPROTO_TCP || e->protocol == IPPROTO_UDP)
        json_string(out, "proto", e->protocol == IPPROTO_TCP ? "TCP" : "UDP");
    json_string(out, "pkt_src", "wire/pcap");
    if (e->community_id)
        json_string(out, "community_id", e->community_id);
}

void
eve_begin(struct eve *eve, const struct eve_envelope *e)
{
    struct text *out = &eve->event;
    text_clear(out);
    json_open(out, NULL, '{');
    add_timestamp(out, e->ts_us);
    if (e->uid)
        json_number(out, "flow_id", flow_id(e->uid));
    if (e->uid && eve->options.interface)
        json_string(out, "in_iface", eve->options.interface);
    if (e->frame)
        json_number(out, "pcap_cnt", e->frame);
    json_string(out, "event_type", e->type);
    if (e->uid)
        add_connection(eve, e);
}

void
eve_end(struct eve *eve, int64_t now)
{
    json_close(&eve->event, '}');
    output_add(&eve->output, &eve->event, now);
}
