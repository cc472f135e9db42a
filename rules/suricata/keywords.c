/* SPDX-License-Identifier: Apache-2.0
 *
 * Every keyword that a rule may have, a row each; docs/rules.md explains them. What is not here
 * makes a rule be skipped, and is named.
 */
#include "rules/suricata/reader.h"

/* clang-format off */
static const struct keyword keywords[] = {
    /* what a rule says of itself */
    {"msg", NULL, VALUE_NEEDED, read_msg, 0},
    {"sid", NULL, VALUE_NEEDED, read_number, NUMBER_SID},
    {"rev", NULL, VALUE_NEEDED, read_number, NUMBER_REV},
    {"gid", NULL, VALUE_NEEDED, read_number, NUMBER_GID},
    {"classtype", NULL, VALUE_NEEDED, read_classtype, 0},
    {"priority", NULL, VALUE_NEEDED, read_priority, 0},
    {"reference", NULL, VALUE_NEEDED, read_reference, 0},
    {"metadata", NULL, VALUE_NEEDED, read_metadata, 0},
    {"target", NULL, VALUE_NEEDED, read_target, 0},

    /* when it alerts */
    {"flow", NULL, VALUE_NEEDED, read_flow, 0},
    {"flowbits", NULL, VALUE_NEEDED, read_flowbits, 0},
    {"threshold", NULL, VALUE_NEEDED, read_threshold, 0},
    {"detection_filter", NULL, VALUE_NEEDED, read_detection_filter, 0},
    {"noalert", NULL, VALUE_NONE, read_noalert, 0},
    {"alert", NULL, VALUE_NONE, read_nothing, 0},
    {"requires", NULL, VALUE_NEEDED, read_requires, 0},
    {"app-layer-protocol", NULL, VALUE_NEEDED, read_app_protocol, 0},
    {"bypass", NULL, VALUE_NONE, read_nothing, 0},
    {"prefilter", NULL, VALUE_NONE, read_nothing, 0},
    {"tls.store", "tls_store", VALUE_NONE, read_nothing, 0},

    /* what is looked for in a buffer */
    {"content", NULL, VALUE_NEEDED, read_content, 0},
    {"pcre", NULL, VALUE_NEEDED, read_pcre, 0},
    {"bsize", NULL, VALUE_NEEDED, read_size, 0},
    {"isdataat", NULL, VALUE_NEEDED, read_is_data_at, 0},
    {"absent", NULL, VALUE_MAYBE, read_absent, 0},
    {"dataset", NULL, VALUE_NEEDED, read_dataset, 0},
    {"datarep", NULL, VALUE_NEEDED, read_datarep, 0},
    {"nocase", NULL, VALUE_NONE, read_nocase, 0},
    {"startswith", NULL, VALUE_NONE, read_anchor, ANCHOR_START},
    {"endswith", NULL, VALUE_NONE, read_anchor, ANCHOR_END},
    {"offset", NULL, VALUE_NEEDED, read_offset, OFFSET_OFFSET},
    {"depth", NULL, VALUE_NEEDED, read_offset, OFFSET_DEPTH},
    {"distance", NULL, VALUE_NEEDED, read_offset, OFFSET_DISTANCE},
    {"within", NULL, VALUE_NEEDED, read_offset, OFFSET_WITHIN},
    {"rawbytes", NULL, VALUE_NONE, read_nothing, 0},
    {"fast_pattern", NULL, VALUE_IGNORED, read_nothing, 0},

    /* TLS */
    {"tls.subject", NULL, VALUE_NEEDED, read_inline_content, 0},
    {"tls.issuerdn", NULL, VALUE_NEEDED, read_inline_content, 0},
    {"tls.fingerprint", NULL, VALUE_NEEDED, read_inline_content, 0},
    {"tls.version", NULL, VALUE_NEEDED, read_tls_version, 0},
    {"ssl_version", NULL, VALUE_NEEDED, read_ssl_version, 0},
    {"ssl_state", NULL, VALUE_NEEDED, read_ssl_state, 0},
    {"tls_cert_notbefore", NULL, VALUE_NEEDED, read_date, DATE_NOT_BEFORE},
    {"tls_cert_notafter", NULL, VALUE_NEEDED, read_date, DATE_NOT_AFTER},
    {"tls_cert_expired", NULL, VALUE_NONE, read_validity, VALIDITY_EXPIRED},
    {"tls_cert_valid", NULL, VALUE_NONE, read_validity, VALIDITY_VALID},
    {"tls.cert_chain_len", NULL, VALUE_NEEDED, read_chain_length, 0},

    /* what Suricata cannot say */
    {"certtap.role", NULL, VALUE_NEEDED, read_role, 0},
    {"certtap.position", NULL, VALUE_NEEDED, read_position, 0},
    {"certtap.service", NULL, VALUE_NEEDED, read_words, WORDS_SERVICE},
    {"certtap.carrier", NULL, VALUE_NEEDED, read_words, WORDS_CARRIER},
    {"certtap.visibility", NULL, VALUE_NEEDED, read_choice, CHOICE_VISIBILITY},
    {"certtap.possession", NULL, VALUE_NEEDED, read_choice, CHOICE_POSSESSION},
    {"certtap.outcome", NULL, VALUE_NEEDED, read_choice, CHOICE_OUTCOME},
    {"certtap.resumed", NULL, VALUE_MAYBE, read_resumed, 0},
};
/* clang-format on */

static bool
is_named(const struct keyword *keyword, struct bytes name)
{
    return bytes_equal_string(name, keyword->name) ||
           (keyword->older && bytes_equal_string(name, keyword->older));
}

bool
keyword_named(struct bytes name, struct keyword *keyword)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (is_named(&keywords[i], name)) {
            *keyword = keywords[i];
            return true;
        }
    const struct buffer *buffer = buffer_named(name);
    if (buffer) {
        *keyword = (struct keyword){buffer->name, buffer->older, VALUE_NONE, read_buffer, 0};
        return true;
    }
    for (int i = 0; i < TRANSFORMS; i++)
        if (bytes_equal_string(name, transform_name((enum transform)i))) {
            *keyword = (struct keyword){
                transform_name((enum transform)i), NULL, VALUE_NONE, read_transform, i};
            return true;
        }
    return false;
}
