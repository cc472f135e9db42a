/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes large captures for the benchmarks: plays recorded handshakes again and again under other
 * addresses, ports and randoms, many at once, with as much data after each as is wanted. Checksums
 * are right. Signatures over the randoms are not, as nobody here has the keys.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/template.h"

enum {
    TEMPLATES_ROOM = 8,
    AT_ONCE = 64, /* connections that are open at a time */
    MSS = 1448,
    RECORD = 16384 + 24, /* payload of a bulk record */
    PERIOD = RECORD + 5,
    HEADERS = 14 + 20 + 20,
    FIN = 1,
    SYN = 2,
    PSH = 8,
    ACK = 16,
    STEP_US = 2, /* between packets */
};

struct options {
    const char *out;
    uint64_t flows;
    uint64_t bulk;   /* bytes that the server sends after each handshake */
    bool leave_open; /* no FIN */
    uint8_t unique[64];
    size_t unique_len;
};

/* One connection that is being played. */
struct playing {
    const struct template *script;
    uint64_t number;
    size_t at; /* its next segment */
    uint64_t bulk_sent;
    bool bulk_acked;
    bool over;
    uint8_t stream[2][STREAM_ROOM];
};

struct generator {
    struct options options;
    struct template *templates;
    size_t templates_len;
    struct playing *playing;
    FILE *out;
    uint64_t begun;
    uint64_t now_us;
    uint8_t bulk[PERIOD + MSS]; /* one record, and the beginning of the next */
};

/* Spreads numbers over all bits: the finalizer of splitmix64. */
static uint64_t
mixed(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static uint8_t *
put(uint8_t *at, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        at[i] = (uint8_t)(value >> 8 * (len - 1 - i));
    return at + len;
}

/* The one's complement sum of `b` (RFC 1071), added to `sum`. */
static uint64_t
summed(uint64_t sum, struct bytes b)
{
    struct reader r = reader_over(b);

    while (reader_left(&r) >= 4)
        sum += read_u32(&r);
    if (reader_left(&r) >= 2)
        sum += (uint64_t)read_u16(&r) << 16;
    if (reader_left(&r))
        sum += (uint64_t)read_u8(&r) << 24;
    return sum;
}

static uint16_t
folded(uint64_t sum)
{
    while (sum >> 32)
        sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static uint32_t
address_of_side(const struct playing *p, unsigned side)
{
    uint32_t number = (uint32_t)p->number;
    return side ? 0xc6120000u + number % 509
                : 0x0a000000u + (number / 40000 + number % 65521 * 16) % 0xfffffe + 1;
}

static uint16_t
port_of_side(const struct playing *p, unsigned side)
{
    return side ? p->script->server_port : (uint16_t)(20000 + p->number % 40009);
}

static uint32_t
first_seq(const struct playing *p, unsigned side)
{
    return (uint32_t)mixed(p->number * 2 + side);
}

static void
put_ip(uint8_t *at, const struct playing *p, unsigned side, size_t len)
{
    static const uint8_t before[] = {0, 0, 0x5e, 0, 0x53, 1, 0, 0, 0x5e, 0, 0x53, 2, 8, 0};
    uint8_t *ip = at + sizeof before;

    memcpy(at, before, sizeof before);
    uint8_t *next = put(ip, 0x4500, 2);
    next = put(next, 40 + len, 2);
    next = put(next, 0x00004000, 4);
    uint8_t *check = put(next, 64 << 8 | 6, 2);
    next = put(check, 0, 2);
    next = put(next, address_of_side(p, side), 4);
    put(next, address_of_side(p, !side), 4);
    put(check, folded(summed(0, bytes_of(ip, 20))), 2);
}

/* Writes a packet; `seq` and `ack` count from the beginning of the streams. */
static void
write_packet(struct generator *g, const struct playing *p, const struct template_segment *s,
    uint32_t seq, uint32_t ack, struct bytes payload)
{
    uint8_t head[16 + HEADERS];
    uint8_t *tcp = head + 16 + 34;
    uint32_t record[4] = {(uint32_t)(1772438400 + g->now_us / 1000000),
        (uint32_t)(g->now_us % 1000000), (uint32_t)(HEADERS + payload.len),
        (uint32_t)(HEADERS + payload.len)};

    memcpy(head, record, sizeof record);
    put_ip(head + 16, p, s->side, payload.len);
    uint8_t *next = put(tcp, port_of_side(p, s->side), 2);
    next = put(next, port_of_side(p, !s->side), 2);
    next = put(next, first_seq(p, s->side) + seq, 4);
    next = put(next, s->flags & ACK ? first_seq(p, !s->side) + ack : 0, 4);
    next = put(next, 5u << 12 | s->flags, 2);
    next = put(next, 64240, 2);
    put(next, 0, 4);
    uint64_t sum = summed(6 + 20 + payload.len, bytes_of(tcp - 8, 8 + 20));
    uint16_t check = folded(summed(sum, payload));
    put(tcp + 16, check, 2);
    fwrite(head, 1, sizeof head, g->out);
    fwrite(payload.at, 1, payload.len, g->out);
    g->now_us += STEP_US;
}

/* The next stretch of bulk data, or, after every second one, the client's acknowledgement. */
static void
play_bulk(struct generator *g, struct playing *p)
{
    uint32_t heard = p->script->before_closing[0], said = p->script->before_closing[1];
    uint64_t left = g->options.bulk - p->bulk_sent;
    uint32_t len = left < MSS ? (uint32_t)left : MSS;
    uint32_t sent = (uint32_t)p->bulk_sent;

    if (p->bulk_sent / MSS % 2 == 0 && !p->bulk_acked && p->bulk_sent) {
        struct template_segment ack = {.side = 0, .flags = ACK};
        write_packet(g, p, &ack, heard + 1, said + 1 + sent, (struct bytes){0});
        p->bulk_acked = true;
        return;
    }
    struct template_segment data = {.side = 1, .flags = ACK | PSH};
    write_packet(
        g, p, &data, said + 1 + sent, heard + 1, bytes_of(g->bulk + p->bulk_sent % PERIOD, len));
    p->bulk_sent += len;
    p->bulk_acked = false;
}

static void
play_segment(struct generator *g, struct playing *p)
{
    const struct template_segment *s = &p->script->segments[p->at];
    uint32_t shift[2] = {0, (uint32_t)p->bulk_sent};
    uint32_t seq = s->flags & SYN ? 0 : s->at + 1 + shift[s->side];

    write_packet(
        g, p, s, seq, s->heard + 1 + shift[!s->side], bytes_of(p->stream[s->side] + s->at, s->len));
    p->at++;
}

static void
play_one_packet(struct generator *g, struct playing *p)
{
    size_t end = g->options.leave_open ? p->script->closing : p->script->len;

    if (p->at == p->script->closing && p->bulk_sent < g->options.bulk)
        play_bulk(g, p);
    else if (p->at < end)
        play_segment(g, p);
    else
        p->over = true;
}

/* Makes `p` the next connection, if one is left. */
static void
begin(struct generator *g, struct playing *p)
{
    if (g->begun == g->options.flows)
        return;
    *p = (struct playing){.script = &g->templates[g->begun % g->templates_len]};
    p->number = g->begun++;
    for (unsigned side = 0; side < 2; side++)
        memcpy(p->stream[side], p->script->stream[side], p->script->stream_len[side]);
    for (size_t i = 0; i < p->script->spots_len; i++) {
        const struct template_spot *spot = &p->script->spots[i];
        uint64_t value = mixed(p->number + 0x9e3779b97f4a7c15u) >> 1;
        put(p->stream[spot->side] + spot->at, value, spot->len < 8 ? spot->len : 8);
    }
}

static void
play_all(struct generator *g)
{
    size_t open = AT_ONCE;

    for (size_t i = 0; i < AT_ONCE; i++)
        g->playing[i].over = true;
    while (open) {
        open = 0;
        for (size_t i = 0; i < AT_ONCE; i++) {
            if (g->playing[i].over)
                begin(g, &g->playing[i]);
            if (g->playing[i].over)
                continue;
            play_one_packet(g, &g->playing[i]);
            open++;
        }
    }
}

static void
fill_bulk(struct generator *g)
{
    put(g->bulk, 0x1703030000u | RECORD, 5);
    for (size_t i = 5; i < PERIOD; i++)
        g->bulk[i] = (uint8_t)(mixed(i) & 0xff);
    memcpy(g->bulk + PERIOD, g->bulk, MSS);
}

static bool
read_options(int argc, char **argv, struct options *options)
{
    int option;

    *options = (struct options){.flows = 1};
    while ((option = getopt(argc, argv, "o:n:b:u:k")) != -1) {
        if (option == 'o')
            options->out = optarg;
        else if (option == 'n')
            options->flows = strtoull(optarg, NULL, 10);
        else if (option == 'b')
            options->bulk = strtoull(optarg, NULL, 10);
        else if (option == 'k')
            options->leave_open = true;
        else if (option != 'u' || !bytes_from_hex(bytes_from_string(optarg), options->unique,
                                      sizeof options->unique, &options->unique_len))
            return false;
    }
    return options->out && optind < argc;
}

static bool
read_templates(struct generator *g, char **paths, struct fault *why)
{
    struct bytes unique = bytes_of(g->options.unique, g->options.unique_len);

    for (; *paths; paths++)
        if (!templates_read(*paths, unique, g->templates, TEMPLATES_ROOM, &g->templates_len, why))
            return false;
    return true;
}

static bool
generate(struct generator *g, struct fault *why)
{
    static const uint32_t head[] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 262144, 1};
    bool standard = strcmp(g->options.out, "-") == 0;

    g->out = standard ? stdout : fopen(g->options.out, "w");
    if (!g->out)
        return fault_set(why, "%s: %s", g->options.out, strerror(errno));
    setvbuf(g->out, NULL, _IOFBF, 1 << 20);
    fwrite(head, 1, sizeof head, g->out);
    fill_bulk(g);
    play_all(g);
    bool good = !ferror(g->out);
    return (fclose(g->out) == 0 && good) || fault_set(why, "%s: cannot write", g->options.out);
}

int
main(int argc, char **argv)
{
    struct generator *g = calloc(1, sizeof *g);
    struct fault why = {0};
    bool good = false;

    if (g && read_options(argc, argv, &g->options)) {
        g->templates = calloc(TEMPLATES_ROOM, sizeof *g->templates);
        g->playing = calloc(AT_ONCE, sizeof *g->playing);
        good = g->templates && g->playing && read_templates(g, argv + optind, &why) &&
               generate(g, &why);
    } else {
        fault_set(
            &why, "usage: generate -o FILE [-n CONNECTIONS] [-b BYTES] [-u HEX] [-k] CAPTURE...");
    }
    if (!good)
        fprintf(stderr, "generate: %s\n", why.text);
    if (g) {
        free(g->templates);
        free(g->playing);
    }
    free(g);
    return good ? 0 : 1;
}
