/* SPDX-License-Identifier: Apache-2.0
 *
 * One rule while it is read: keywords put into it what they say. What the rule is made of at the
 * end lives as long as the ruleset.
 */
#ifndef CERTTAP_RULES_SURICATA_READER_H
#define CERTTAP_RULES_SURICATA_READER_H

#include "rules/suricata/book.h"

enum {
    MOST_LOOKS = 64,
    MOST_TESTS = 256,
    MOST_DEMANDS = 64,
    MOST_BIT_STEPS = 32,
    MOST_PAIRS = 64,
};

enum reading { READ_GOOD, READ_WRONG, READ_SKIP };

struct rule_reader {
    struct ruleset *rules;
    struct rule_book *book;
    const struct rule_variables *variables;
    struct classifications classifications;
    const char *path; /* of the file */
    uint32_t list;
    size_t dropping; /* rules that would do more than alert */

    struct fault complaint; /* of WRONG */
    struct text reason;     /* of SKIP */
    struct rule rule;
    struct look_draft {
        struct slot slot;
        size_t first, len; /* in tests */
        bool closed;       /* what follows is not for it */
    } looks[MOST_LOOKS];
    size_t looks_len;
    struct rule_test tests[MOST_TESTS];
    size_t tests_len;
    struct demand demands[MOST_DEMANDS];
    size_t demands_len;
    struct bit_step bits[MOST_BIT_STEPS];
    size_t bits_len;
    struct rule_pair metadata[MOST_PAIRS], references[MOST_PAIRS];
    size_t metadata_len, references_len;
    unsigned flow; /* enum rule_direction; 0: not said */
    bool has_sid, has_priority, has_severity;
    bool has_role, has_position;
    enum role role;
    bool client_only, server_only; /* demands that only one side can meet */
    bool server_certificate;       /* the server's, unless a role is named */
    bool of_tls;                   /* something of TLS is asked for */
};

/* Set what is wrong, or why the rule is skipped. */
enum reading read_wrong(struct rule_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum reading read_skip(struct rule_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum reading read_no_memory(struct rule_reader *r);

/* "%.*s" of what was written, cut. */
#define SHOWN(bytes) (int)bytes_first(bytes, 60).len, (const char *)(bytes).at

struct keyword {
    const char *name;
    const char *older; /* or NULL */
    enum keyword_value { VALUE_NONE, VALUE_NEEDED, VALUE_MAYBE, VALUE_IGNORED } value;
    enum reading (*read)(struct rule_reader *r, const struct keyword *keyword, struct bytes value);
    int detail; /* for `read` */
};

/* A content of the payload that begins a part of a distinguished name: an attribute of X.520 (OID
 * 2.5.4, whose octets are 55 04), as most rules about certificates begin that are older than the
 * words for their parts. */
bool content_begins_name(struct bytes content);

/* The keyword of that name, a sticky buffer or a transformation among them. False: there is none.
 */
bool keyword_named(struct bytes name, struct keyword *keyword);

/* A row of keywords[] each: see keywords.c. */
typedef enum reading keyword_reader(
    struct rule_reader *r, const struct keyword *keyword, struct bytes value);
keyword_reader read_nothing, read_unsupported;
keyword_reader read_msg, read_number, read_classtype, read_priority, read_reference, read_metadata,
    read_target;
keyword_reader read_flow, read_flowbits, read_threshold, read_detection_filter, read_requires,
    read_noalert, read_app_protocol;
keyword_reader read_buffer, read_transform, read_content, read_pcre, read_size, read_is_data_at,
    read_absent, read_nocase, read_anchor, read_offset, read_inline_content;
keyword_reader read_dataset, read_datarep;
keyword_reader read_tls_version, read_ssl_version, read_ssl_state, read_date, read_validity,
    read_chain_length;
keyword_reader read_role, read_position, read_words, read_choice, read_resumed;

/* What `detail` of the rows above says. */
enum { NUMBER_SID, NUMBER_REV, NUMBER_GID };
enum { ANCHOR_START, ANCHOR_END };
enum { OFFSET_OFFSET, OFFSET_DEPTH, OFFSET_DISTANCE, OFFSET_WITHIN };
enum { DATE_NOT_BEFORE, DATE_NOT_AFTER };
enum { VALIDITY_EXPIRED, VALIDITY_VALID };
enum { WORDS_SERVICE, WORDS_CARRIER };
enum { CHOICE_VISIBILITY, CHOICE_POSSESSION, CHOICE_OUTCOME };

/* "5", "<5", ">5", "<=5", "!5", "1<>5". */
bool read_number_test(struct bytes text, struct number_test *test);

/* Adds a zeroed one; NULL when there are too many, and `complaint` says so. */
struct demand *reader_demand(struct rule_reader *r);
struct rule_test *reader_test(struct rule_reader *r, enum test_kind kind);

/* A copy that lives as long as the ruleset, with a NUL; NULL when there is no memory. */
const char *reader_string(struct rule_reader *r, struct bytes text);

/* Reads a rule. GOOD: `rule` is whole and everything it points to is the ruleset's. WRONG: `at` is
 * where. */
enum reading rule_read(struct rule_reader *r, struct bytes text, const uint8_t **at);

/* Puts the parts together once every keyword was read. */
enum reading rule_complete(struct rule_reader *r);

#endif
