/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups of addresses or ports as the head of a rule writes them: "[10.0.0.0/8,!10.1.0.0/16]",
 * "!$HOME_NET", "[80,443,1024:]". Both are spans of numbers: a port is one of two bytes.
 *
 * A group has what one of its members has and none of the negated ones; where all members are
 * negated, everything else.
 */
#ifndef CERTTAP_RULES_SURICATA_GROUP_H
#define CERTTAP_RULES_SURICATA_GROUP_H

#include "base/address.h"
#include "base/fault.h"
#include "base/pool.h"
#include "rules/suricata/variables.h"

struct group {
    bool any; /* everything, also what is not known */
    bool negated;
    struct address low, high; /* where it has no members */
    const struct group *members;
    size_t len;
};

/* What was made of each text, so that thousands of rules share few groups. A zeroed one is empty;
 * it lies in the arena that it was given. */
struct groups {
    struct arena *arena; /* borrowed: the groups live there */
    struct known_group *first[2];
};

enum group_kind { GROUP_OF_ADDRESSES, GROUP_OF_PORTS };

/* The group that `text` writes. NULL with what is wrong in `complaint` (without place). */
const struct group *group_read(struct groups *groups, enum group_kind kind, struct bytes text,
    const struct rule_variables *variables, struct fault *complaint);

/* An address that is not set is in no group but `any`. */
bool group_has_address(const struct group *group, const struct address *address);
bool group_has_port(const struct group *group, uint16_t port);

#endif
