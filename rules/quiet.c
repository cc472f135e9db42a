/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/quiet.h"

#include <stdlib.h>

enum { PLACES = 4096 };

/* Rules are known by a key that is theirs alone: a generation's number may be used twice. */
struct quiet {
    struct hash_key rules;
    uint8_t digests[PLACES][SHA256_LEN]; /* all zeros: nothing */
};

void
quiet_free(struct quiet *quiet)
{
    free(quiet);
}

/* What a digest begins with spreads well; who makes two meet in one place slows himself down. */
static size_t
place_of(const struct certificate *certificate)
{
    struct reader r = reader_over(bytes_of(certificate->sha256, 2));
    return read_u16(&r) % PLACES;
}

static bool
is_about(const struct quiet *quiet, const struct ruleset *rules)
{
    return quiet->rules.low == rules->key.low && quiet->rules.high == rules->key.high;
}

bool
quiet_has(
    const struct quiet *quiet, const struct ruleset *rules, const struct certificate *certificate)
{
    return quiet && is_about(quiet, rules) &&
           memcmp(quiet->digests[place_of(certificate)], certificate->sha256, SHA256_LEN) == 0;
}

void
quiet_remember(
    struct quiet **quiet, const struct ruleset *rules, const struct certificate *certificate)
{
    if (!*quiet || !is_about(*quiet, rules)) {
        free(*quiet);
        *quiet = calloc(1, sizeof **quiet);
        if (!*quiet)
            abort();
        (*quiet)->rules = rules->key;
    }
    memcpy((*quiet)->digests[place_of(certificate)], certificate->sha256, SHA256_LEN);
}

bool
quiet_concerns(enum what what)
{
    return what >= WHAT_ISSUER && what <= WHAT_DOMAIN;
}
