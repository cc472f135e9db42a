/* SPDX-License-Identifier: Apache-2.0
 *
 * Filter expressions as pcap-filter(7) has them, for frames of any link type. A filter is compiled
 * for a link type when its first frame comes.
 */
#ifndef CERTTAP_CAPTURE_FILTER_H
#define CERTTAP_CAPTURE_FILTER_H

#include "base/fault.h"
#include "capture/source.h"

struct filter;

/* NULL with `why` set when the expression is good for no usual link type. */
struct filter *filter_new(const char *expression, struct fault *why);

/* False as well when the expression has no meaning for the frame's link type. */
bool filter_wants(struct filter *filter, const struct frame *frame);

void filter_free(struct filter *filter); /* NULL is fine */

/* libpcap numbers a few link types otherwise than capture files do. */
uint16_t filter_link_of_dlt(int dlt);

#endif
