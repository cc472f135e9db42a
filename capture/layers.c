/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of layers and the loop that peels them: from the link type of the frame inwards, until
 * TCP, UDP or 802.1X is reached or something that carries none of these.
 *
 * The table is for people; each packet finds its rows through a small hash index over it, made once
 * for each peeler. Numbers are from the registries of IANA, IEEE and the tcpdump group.
 *
 * path.vlan and path.l2 are those of the innermost Ethernet (or 802.11, or Linux cooked) header: a
 * tunnel that carries frames begins anew, one that carries IP leaves them as they are.
 */
#include "capture/layer.h"

#include <assert.h>
#include <stdlib.h>

static const struct layer layers[] = {
    {"ethernet", UNDER_LINK, LINK_ETHERNET, peel_ethernet},
    {"null", UNDER_LINK, 0, peel_null},
    {"loop", UNDER_LINK, 108, peel_null},
    {"raw", UNDER_LINK, LINK_RAW, peel_raw},
    {"raw", UNDER_LINK, 12, peel_raw}, /* what some systems write for 101 */
    {"raw", UNDER_LINK, 14, peel_raw},
    {"ipv4", UNDER_LINK, 228, peel_ipv4},
    {"ipv6", UNDER_LINK, 229, peel_ipv6},
    {"linux-cooked", UNDER_LINK, 113, peel_linux_cooked},
    {"linux-cooked2", UNDER_LINK, 276, peel_linux_cooked2},
    {"ppp", UNDER_LINK, 9, peel_ppp},
    {"ppp-hdlc", UNDER_LINK, 50, peel_ppp},
    {"pppoe", UNDER_LINK, 51, peel_pppoe},
    {"ppp-pppd", UNDER_LINK, 166, peel_ppp_directed},
    {"ppp-directed", UNDER_LINK, 204, peel_ppp_directed},
    {"cisco-hdlc", UNDER_LINK, 104, peel_cisco_hdlc},
    {"cisco-hdlc-directed", UNDER_LINK, 205, peel_cisco_hdlc_directed},
    {"llc", UNDER_LINK, 100, peel_llc}, /* RFC 2684 over ATM */
    {"802.11", UNDER_LINK, LINK_80211, peel_80211},
    {"radiotap", UNDER_LINK, 127, peel_radiotap},
    {"prism", UNDER_LINK, 119, peel_prism},
    {"avs", UNDER_LINK, 163, peel_avs},
    {"ppi", UNDER_LINK, 192, peel_ppi},
    {"nflog", UNDER_LINK, 239, peel_nflog},
    {"pflog", UNDER_LINK, 117, peel_pflog},
    {"enc", UNDER_LINK, 109, peel_enc},
    {"ipnet", UNDER_LINK, 226, peel_ipnet},

    {"ipv4", UNDER_ETHERTYPE, ETHERTYPE_IPV4, peel_ipv4},
    {"ipv6", UNDER_ETHERTYPE, ETHERTYPE_IPV6, peel_ipv6},
    {"802.1q", UNDER_ETHERTYPE, 0x8100, peel_vlan},
    {"802.1ad", UNDER_ETHERTYPE, 0x88a8, peel_vlan},
    {"qinq", UNDER_ETHERTYPE, 0x9100, peel_vlan},
    {"qinq", UNDER_ETHERTYPE, 0x9200, peel_vlan},
    {"vntag", UNDER_ETHERTYPE, 0x8926, peel_vntag},
    {"e-tag", UNDER_ETHERTYPE, 0x893f, peel_etag},
    {"pbb", UNDER_ETHERTYPE, 0x88e7, peel_pbb},
    {"fabricpath", UNDER_ETHERTYPE, 0x8903, peel_fabricpath},
    {"bridged", UNDER_ETHERTYPE, ETHERTYPE_BRIDGED, peel_bridged},
    {"mpls", UNDER_ETHERTYPE, ETHERTYPE_MPLS, peel_mpls},
    {"mpls", UNDER_ETHERTYPE, 0x8848, peel_mpls}, /* upstream-assigned labels */
    {"nsh", UNDER_ETHERTYPE, ETHERTYPE_NSH, peel_nsh},
    {"pppoe", UNDER_ETHERTYPE, 0x8864, peel_pppoe},
    {"802.1x", UNDER_ETHERTYPE, ETHERTYPE_EAPOL, peel_eapol},

    {"ppp", UNDER_GRE, 0x880b, peel_ppp},
    {"erspan", UNDER_GRE, 0x88be, peel_erspan},
    {"erspan", UNDER_GRE, 0x22eb, peel_erspan},

    {"ipv4", UNDER_PPP, 0x0021, peel_ipv4},
    {"ipv6", UNDER_PPP, 0x0057, peel_ipv6},
    {"bridged", UNDER_PPP, 0x0031, peel_ppp_bridged},
    {"mpls", UNDER_PPP, 0x0281, peel_mpls},
    {"mpls", UNDER_PPP, 0x0283, peel_mpls},

    {"tcp", UNDER_IP, 6, peel_tcp},
    {"udp", UNDER_IP, 17, peel_udp},
    {"ipv6-hop-by-hop", UNDER_IP, 0, peel_ipv6_options},
    {"ipv6-routing", UNDER_IP, 43, peel_ipv6_routing},
    {"ipv6-fragment", UNDER_IP, 44, peel_ipv6_fragment},
    {"ipv6-destination", UNDER_IP, 60, peel_ipv6_options},
    {"ipv6-mobility", UNDER_IP, 135, peel_ipv6_options},
    {"host-identity", UNDER_IP, 139, peel_ipv6_options},
    {"shim6", UNDER_IP, 140, peel_ipv6_options},
    {"authentication", UNDER_IP, 51, peel_authentication},
    {"ipip", UNDER_IP, 4, peel_ipip},
    {"6in4", UNDER_IP, 41, peel_ipip},
    {"gre", UNDER_IP, 47, peel_gre},
    {"etherip", UNDER_IP, 97, peel_etherip},
    {"mpls", UNDER_IP, 137, peel_mpls},

    {"vxlan", UNDER_UDP, 4789, peel_vxlan},
    {"vxlan", UNDER_UDP, 8472, peel_vxlan}, /* Linux, from before the port was assigned */
    {"vxlan-gpe", UNDER_UDP, 4790, peel_vxlan_gpe},
    {"geneve", UNDER_UDP, 6081, peel_geneve},
    {"gtpu", UNDER_UDP, 2152, peel_gtpu},
    {"teredo", UNDER_UDP, 3544, peel_teredo},
    {"teredo", UNDER_UDP, ANY_PORT, peel_teredo_direct},
    {"gre-udp", UNDER_UDP, 4754, peel_gre_udp},
    {"l2tp", UNDER_UDP, 1701, peel_l2tp},
    {"mpls-udp", UNDER_UDP, 6635, peel_mpls_udp},
};

enum { ROWS = sizeof layers / sizeof *layers, SLOTS = 512 /* a power of two, mostly empty */ };

struct layer_index {
    uint8_t row[SLOTS]; /* number of the row plus one; 0: empty */
};

_Static_assert(ROWS < 255 && 2 * ROWS < SLOTS, "the index wants more slots");

struct peeler {
    struct layer_index index;
    struct fragments *fragments;
};

/* What a frame is when no row knows what comes next. */
static const enum peel_result unknown[UNDER_KINDS] = {
    [UNDER_LINK] = PEEL_UNKNOWN_LINK,
    [UNDER_ETHERTYPE] = PEEL_NOT_IP,
    [UNDER_GRE] = PEEL_NOT_IP,
    [UNDER_IP] = PEEL_OTHER_PROTOCOL,
    [UNDER_PPP] = PEEL_NOT_IP,
};

static const char *const names[PEEL_RESULTS] = {
    [PEELED] = "peeled",
    [PEEL_FRAGMENT] = "fragment",
    [PEEL_NOT_IP] = "not-ip",
    [PEEL_OTHER_PROTOCOL] = "other-protocol",
    [PEEL_CUT] = "cut",
    [PEEL_MALFORMED] = "malformed",
    [PEEL_TOO_DEEP] = "too-deep",
    [PEEL_UNKNOWN_LINK] = "unknown-link",
};

static inline size_t
slot_of(enum under under, uint16_t value)
{
    return (((uint32_t)under << 16 | value) * UINT32_C(0x9e3779b1)) >> 23;
}

static struct layer_index
index_made(void)
{
    struct layer_index index = {0};
    for (size_t row = 0; row < ROWS; row++) {
        assert(!layer_find(&index, layers[row].under, layers[row].value));
        size_t slot = slot_of(layers[row].under, layers[row].value);
        while (index.row[slot])
            slot = (slot + 1) % SLOTS;
        index.row[slot] = (uint8_t)(row + 1);
    }
    return index;
}

const struct layer *
layer_find(const struct layer_index *index, enum under under, uint16_t value)
{
    for (size_t slot = slot_of(under, value); index->row[slot]; slot = (slot + 1) % SLOTS) {
        const struct layer *layer = &layers[index->row[slot] - 1];
        if (layer->value == value && layer->under == under)
            return layer;
    }
    return under == UNDER_GRE ? layer_find(index, UNDER_ETHERTYPE, value) : NULL;
}

enum peel_result
layer_tunnel(struct peeling *p, const char *name, uint32_t id, struct bytes rest, enum under under,
    uint16_t value)
{
    struct path *path = &p->packet->path;
    if (path->tunnels == TUNNELS_MOST)
        return PEEL_TOO_DEEP;
    path->tunnels++;
    path->tunnel = name;
    path->tunnel_id = id;
    p->rest = rest;
    return layer_next(p, under, value);
}

bool
carried_plausible(const struct peeling *p, uint16_t type, struct bytes rest)
{
    switch (type) {
    case ETHERTYPE_BRIDGED:
        return ethernet_plausible(p->index, rest);
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
        return ip_plausible(rest, p->missing);
    default:
        return false;
    }
}

static enum peel_result
peel_layers(struct peeling *p)
{
    for (unsigned depth = 0; depth < LAYERS_MOST; depth++) {
        const struct layer *layer = layer_find(p->index, p->under, p->value);
        if (!layer)
            return unknown[p->under];
        enum peel_result result = layer->peel(p);
        if (result != PEELED || p->under == UNDER_NOTHING)
            return result;
    }
    return PEEL_TOO_DEEP;
}

enum peel_result
peeler_peel(struct peeler *peeler, const struct frame *frame, struct packet *packet, bool *joined)
{
    size_t len = frame->bytes.len;
    *packet = (struct packet){
        .frame = frame->number,
        .ts_ns = frame->ts_ns,
        .wire_len = frame->wire_len,
    };
    struct peeling p = {
        .rest = frame->bytes,
        .missing = frame->wire_len > len ? frame->wire_len - len : 0,
        .under = UNDER_LINK,
        .value = frame->link,
        .packet = packet,
        .index = &peeler->index,
        .fragments = peeler->fragments,
    };
    fragments_forget(peeler->fragments);
    enum peel_result result = peel_layers(&p);
    *joined = p.joined;
    return result;
}

struct peeler *
peeler_new(struct pool *pool)
{
    struct peeler *peeler = malloc(sizeof *peeler);
    if (!peeler)
        abort();
    peeler->index = index_made();
    peeler->fragments = fragments_new(pool);
    return peeler;
}

void
peeler_free(struct peeler *peeler)
{
    if (!peeler)
        return;
    fragments_free(peeler->fragments);
    free(peeler);
}

struct fragment_counts
peeler_fragments(const struct peeler *peeler)
{
    return fragments_counts(peeler->fragments);
}

const char *
peel_result_name(enum peel_result result)
{
    assert(result < PEEL_RESULTS);
    return names[result];
}

/* Spreads the bits of a word over the upper half of it. */
static uint64_t
spread(uint64_t word)
{
    word ^= word >> 32;
    word *= UINT64_C(0x9e3779b97f4a7c15);
    return word;
}

static uint64_t
endpoint_hash(const struct address *address, uint16_t port)
{
    uint64_t words[2];
    memcpy(words, address->at, sizeof words);
    return spread((words[0] ^ port) * UINT64_C(0xbf58476d1ce4e5b9) + words[1]);
}

/* The sum of both ends is the same in both directions. 802.1X goes to one shard as a whole: what a
 * supplicant says to the group address is answered from another one, so that no hash of the two
 * addresses would bring question and answer together. */
uint32_t
packet_shard_hash(const struct packet *packet)
{
    uint64_t ends = endpoint_hash(&packet->from, packet->from_port) +
                    endpoint_hash(&packet->to, packet->to_port);
    return (uint32_t)(spread(ends + packet->protocol) >> 32);
}
