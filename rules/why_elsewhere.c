/* SPDX-License-Identifier: Apache-2.0
 *
 * Sentences about what was seen in another connection than the one that is told of.
 */
#include "rules/shown.h"
#include "rules/why_words.h"

#include <time.h>

static void
add_time(int64_t ns, struct text *out)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm parts;
    char text[32];
    if (gmtime_r(&seconds, &parts) && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts))
        text_add_string(out, text);
}

/* The certificate was not seen this time: say so, and where it was. */
void
why_say_recalled(
    const struct found *found, const char *list, const char *indicator, struct text *out)
{
    const struct session *session = found->seen.session;
    const struct chain *hidden = &session->chain[SERVER];
    why_add_indicated(found, list, indicator, out);
    text_add_string(out, "was shown by ");
    why_add_address(session, SERVER, out);
    text_add_format(out, " in connection %s at ", found->seen.recalled->uid);
    add_time(found->seen.recalled->ts_ns, out);
    text_add_string(out, "; now ");
    why_add_client(session, out);
    text_add_string(out, " connected there");
    why_add_purpose(session, out);
    text_add_format(out, ", and what the server showed is hidden (%s, %s); it may be another one.",
        visibility_name(hidden->visibility), visibility_reason_name(hidden->reason));
}

/* The chain that sizes tell of was not sent in this connection, if it was at all. */
void
why_add_supposed(const struct session *session, struct text *out)
{
    if (session->supposed_from[0])
        text_add_format(out,
            "; it was sent in connection %s, and this one resumes one like it, to judge by the "
            "length of the ticket",
            session->supposed_from);
}

/* It was not seen who the client is, only how long what it showed is. */
void
why_say_lookalike(
    const struct found *found, const char *list, const char *indicator, struct text *out)
{
    const struct session *session = found->seen.session;
    why_add_indicated(found, list, indicator, out);
    text_add_format(out, "was shown by a client in connection %s at ", found->seen.recalled->uid);
    add_time(found->seen.recalled->ts_ns, out);
    text_add_string(out, "; now ");
    why_add_client(session, out);
    text_add_string(out, session->supposed_from[0]
                             ? " is behind a hidden chain of the same length, towards "
                             : " sent a hidden chain of the same length to ");
    why_add_address(session, SERVER, out);
    why_add_purpose(session, out);
    why_add_supposed(session, out);
    text_add_string(out, "; it may be another one.");
}
