/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/why.h"

#include "dissect/names.h"
#include "rules/shown.h"
#include "rules/why_words.h"
#include "rules/written.h"

enum { MOST_NAME = 200, MOST_DESCRIPTION = 200, MOST_NETWORKS = 8 };

const char *const why_phrases[WHATS] = {
    [WHAT_SPKI] = "key has the SHA-256",
    [WHAT_SUBJECT_KEY] = "subject and key are",
    [WHAT_ISSUER_KEY_SERIAL] = "issuer's key and serial number are",
    [WHAT_SERIAL] = "serial number is",
    [WHAT_ISSUER_KEY] = "issuer's key has the SHA-256",
    [WHAT_ISSUER] = "issuer is",
    [WHAT_SUBJECT] = "subject is",
    [WHAT_COMMON_NAME] = "common name is",
    [WHAT_SAN] = "alternative name is",
    [WHAT_DOMAIN] = "name is",
};

void
why_add_quoted(struct text *out, struct bytes wire, size_t most)
{
    text_add_char(out, '"');
    text_add_wire(out, wire, most);
    text_add_char(out, '"');
}

/* What the OCSP response was, and whether it can be believed. */
static void
add_response(const struct revocation *revocation, struct text *out)
{
    const char *reason = revocation->has_reason ? ocsp_reason_name(revocation->reason) : NULL;
    text_add_string(out, revocation->source == OCSP_ANSWERED
                             ? " revoked by an OCSP response that was seen in clear HTTP ("
                         : revocation->stapled ? " revoked by the OCSP response stapled to it ("
                                               : " revoked by an OCSP response stapled earlier (");
    if (reason)
        text_add_format(out, "reason %s; ", reason);
    text_add_string(out, revocation->checked   ? "the response's signature is right)"
                         : revocation->refused ? "the response's signature is wrong)"
                                               : "the response's signature was not checked)");
}

void
why_add_list(const struct found *found, const char *list, struct text *out)
{
    if (found->by_ocsp) {
        add_response(&found->revocation, out);
        return;
    }
    text_add_string(
        out, found->note == NOTE_REVOKED_CERTIFICATE ? " revoked by list " : " of list ");
    text_add_written(out, bytes_from_string(list), MOST_NAME);
    if (found->line)
        text_add_format(out, " line %lu", found->line);
    if (*found->say.description) {
        text_add_string(out, " (\"");
        text_add_written(out, bytes_from_string(found->say.description), MOST_DESCRIPTION);
        text_add_string(out, "\")");
    }
}

/* Whether what was revoked was still good when it was used. */
static void
add_revocation(const struct found *found, struct text *out)
{
    const struct moment *revoked = &found->say.revoked;
    int64_t used = found->seen.session->ts_ns / 1000000000;
    if (!revoked->given)
        return;
    text_add_string(out, used < revoked->seconds ? "; this use came before its revocation at "
                                                 : "; this use came after its revocation at ");
    time_write(revoked->seconds, out);
}

void
why_add_certificate(const struct found *found, struct text *out)
{
    const struct certificate *c = found->seen.certificate;
    bool client = found->seen.role == CLIENT;
    if (c->raw_key) {
        text_add_format(out, "The %s's key without a certificate (SHA-256 %s)",
            client ? "client" : "server", c->sha256_hex);
        return;
    }
    if (found->seen.index > 0)
        text_add_format(out, "Certificate %d of the %s's chain ", found->seen.index,
            client ? "client" : "server");
    else
        text_add_string(out, client ? "Client certificate " : "Server certificate ");
    why_add_quoted(out, c->subject_text, MOST_NAME);
    text_add_format(out, " (SHA-256 %s", c->sha256_hex);
    if (c->serial_text.len) {
        text_add_string(out, ", serial ");
        text_add_wire(out, c->serial_text, MOST_NAME);
    }
    text_add_char(out, ')');
}

void
why_add_address(const struct session *session, enum role role, struct text *out)
{
    const struct address *address = session_address(session, role);
    char text[ADDRESS_TEXT];
    if (!address_is_set(address)) {
        text_add_string(out, "a station without an address");
        return;
    }
    address_to_text(address, text);
    if (role == CLIENT) {
        text_add_string(out, text);
        return;
    }
    bool v4 = address_is_v4(address);
    text_add_format(
        out, v4 ? "%s:%u" : "[%s]:%u", text, session->port[other_side(session->client_side)]);
}

void
why_add_client(const struct session *session, struct text *out)
{
    char text[ADDRESS_TEXT];
    why_add_address(session, CLIENT, out);
    if (!session->has_client_address)
        return;
    address_to_text(&session->address[session->client_side], text);
    text_add_format(out, " (through the proxy %s)", text);
}

/* What it was for, as far as that is known. */
void
why_add_purpose(const struct session *session, struct text *out)
{
    const char *service = session->service ? session->service : session->carrier;
    bool named = session->has_hello && session->hello.has_server_name;
    if (!service && !named)
        return;
    text_add_string(out, " (");
    text_add_string(out, service ? service : "");
    if (named) {
        text_add_string(out, service ? ", server name " : "server name ");
        text_add_wire(out, session->hello.server_name, MOST_NAME);
    }
    text_add_char(out, ')');
}

static void
add_networks(const struct networks *networks, struct text *out)
{
    char text[ADDRESS_TEXT];
    for (size_t i = 0; i < networks->len; i++) {
        const struct network *network = &networks->at[i];
        if (i == MOST_NETWORKS) {
            text_add_format(out, " and %zu more", networks->len - i);
            return;
        }
        unsigned base = address_is_v4(&network->address) && network->prefix >= 96 ? 96 : 0;
        address_to_text(&network->address, text);
        text_add_format(out, "%s%s", i ? ", " : "", text);
        if (network->prefix < 128)
            text_add_format(out, "/%u", network->prefix - base);
    }
}

static void
add_expectation(const struct found *found, struct text *out)
{
    if (!found->watch || !found->watch->when.not_from.len)
        return;
    text_add_string(out, "; it may come only from ");
    add_networks(&found->watch->when.not_from, out);
}

static void
add_origin(const struct session *session, const struct chain *chain, struct text *out)
{
    if (chain->visibility != VISIBLE_INHERITED)
        return;
    text_add_string(out, "; it was shown in connection ");
    text_add_string(out, *session->resumed_from ? session->resumed_from : "(unknown)");
    text_add_string(out, ", which this session comes from");
}

static void
add_possession(const struct session *session, enum role role, struct text *out)
{
    const char *who = role_name(role);
    switch (session->possession[role]) {
    case POSSESSION_VERIFIED:
        text_add_format(out, "; the %s proved that it holds the key", who);
        break;
    case POSSESSION_FAILED:
        text_add_format(out, "; the %s's proof that it holds the key is wrong", who);
        break;
    case POSSESSION_UNCHECKED:
        text_add_format(out, "; whether the %s holds the key was not checked", who);
        if (session->unproven[role])
            text_add_format(out, " (%s)", session->unproven[role]);
        break;
    }
}

static void
add_outcome(const struct session *session, enum role shown_by, struct text *out)
{
    const char *judge = shown_by == CLIENT ? "server" : "client";
    char buffer[NAME_BUFFER];
    switch (session_outcome(session, shown_by)) {
    case OUTCOME_ACCEPTED:
        text_add_format(out, "; the %s accepted it", judge);
        break;
    case OUTCOME_REJECTED:
        text_add_format(out, "; the %s rejected it", judge);
        if (session->last_alert != NO_ALERT)
            text_add_format(out, " (alert %s)", alert_name((uint8_t)session->last_alert, buffer));
        break;
    case OUTCOME_UNKNOWN:
        text_add_format(out, "; whether the %s accepted it is unknown", judge);
        break;
    }
}

/* Who showed it to whom; or, where that was in another connection, who stands by it now. */
static void
add_meeting(const struct session *session, enum role role, struct text *out)
{
    bool inherited = session->chain[role].visibility == VISIBLE_INHERITED;
    enum role first = inherited ? CLIENT : role;
    text_add_string(out, inherited ? "stands behind the session that " : "was presented by ");
    if (first == CLIENT)
        why_add_client(session, out);
    else
        why_add_address(session, SERVER, out);
    text_add_string(out, inherited ? " resumed with " : " to ");
    why_add_address(session, first == CLIENT ? SERVER : CLIENT, out);
}

/* Whatever was said of what makes it the one that is watched stands between commas. */
void
why_add_indicated(
    const struct found *found, const char *list, const char *indicator, struct text *out)
{
    const char *phrase = why_phrases[found->what];
    why_add_certificate(found, out);
    if (phrase) {
        text_add_format(out, ", whose %s ", phrase);
        why_add_quoted(out, bytes_from_string(indicator), WHY_INDICATOR_MOST);
    }
    why_add_list(found, list, out);
    text_add_string(out, phrase ? ", " : " ");
}

static void
say_certificate(
    const struct found *found, const char *list, const char *indicator, struct text *out)
{
    const struct session *session = found->seen.session;
    enum role role = found->seen.role;
    why_add_indicated(found, list, indicator, out);
    add_meeting(session, role, out);
    why_add_purpose(session, out);
    add_expectation(found, out);
    add_revocation(found, out);
    add_origin(session, &session->chain[role], out);
    if (found->seen.index == 0)
        add_possession(session, role, out);
    add_outcome(session, role, out);
    text_add_char(out, '.');
}

static const struct {
    const char *noun;
    const char *verb;
} session_words[WHATS] = {
    [WHAT_DOMAIN] = {"Server name", "was asked for by "},
    [WHAT_SERVER_NAME] = {"Server name", "was asked for by "},
    [WHAT_JA3] = {"TLS client fingerprint (JA3)", "was seen from "},
    [WHAT_JA3S] = {"TLS server fingerprint (JA3S)", "was seen in the answer to "},
    [WHAT_JA4] = {"TLS client fingerprint (JA4)", "was seen from "},
    [WHAT_CHAIN_LENGTH] = {"A hidden certificate chain of the watched length",
        "was sent in a connection of "},
    [WHAT_ADDRESS] = {"Address or network", "was met: "},
};

static void
say_session(const struct found *found, const char *list, const char *indicator, struct text *out)
{
    const struct session *session = found->seen.session;
    text_add_format(out, "%s ", session_words[found->what].noun);
    why_add_quoted(out, bytes_from_string(indicator), WHY_INDICATOR_MOST);
    why_add_list(found, list, out);
    bool supposed = found->what == WHAT_CHAIN_LENGTH && session->supposed_from[0];
    text_add_format(out, " %s",
        supposed ? "may stand behind a connection of " : session_words[found->what].verb);
    why_add_client(session, out);
    text_add_string(out, found->what == WHAT_ADDRESS        ? " spoke TLS to "
                         : found->what == WHAT_CHAIN_LENGTH ? " to "
                                                            : " in a connection to ");
    why_add_address(session, SERVER, out);
    why_add_purpose(session, out);
    add_expectation(found, out);
    if (found->what == WHAT_CHAIN_LENGTH)
        why_add_supposed(session, out);
    if (found->what == WHAT_CHAIN_LENGTH)
        text_add_string(out, "; a chain of that length need not be that certificate's");
    text_add_string(out, session->established ? "; the connection was established."
                                              : "; the connection was not seen established.");
}

void
why_sentence(const struct found *found, const char *list, const char *indicator, struct text *out)
{
    if (found->seen.named)
        why_say_aside(found, list, indicator, out);
    else if (sighting_is_lookalike(&found->seen))
        why_say_lookalike(found, list, indicator, out);
    else if (found->seen.recalled)
        why_say_recalled(found, list, indicator, out);
    else if (found->seen.certificate)
        say_certificate(found, list, indicator, out);
    else
        say_session(found, list, indicator, out);
}

void
why_rule(const struct sighting *seen, const struct rule_words *rule, struct text *out)
{
    const struct session *session = seen->session;
    struct found found = {.seen = *seen};
    text_add_format(out, "Rule %s", rule->numbers);
    if (*rule->msg) {
        text_add_string(out, " (\"");
        text_add_written(out, bytes_from_string(rule->msg), MOST_DESCRIPTION);
        text_add_string(out, "\")");
    }
    text_add_string(out, " of ");
    text_add_written(out, bytes_from_string(rule->list), MOST_NAME);
    text_add_format(out, " line %lu holds: ", rule->line);
    if (seen->certificate) {
        why_add_certificate(&found, out);
        text_add_string(out, " was presented by ");
        why_add_address(session, seen->role, out);
        text_add_string(out, " to ");
        why_add_address(session, seen->role == CLIENT ? SERVER : CLIENT, out);
    } else {
        why_add_client(session, out);
        text_add_string(out, " spoke TLS to ");
        why_add_address(session, SERVER, out);
    }
    why_add_purpose(session, out);
    if (seen->certificate)
        add_origin(session, &session->chain[seen->role], out);
    if (seen->certificate && seen->index == 0)
        add_possession(session, seen->role, out);
    if (seen->certificate)
        add_outcome(session, seen->role, out);
    else
        text_add_string(out, session->established ? "; the connection was established"
                                                  : "; the connection was not seen established");
    text_add_char(out, '.');
}
