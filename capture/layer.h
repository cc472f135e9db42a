/* SPDX-License-Identifier: Apache-2.0
 *
 * A layer is one header that is peeled off a frame. Each is one row of the table in layers.c: its
 * name, where it applies, and the function that peels it. What a layer carries is named by the kind
 * of number that stands in its header (an EtherType, an IP protocol, …) and that number.
 *
 * A layer's function takes its header off `rest` and says what comes next, or says why it cannot.
 * Tunnels on a UDP port are guesses, since anybody may use any port: their functions look at the
 * header closely and change nothing unless they believe it.
 */
#ifndef CERTTAP_CAPTURE_LAYER_H
#define CERTTAP_CAPTURE_LAYER_H

#include "capture/fragments.h"
#include "capture/packet.h"

enum under {
    UNDER_NOTHING,   /* done: the packet is filled */
    UNDER_LINK,      /* LINKTYPE_ value */
    UNDER_ETHERTYPE, /* of Ethernet and all that borrow it */
    UNDER_GRE,       /* protocol type of GRE; what has no row here is an EtherType */
    UNDER_IP,        /* protocol, or next header */
    UNDER_PPP,       /* protocol of PPP */
    UNDER_UDP,       /* port of either side */
    UNDER_KINDS,
};

enum {
    LAYERS_MOST = 32, /* of one frame; PEEL_TOO_DEEP beyond */
    TUNNELS_MOST = 4,

    LINK_ETHERNET = 1,
    LINK_RAW = 101, /* IPv4 or IPv6, told apart by the first four bits */
    LINK_80211 = 105,

    ANY_PORT = 0, /* row for what is told by its bytes alone, where no row of its port takes it */

    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_BRIDGED = 0x6558, /* an Ethernet frame, in GRE, GENEVE and the like */
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_EAPOL = 0x888e,
    ETHERTYPE_NSH = 0x894f,
};

struct layer_index;

/* How far a frame is peeled. */
struct peeling {
    struct bytes rest; /* what the layers so far carry: as much of it as was captured */
    size_t missing;    /* bytes that follow `rest` on the wire and were not captured */
    enum under under;  /* what `rest` begins with: kind … */
    uint16_t value;    /* … and number */
    uint16_t detail;   /* for the next layer from the one around it: flags of a GRE header */
    bool joined;       /* `rest` lies in a packet that was put together from fragments */
    bool rerouted;     /* the receiver in the IP header is not the one the checksum covers */
    struct packet *packet;
    const struct layer_index *index;
    struct fragments *fragments;
};

/* PEELED: go on with what peeling.under says. Everything else ends the frame; what a UDP tunnel's
 * function returns then does not matter, except PEEL_TOO_DEEP. */
typedef enum peel_result peel_layer(struct peeling *p);

struct layer {
    const char *name; /* also that of the tunnel, where it is one */
    enum under under;
    uint16_t value;
    peel_layer *peel;
};

/* NULL when nothing is known under this number. */
const struct layer *layer_find(const struct layer_index *index, enum under under, uint16_t value);

/* Copies the first `len` bytes of `rest` to `out` and takes them off. False, with nothing changed,
 * when there are fewer. */
static inline bool
layer_take(struct peeling *p, void *out, size_t len)
{
    if (p->rest.len < len)
        return false;
    memcpy(out, p->rest.at, len);
    p->rest = bytes_skip(p->rest, len);
    return true;
}

/* What a layer is that ends too early: cut by the capture, or by whoever made it. */
static inline enum peel_result
layer_short(const struct peeling *p)
{
    return p->missing ? PEEL_CUT : PEEL_MALFORMED;
}

static inline enum peel_result
layer_next(struct peeling *p, enum under under, uint16_t value)
{
    p->under = under;
    p->value = value;
    return PEELED;
}

/* `rest` is no longer than `len` on the wire; what follows is padding. More than was captured is
 * missing. */
static inline void
layer_limit(struct peeling *p, size_t len)
{
    p->missing = len > p->rest.len ? len - p->rest.len : 0;
    p->rest = bytes_first(p->rest, len);
}

/* Notes that a tunnel was entered and that `rest` follows its header, which carries this. */
enum peel_result layer_tunnel(struct peeling *p, const char *name, uint32_t id, struct bytes rest,
    enum under under, uint16_t value);

/* Goes on with what stands behind an EtherType field: a length instead means LLC. */
enum peel_result layer_ethertype(struct peeling *p, uint16_t type);

/* True when `b` begins with an IPv4 or IPv6 header whose lengths fit into b.len + missing bytes. */
bool ip_plausible(struct bytes b, size_t missing);

/* True when `b` begins with an Ethernet header that announces something we know. */
bool ethernet_plausible(const struct layer_index *index, struct bytes b);

/* True when `rest`, which a tunnel's header announces under this EtherType, begins as it should. */
bool carried_plausible(const struct peeling *p, uint16_t type, struct bytes rest);

/* What follows an LLC header (IEEE 802.2), for those that have no Ethernet header before it. */
peel_layer peel_llc;

/* link.c */
peel_layer peel_ethernet, peel_bridged, peel_vlan, peel_vntag, peel_etag, peel_pbb, peel_fabricpath,
    peel_eapol;

/* label.c */
peel_layer peel_mpls, peel_nsh;

/* ppp.c */
peel_layer peel_pppoe, peel_ppp, peel_ppp_directed, peel_ppp_bridged, peel_cisco_hdlc,
    peel_cisco_hdlc_directed;

/* pseudo_link.c */
peel_layer peel_raw, peel_null, peel_linux_cooked, peel_linux_cooked2, peel_nflog, peel_pflog,
    peel_enc, peel_ipnet;

/* wireless.c */
peel_layer peel_80211, peel_radiotap, peel_prism, peel_avs, peel_ppi;

/* ip.c */
peel_layer peel_ipv4, peel_ipv6, peel_ipv6_options, peel_ipv6_routing, peel_ipv6_fragment,
    peel_authentication;

/* transport.c */
peel_layer peel_tcp, peel_udp;

/* tunnels/NAME.c */
peel_layer peel_ipip, peel_etherip, peel_gre, peel_erspan, peel_vxlan, peel_vxlan_gpe, peel_geneve,
    peel_gre_udp, peel_gtpu, peel_teredo, peel_teredo_direct, peel_l2tp, peel_mpls_udp;

#endif
