/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords that ask something of the handshake or of a certificate as a whole.
 */
#include "rules/suricata/reader.h"
#include "rules/suricata/search.h"
#include "rules/suricata/words.h"

#include <time.h>

enum version {
    VERSION_SSL2 = 1 << 0,
    VERSION_SSL3 = 1 << 1,
    VERSION_10 = 1 << 2,
    VERSION_11 = 1 << 3,
    VERSION_12 = 1 << 4,
    VERSION_13 = 1 << 5,
};

enum state {
    STATE_CLIENT_HELLO = 1 << 0,
    STATE_SERVER_HELLO = 1 << 1,
    STATE_CLIENT_KEY = 1 << 2,
    STATE_SERVER_KEY = 1 << 3,
};

struct demand *
reader_demand(struct rule_reader *r)
{
    r->of_tls = true;
    if (r->demands_len == MOST_DEMANDS) {
        read_wrong(r, "a rule asks for %d such things at most", MOST_DEMANDS);
        return NULL;
    }
    struct demand *demand = &r->demands[r->demands_len++];
    *demand = (struct demand){0};
    return demand;
}

/* DTLS counts its versions downwards, and drafts of TLS 1.3 had numbers of their own. */
static unsigned
version_bit(uint16_t version)
{
    switch (version) {
    case 0x0002:
    case 0x0200:
        return VERSION_SSL2;
    case 0x0300:
        return VERSION_SSL3;
    case 0x0301:
        return VERSION_10;
    case 0x0302:
    case 0xfeff: /* DTLS 1.0 is TLS 1.1 */
        return VERSION_11;
    case 0x0303:
    case 0xfefd:
        return VERSION_12;
    case 0x0304:
    case 0xfefc:
        return VERSION_13;
    default:
        return version >> 8 == 0x7f ? VERSION_13 : 0;
    }
}

/* The highest version that a hello offers and that has a name here: there are GREASE and private
 * numbers among them. */
static uint16_t
version_offered(const struct client_hello *hello)
{
    uint16_t best = 0;
    struct reader r = reader_over(hello->supported_versions);
    while (reader_left(&r) >= 2) {
        uint16_t version = read_u16(&r);
        if (version_bit(version) > version_bit(best))
            best = version;
    }
    return best ? best : hello->version;
}

/* To the server it is what its client offers, to the client what the server chose. */
static uint16_t
version_of(const struct attempt *attempt)
{
    const struct session *session = attempt->session;
    if (attempt->source == CLIENT && session->has_hello)
        return version_offered(&session->hello);
    return session->version;
}

static bool
version_holds(const struct demand *demand, const struct attempt *attempt)
{
    return (version_bit(version_of(attempt)) & demand->any) != 0;
}

static bool
exact_version_holds(const struct demand *demand, const struct attempt *attempt)
{
    return number_holds(&demand->number, version_of(attempt));
}

static const struct {
    const char *name;
    unsigned bit;
} ssl_versions[] = {
    {"sslv2", VERSION_SSL2},
    {"sslv3", VERSION_SSL3},
    {"tls1.0", VERSION_10},
    {"tls1.1", VERSION_11},
    {"tls1.2", VERSION_12},
    {"tls1.3", VERSION_13},
};

static unsigned
ssl_version_named(struct bytes name)
{
    for (size_t i = 0; i < sizeof ssl_versions / sizeof *ssl_versions; i++)
        if (bytes_equal_nocase(name, bytes_from_string(ssl_versions[i].name)))
            return ssl_versions[i].bit;
    return 0;
}

/* "1.2" or "0x0303". */
enum reading
read_tls_version(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    bool negated = false;
    uint8_t raw[2];
    size_t len = 0;
    (void)keyword;
    if (!word_unquote(&value, &negated, &r->complaint))
        return READ_WRONG;
    struct demand *demand = reader_demand(r);
    if (!demand)
        return READ_WRONG;
    demand->negated = negated;
    if (bytes_start_with_nocase(value, bytes_from_string("0x"))) {
        if (!bytes_from_hex(bytes_skip(value, 2), raw, sizeof raw, &len) || len != 2)
            return read_wrong(r, "\"%.*s\" is no version: it has four digits", SHOWN(value));
        demand->holds = exact_version_holds;
        demand->number.a = raw[0] << 8 | raw[1];
        return READ_GOOD;
    }
    struct text name = {0};
    text_add_string(&name, "tls");
    text_add(&name, value);
    demand->holds = version_holds;
    demand->any = ssl_version_named(text_bytes(&name));
    text_free(&name);
    return demand->any ? READ_GOOD : read_wrong(r, "\"%.*s\" is no TLS version", SHOWN(value));
}

/* Any of several; those with "!" are left out of all others. */
enum reading
read_ssl_version(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    unsigned any = 0;
    unsigned none = 0;
    struct bytes word;
    (void)keyword;
    if (!word_unquote(&value, NULL, &r->complaint))
        return READ_WRONG;
    while (word_next(&value, ',', &word)) {
        bool negated = bytes_at(word, 0) == '!';
        unsigned bit = ssl_version_named(negated ? bytes_trim(bytes_skip(word, 1)) : word);
        if (!bit)
            return read_wrong(r, "\"%.*s\" is no SSL version", SHOWN(word));
        *(negated ? &none : &any) |= bit;
    }
    struct demand *demand = reader_demand(r);
    if (!demand)
        return READ_WRONG;
    if (!any && !none)
        return read_wrong(r, "ssl_version wants a version");
    demand->holds = version_holds;
    demand->negated = !any;
    demand->any = any ? any & ~none : none;
    return READ_GOOD;
}

static bool
history_has(const struct session *session, char letter)
{
    return strchr(session->history, letter) != NULL;
}

static bool
state_holds(const struct demand *demand, const struct attempt *attempt)
{
    const struct session *session = attempt->session;
    unsigned states = (session->has_hello ? STATE_CLIENT_HELLO : 0U) |
                      (session->has_answer ? STATE_SERVER_HELLO : 0U) |
                      (history_has(session, 'G') ? STATE_CLIENT_KEY : 0U) |
                      (history_has(session, 'k') ? STATE_SERVER_KEY : 0U);
    return (states & demand->any) != 0;
}

enum reading
read_ssl_state(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    static const struct {
        const char *name;
        unsigned bit;
    } states[] = {
        {"client_hello", STATE_CLIENT_HELLO},
        {"server_hello", STATE_SERVER_HELLO},
        {"client_keyx", STATE_CLIENT_KEY},
        {"server_keyx", STATE_SERVER_KEY},
    };
    bool negated = false;
    struct bytes word;
    unsigned any = 0;
    if (!word_unquote(&value, &negated, &r->complaint))
        return READ_WRONG;
    bool comma = bytes_find_byte(value, ',') < value.len;
    while (word_next(&value, comma ? ',' : '|', &word)) {
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof states / sizeof *states; i++)
            if (bytes_equal_nocase(word, bytes_from_string(states[i].name)))
                bit = states[i].bit;
        if (bytes_equal_nocase(word, bytes_from_string("unknown")))
            return read_skip(r, "%s:unknown", keyword->name);
        if (!bit)
            return read_wrong(r, "\"%.*s\" is no state of a handshake", SHOWN(word));
        any |= bit;
    }
    struct demand *demand = reader_demand(r);
    if (!demand)
        return READ_WRONG;
    *demand = (struct demand){.holds = state_holds, .negated = negated, .any = any};
    return any ? READ_GOOD : read_wrong(r, "ssl_state wants a state");
}

static bool
not_before_holds(const struct demand *demand, const struct attempt *attempt)
{
    const struct certificate *c = attempt->certificate;
    return c && c->has_not_before && number_holds(&demand->number, c->not_before);
}

static bool
not_after_holds(const struct demand *demand, const struct attempt *attempt)
{
    const struct certificate *c = attempt->certificate;
    return c && c->has_not_after && number_holds(&demand->number, c->not_after);
}

/* "2015", "2015-10-22" or "2015-10-22 23:59:59": seconds since 1970. */
static bool
read_moment(struct bytes text, int64_t *seconds)
{
    static const unsigned long most[] = {9999, 12, 31, 23, 59, 60};
    static const char ends[] = "--T::";
    unsigned long parts[] = {0, 1, 1, 0, 0, 0};
    text = bytes_trim(text);
    for (size_t i = 0; i < 6 && (text.len || !i); i++) {
        size_t width = i ? 2 : 4;
        if (!word_number(bytes_first(text, width), most[i], &parts[i]))
            return false;
        text = bytes_skip(text, width);
        if (!text.len)
            break;
        uint8_t end = bytes_at(text, 0);
        if (i == 5 || (end != (uint8_t)ends[i] && !(i == 2 && end == ' ')))
            return false;
        text = bytes_skip(text, 1);
        if (!text.len)
            return false;
    }
    struct tm tm = {
        .tm_year = (int)parts[0] - 1900,
        .tm_mon = (int)parts[1] - 1,
        .tm_mday = (int)parts[2],
        .tm_hour = (int)parts[3],
        .tm_min = (int)parts[4],
        .tm_sec = (int)parts[5],
    };
    *seconds = timegm(&tm);
    return parts[1] > 0 && parts[2] > 0;
}

static bool
read_moments(struct bytes text, struct number_test *test)
{
    size_t between = bytes_find(text, bytes_from_string("<>"));
    if (between != SIZE_MAX) {
        test->how = COMPARE_BETWEEN;
        return read_moment(bytes_first(text, between), &test->a) &&
               read_moment(bytes_skip(text, between + 2), &test->b) && test->a < test->b;
    }
    uint8_t sign = bytes_at(text, 0);
    test->how = sign == '<' ? COMPARE_LESS : sign == '>' ? COMPARE_MORE : COMPARE_EQUAL;
    return read_moment(test->how == COMPARE_EQUAL ? text : bytes_skip(text, 1), &test->a);
}

enum reading
read_date(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct demand *demand = reader_demand(r);
    if (!demand || !word_unquote(&value, NULL, &r->complaint))
        return READ_WRONG;
    r->rule.of_certificate = true;
    demand->holds = keyword->detail == DATE_NOT_BEFORE ? not_before_holds : not_after_holds;
    return read_moments(bytes_trim(value), &demand->number)
               ? READ_GOOD
               : read_wrong(r, "\"%.*s\" is no date such as >2015-10-22", SHOWN(value));
}

static int64_t
seconds_of(const struct session *session)
{
    return session->ts_ns / 1000000000 - (session->ts_ns % 1000000000 < 0);
}

static bool
expired_holds(const struct demand *demand, const struct attempt *attempt)
{
    const struct certificate *c = attempt->certificate;
    (void)demand;
    return c && c->has_not_after && c->not_after < seconds_of(attempt->session);
}

static bool
valid_holds(const struct demand *demand, const struct attempt *attempt)
{
    const struct certificate *c = attempt->certificate;
    int64_t now = seconds_of(attempt->session);
    (void)demand;
    return c && c->has_not_before && c->has_not_after && c->not_before <= now &&
           now <= c->not_after;
}

enum reading
read_validity(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct demand *demand = reader_demand(r);
    (void)value;
    if (!demand)
        return READ_WRONG;
    r->rule.of_certificate = true;
    demand->holds = keyword->detail == VALIDITY_EXPIRED ? expired_holds : valid_holds;
    return READ_GOOD;
}

static bool
chain_length_holds(const struct demand *demand, const struct attempt *attempt)
{
    const struct chain *chain = &attempt->session->chain[attempt->role];
    return number_holds(
        &demand->number, (int64_t)(chain->sent > chain->len ? chain->sent : chain->len));
}

enum reading
read_chain_length(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct demand *demand = reader_demand(r);
    (void)keyword;
    if (!demand)
        return READ_WRONG;
    r->rule.of_certificate = true;
    r->server_certificate = true;
    demand->holds = chain_length_holds;
    return read_number_test(value, &demand->number)
               ? READ_GOOD
               : read_wrong(r, "\"%.*s\" is no length of a chain", SHOWN(value));
}
