/* SPDX-License-Identifier: Apache-2.0
 *
 * The sentence about a certificate that nobody was seen to show.
 */
#include "rules/shown.h"
#include "rules/why_words.h"
#include "rules/written.h"

enum { MOST_NAME = 200 };

static void
add_named(const struct found *found, struct text *out)
{
    const struct certificate *c = found->seen.certificate;
    text_add_string(out, "the certificate ");
    if (found->seen.named->known) {
        why_add_quoted(out, c->subject_text, MOST_NAME);
        text_add_format(out, " (SHA-256 %s, serial ", c->sha256_hex);
    } else {
        text_add_string(out, "(serial ");
    }
    text_add_wire(out, c->serial_text, MOST_NAME);
    if (c->issuer_text.len) {
        text_add_string(out, ", issuer ");
        why_add_quoted(out, c->issuer_text, MOST_NAME);
    }
    text_add_char(out, ')');
}

static void
add_event(const struct found *found, struct text *out)
{
    const struct session *session = found->seen.session;
    bool answer = session->ocsp == OCSP_ANSWERED;
    why_add_address(session, answer ? SERVER : CLIENT, out);
    text_add_string(out, answer                        ? " told "
                         : session->ocsp == OCSP_ASKED ? " asked "
                                                       : " fetched from ");
    why_add_address(session, answer ? CLIENT : SERVER, out);
    text_add_string(out, session->ocsp == FETCHED_CERTIFICATES ? ", in clear HTTP, "
                                                               : " by OCSP in clear HTTP about ");
}

static void
add_answer(const struct found *found, struct text *out)
{
    const struct ocsp_single *single = found->seen.named->single;
    if (found->seen.session->ocsp != OCSP_ANSWERED || !single)
        return;
    text_add_format(out, "; the answer is \"%s\"", ocsp_status_name(single->status));
    if (single->status != OCSP_REVOKED)
        return;
    text_add_string(out, " since ");
    time_write(single->revoked_at, out);
}

void
why_say_aside(const struct found *found, const char *list, const char *indicator, struct text *out)
{
    bool fetched = found->seen.session->ocsp == FETCHED_CERTIFICATES;
    add_event(found, out);
    add_named(found, out);
    if (why_phrases[found->what]) {
        text_add_format(out, ", whose %s ", why_phrases[found->what]);
        why_add_quoted(out, bytes_from_string(indicator), WHY_INDICATOR_MOST);
    }
    why_add_list(found, list, out);
    add_answer(found, out);
    text_add_string(out, fetched ? "; it was not shown in a handshake here."
                                 : "; it was not shown here, and who showed it, in which role, "
                                   "is unknown.");
}
