/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/watch.h"

static const struct what_kind kinds[WHATS] = {
    [WHAT_SHA256] = {"sha256", NOTE_WATCHED_CERTIFICATE, SHA256_LEN, true, {0, 0}},
    [WHAT_SHA1] = {"sha1", NOTE_WATCHED_CERTIFICATE, SHA1_LEN, true, {0, 0}},
    [WHAT_MD5] = {"md5", NOTE_WATCHED_CERTIFICATE, MD5_LEN, true, {0, 0}},
    [WHAT_ISSUER_SERIAL] = {"issuer-serial", NOTE_WATCHED_CERTIFICATE, 0, true,
        {WHAT_ISSUER, WHAT_SERIAL}},
    [WHAT_SUBJECT_KEY] = {"subject-spki", NOTE_WATCHED_KEY, 0, true, {WHAT_SUBJECT, WHAT_SPKI}},
    [WHAT_SPKI] = {"spki-sha256", NOTE_WATCHED_KEY, SHA256_LEN, true, {0, 0}},
    [WHAT_ISSUER_KEY_SERIAL] = {"issuer-spki-serial", NOTE_WATCHED_CERTIFICATE, 0, true,
        {WHAT_ISSUER_KEY, WHAT_SERIAL}},
    [WHAT_SERIAL] = {"serial", NOTE_WATCHED_CERTIFICATE, 0, true, {0, 0}},
    [WHAT_ISSUER_KEY] = {"issuer-spki-sha256", NOTE_WATCHED_ISSUER, SHA256_LEN, true, {0, 0}},
    [WHAT_ISSUER] = {"issuer", NOTE_WATCHED_ISSUER, 0, true, {0, 0}},
    [WHAT_SUBJECT] = {"subject", NOTE_WATCHED_NAME, 0, true, {0, 0}},
    [WHAT_COMMON_NAME] = {"common-name", NOTE_WATCHED_NAME, 0, true, {0, 0}},
    [WHAT_SAN] = {"san", NOTE_WATCHED_NAME, 0, true, {0, 0}},
    [WHAT_DOMAIN] = {"domain", NOTE_WATCHED_NAME, 0, true, {0, 0}},
    [WHAT_SERVER_NAME] = {"server-name", NOTE_WATCHED_NAME, 0, false, {0, 0}},
    [WHAT_JA3] = {"ja3", NOTE_WATCHED_FINGERPRINT, 0, false, {0, 0}},
    [WHAT_JA3S] = {"ja3s", NOTE_WATCHED_FINGERPRINT, 0, false, {0, 0}},
    [WHAT_JA4] = {"ja4", NOTE_WATCHED_FINGERPRINT, 0, false, {0, 0}},
    [WHAT_CHAIN_LENGTH] = {"chain-length", NOTE_POSSIBLE_WATCHED_CERTIFICATE, 0, false, {0, 0}},
    [WHAT_ADDRESS] = {"address", NOTE_WATCHED_ADDRESS, 0, false, {0, 0}},
};

const struct what_kind *
what_kind(enum what what)
{
    return &kinds[what];
}

struct saying
saying_default(void)
{
    return (struct saying){.severity = SEVERITY_HIGH,
        .confidence = 100,
        .description = "",
        .reference = "",
        .tlp = ""};
}

enum severity
severity_below(enum severity severity)
{
    return severity > SEVERITY_LOW ? (enum severity)(severity - 1) : SEVERITY_LOW;
}

bool
conditions_none(const struct conditions *when)
{
    return when->role == WHOSE_EITHER && when->position == POSITION_ANY && !when->from.len &&
           !when->not_from.len && !when->to.len && !when->services.len && !when->valid_from.given &&
           !when->valid_until.given && !when->used_after.given && !when->used_before.given &&
           !when->begins_after.given && !when->begins_before.given && !when->ends_after.given &&
           !when->ends_before.given;
}

const struct clause *
watch_leading(const struct watch *watch)
{
    const struct clause *leading = &watch->all[0];
    for (size_t i = 1; i < watch->len; i++)
        if (watch->all[i].any[0].what < leading->any[0].what)
            leading = &watch->all[i];
    return leading;
}
