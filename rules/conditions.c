/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/conditions.h"

const struct address *
session_address(const struct session *session, enum role role)
{
    if (role == SERVER)
        return &session->address[other_side(session->client_side)];
    return session->has_client_address ? &session->client_address
                                       : &session->address[session->client_side];
}

static bool
role_holds(const struct conditions *when, const struct sighting *seen)
{
    return when->role == WHOSE_EITHER || (when->role == WHOSE_CLIENT) == (seen->role == CLIENT);
}

static bool
position_holds(const struct conditions *when, const struct sighting *seen)
{
    return when->position == POSITION_ANY ||
           (when->position == POSITION_LEAF ? seen->index == 0 : seen->index > 0);
}

/* Is a side in one of the networks? An address that is not known is in none. */
static bool
is_in(const struct networks *networks, const struct sighting *seen, enum role role)
{
    const struct address *address = session_address(seen->session, role);
    if (!address_is_set(address))
        return false;
    for (size_t i = 0; i < networks->len; i++)
        if (network_has(&networks->at[i], address))
            return true;
    return false;
}

static bool
from_holds(const struct conditions *when, const struct sighting *seen)
{
    return !when->from.len || is_in(&when->from, seen, CLIENT);
}

static bool
not_from_holds(const struct conditions *when, const struct sighting *seen)
{
    return !when->not_from.len || !is_in(&when->not_from, seen, CLIENT);
}

static bool
to_holds(const struct conditions *when, const struct sighting *seen)
{
    return !when->to.len || is_in(&when->to, seen, SERVER);
}

/* A service is named by its class, or by what carries the TLS. */
static bool
service_holds(const struct conditions *when, const struct sighting *seen)
{
    struct bytes service = bytes_from_string(seen->session->service);
    struct bytes carrier = bytes_from_string(seen->session->carrier);
    for (size_t i = 0; i < when->services.len; i++)
        if (bytes_equal_nocase(when->services.at[i], service) ||
            bytes_equal_nocase(when->services.at[i], carrier))
            return true;
    return !when->services.len;
}

/* Seconds since 1970, rounded down before it too. */
static int64_t
when_seen(const struct sighting *seen)
{
    int64_t ns = seen->session->ts_ns;
    return ns / 1000000000 - (ns % 1000000000 < 0);
}

static bool
valid_from_holds(const struct conditions *when, const struct sighting *seen)
{
    return !when->valid_from.given || when_seen(seen) >= when->valid_from.seconds;
}

static bool
valid_until_holds(const struct conditions *when, const struct sighting *seen)
{
    return !when->valid_until.given || when_seen(seen) < when->valid_until.seconds;
}

static bool
used_after_holds(const struct conditions *when, const struct sighting *seen)
{
    return !when->used_after.given || when_seen(seen) >= when->used_after.seconds;
}

static bool
used_before_holds(const struct conditions *when, const struct sighting *seen)
{
    return !when->used_before.given || when_seen(seen) < when->used_before.seconds;
}

/* Is a time of the certificate at or after `from`, and before `until`? One that is not known is
 * not. */
static bool
is_between(const struct moment *from, const struct moment *until, bool known, int64_t seconds)
{
    if (!from->given && !until->given)
        return true;
    return known && (!from->given || seconds >= from->seconds) &&
           (!until->given || seconds < until->seconds);
}

static bool
begins_holds(const struct conditions *when, const struct sighting *seen)
{
    const struct certificate *c = seen->certificate;
    return is_between(
        &when->begins_after, &when->begins_before, c && c->has_not_before, c ? c->not_before : 0);
}

static bool
ends_holds(const struct conditions *when, const struct sighting *seen)
{
    const struct certificate *c = seen->certificate;
    return is_between(
        &when->ends_after, &when->ends_before, c && c->has_not_after, c ? c->not_after : 0);
}

static const struct {
    const char *name;
    bool (*holds)(const struct conditions *when, const struct sighting *seen);
} conditions[] = {
    {"role", role_holds},
    {"position", position_holds},
    {"from", from_holds},
    {"not_from", not_from_holds},
    {"to", to_holds},
    {"service", service_holds},
    {"valid_from", valid_from_holds},
    {"valid_until", valid_until_holds},
    {"used_after", used_after_holds},
    {"used_before", used_before_holds},
    {"begins_after and begins_before", begins_holds},
    {"ends_after and ends_before", ends_holds},
};

/* Of a certificate that nobody showed it is not known whose it is, where in a chain it stands, who
 * shows it to whom and what for: the first two do not keep an entry from applying, the others do.
 */
static struct conditions
when_named(const struct conditions *when)
{
    struct conditions left = *when;
    left.role = WHOSE_EITHER;
    left.position = POSITION_ANY;
    return left;
}

static bool
asks_for_ends(const struct conditions *when)
{
    return when->from.len || when->not_from.len || when->to.len || when->services.len;
}

const char *
conditions_failing(const struct conditions *when, const struct sighting *seen)
{
    struct conditions left;
    if (seen->named && asks_for_ends(when))
        return "nobody showed it";
    if (seen->named) {
        left = when_named(when);
        when = &left;
    }
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (!conditions[i].holds(when, seen))
            return conditions[i].name;
    return NULL;
}
