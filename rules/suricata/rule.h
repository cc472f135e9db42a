/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule as it was read: a head, what it asks of the session as a whole, and the buffers it looks
 * into with what each must show. Everything lies in the ruleset's arena and never changes.
 */
#ifndef CERTTAP_RULES_SURICATA_RULE_H
#define CERTTAP_RULES_SURICATA_RULE_H

#include "rules/suricata/group.h"
#include "rules/watch.h"

enum rule_action { RULE_PASS, RULE_ALERT };

/* Which packets of Suricata's a rule would be tried on: the head's source sends them. */
enum rule_direction { TO_SERVER = 1, TO_CLIENT = 2, EITHER_WAY = TO_SERVER | TO_CLIENT };

enum rule_protocol { PROTOCOL_TLS, PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_QUIC, PROTOCOL_ANY };

struct rule_head {
    enum rule_protocol protocol;
    bool both_ways; /* "<>" */
    const struct group *source, *source_port, *destination, *destination_port;
};

/* Offsets into a buffer are of bytes. */
struct content {
    struct bytes text; /* in lower case with `nocase` */
    bool nocase, negated;
    bool has_offset, has_depth, has_distance, has_within, at_end;
    long offset, depth, distance, within;
};

struct regex {
    struct pcre2_real_code_8 *code; /* the ruleset's */
    bool negated, relative;
};

enum comparison { COMPARE_EQUAL, COMPARE_NOT, COMPARE_LESS, COMPARE_MORE, COMPARE_BETWEEN };

/* A number against one or two; BETWEEN leaves both ends out. */
struct number_test {
    enum comparison how;
    int64_t a, b;
};

struct data_at {
    long offset;
    bool relative, negated;
};

struct dataset_test {
    const struct dataset *set;
    bool negated;             /* isnotset */
    struct number_test score; /* datarep only */
};

enum test_kind {
    TEST_CONTENT,
    TEST_REGEX,
    TEST_SIZE,
    TEST_DATA_AT,
    TEST_DATASET,
    TEST_DATAREP,
    TEST_ABSENT,
};

struct rule_test {
    enum test_kind kind;
    union {
        struct content content;
        struct regex regex;
        struct number_test size;
        struct data_at data_at;
        struct dataset_test dataset;
        bool or_else; /* absent, or what follows holds */
    } of;
};

/* A buffer, and tests that one of its values must all pass. */
struct look {
    size_t slot; /* in the ruleset's slots */
    const struct rule_test *tests;
    size_t len;
};

struct attempt;

/* Something that is asked of the session or of the certificate looked at. */
struct demand {
    bool (*holds)(const struct demand *demand, const struct attempt *attempt);
    bool negated;
    uint32_t any;              /* a bit for each value that will do */
    struct number_test number; /* or a number */
    struct texts words;        /* or these */
};

enum bit_change { BIT_SET, BIT_UNSET, BIT_TOGGLE, BIT_IS_SET, BIT_IS_NOT_SET };

struct bit_step {
    enum bit_change change;
    const uint32_t *bits; /* IS_SET: any of them */
    size_t len;
};

enum threshold_kind {
    THRESHOLD_NONE,
    THRESHOLD_LIMIT,
    THRESHOLD_EVERY, /* "threshold" */
    THRESHOLD_BOTH,
    THRESHOLD_AFTER, /* detection_filter */
};
enum threshold_track { TRACK_SOURCE, TRACK_DESTINATION, TRACK_RULE, TRACK_BOTH };

struct threshold {
    enum threshold_kind kind;
    enum threshold_track track;
    uint32_t count;
    int64_t window_ns;
};

struct rule {
    struct rule_facts facts;
    uint32_t list;
    unsigned long line;
    enum rule_action action;
    enum severity severity;
    const char *numbers;   /* "1:2024:3" */
    const char *reference; /* the first, as a link where it can be one; may be empty */
    struct rule_head head;
    unsigned directions;    /* enum rule_direction: the head's source may be the sender of */
    unsigned roles;         /* a bit for each role whose certificates may be looked at */
    bool role_by_direction; /* the certificate is of whom the head's source is */
    bool of_certificate;    /* it looks at certificates */
    enum position position; /* of those looked at */
    bool noalert;
    unsigned rank; /* of flow bits: those that are read are set before */
    const struct demand *demands;
    size_t demands_len;
    const struct look *looks;
    size_t looks_len;
    const struct bit_step *bits;
    size_t bits_len;
    struct threshold threshold;
};

#endif
