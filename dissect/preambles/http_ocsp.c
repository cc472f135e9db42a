/* SPDX-License-Identifier: Apache-2.0
 *
 * OCSP in clear HTTP (RFC 6960 appendix A): no TLS at all, but it names certificates that somebody
 * just checked. A request is the body of a POST, or base64 in the path of a GET.
 *
 * A conversation is only listened to when its first message is OCSP's: other HTTP is known by its
 * first bytes, and costs no more than before.
 */
#include "dissect/conversation.h"
#include "dissect/http.h"
#include "dissect/lines.h"
#include "dissect/ocsp.h"

#include <openssl/evp.h>

enum {
    GET_MOST = 1024, /* of a request in a path: longer ones are sent by POST */
    OTHERS_MOST = 8, /* messages about something else, one after the other */
};

struct http_ocsp {
    struct http_reader side[2];
    unsigned others, told;
};

static size_t
unescape(struct bytes path, uint8_t *out, size_t room)
{
    struct reader r = reader_over(path);
    size_t len = 0;
    while (reader_more(&r) && len < room) {
        uint8_t c = read_u8(&r);
        size_t made = 0;
        if (c == '%' && !bytes_from_hex(read_bytes(&r, 2), &c, 1, &made))
            return 0;
        out[len++] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    return r.bad || reader_more(&r) ? 0 : len;
}

/* Base64 of a request; DER makes it begin with "M". Padding may have been left out. */
static bool
decode(struct bytes path, uint8_t *out, struct bytes *der)
{
    uint8_t text[GET_MOST + 4];
    struct bytes singles;
    if (bytes_at(path, 0) != 'M')
        return false;
    size_t len = unescape(path, text, GET_MOST);
    while (len % 4)
        text[len++] = '=';
    int got = len ? EVP_DecodeBlock(out, text, (int)len) : -1;
    *der = bytes_of(out, got > 0 ? (size_t)got : 0);
    return der->len && ocsp_request_read(*der, &singles);
}

/* The request in the target of a GET: behind any of its slashes, for base64 has slashes too. */
static bool
request_in(struct bytes target, uint8_t *out, struct bytes *der)
{
    size_t slash;
    for (int i = 0; i < 8 && (slash = bytes_find_byte(target, '/')) < target.len; i++) {
        target = bytes_skip(target, slash + 1);
        if (decode(target, out, der))
            return true;
    }
    return false;
}

static enum look
look_at_get(struct bytes begun)
{
    uint8_t out[GET_MOST];
    struct bytes der;
    struct bytes line = bytes_skip(begun, strlen("GET "));
    size_t end = bytes_find_byte(line, ' ');
    if (end >= line.len)
        return bytes_find(line, bytes_from_string("/M")) < line.len ? LOOK_MAYBE : LOOK_NOT_MINE;
    return request_in(bytes_first(line, end), out, &der) ? LOOK_MINE : LOOK_NOT_MINE;
}

static enum look
look_at_head(struct bytes begun)
{
    if (bytes_find(begun, bytes_from_string("application/ocsp-re")) < begun.len)
        return LOOK_MINE;
    bool whole = bytes_find(begun, bytes_from_string("\r\n\r\n")) < begun.len;
    return whole ? LOOK_NOT_MINE : LOOK_MAYBE;
}

static enum look
look_http_ocsp(struct bytes originator, struct bytes responder)
{
    bool answer = originator.len == 0;
    struct bytes begun = answer ? responder : originator;
    if (!answer && look_for(begun, "GET ") == LOOK_MINE)
        return look_at_get(begun);
    enum look look = look_for(begun, answer ? "HTTP/1." : "POST ");
    return look == LOOK_MINE ? look_at_head(begun) : look;
}

static bool
is_type(struct bytes type, const char *wanted)
{
    return bytes_start_with_nocase(type, bytes_from_string(wanted));
}

static void
hear_message(struct http_ocsp *state, struct carried *tls, const struct http_message *message)
{
    uint8_t out[GET_MOST];
    struct bytes der = message->body;
    enum ocsp_source source = OCSP_UNSEEN;
    if (!message->method.len && is_type(message->type, "application/ocsp-response"))
        source = OCSP_ANSWERED;
    else if (bytes_equal_string(message->method, "POST") &&
             is_type(message->type, "application/ocsp-request"))
        source = OCSP_ASKED;
    else if (bytes_equal_string(message->method, "GET") && request_in(message->target, out, &der))
        source = OCSP_ASKED;
    state->others = source == OCSP_UNSEEN ? state->others + 1 : 0;
    if (source != OCSP_UNSEEN && der.len)
        ocsp_tell(tls->talk->dissection, tls->talk->flow, source, der, state->told++);
}

static bool
carry_http_ocsp(void *owner, struct carried *tls, enum side from, struct bytes data)
{
    struct http_ocsp *state = owner;
    struct http_reader *reader = &state->side[from];
    struct http_message message;
    enum http_step step;
    reader->pool = tls->talk->dissection->pool;
    while ((step = http_next(reader, &data, &message)) == HTTP_WHOLE) {
        hear_message(state, tls, &message);
        if (state->others > OTHERS_MOST)
            return false;
        if (!data.len)
            return true;
    }
    return step != HTTP_LOST;
}

static bool
carry_http_ocsp_gap(void *owner, struct carried *tls, enum side from, uint64_t missing)
{
    (void)owner;
    (void)tls;
    (void)from;
    (void)missing;
    return false;
}

static void
finish_http_ocsp(void *owner, struct carried *tls)
{
    struct http_ocsp *state = owner;
    struct http_message message;
    for (int side = 0; side < 2; side++) {
        if (!state->side[side].pool)
            continue;
        if (http_end(&state->side[side], &message))
            hear_message(state, tls, &message);
        http_free(&state->side[side]);
    }
}

const struct preamble http_ocsp_preamble = {
    .carrier = "http",
    .look = look_http_ocsp,
    .state_size = sizeof(struct http_ocsp),
    .carry = carry_http_ocsp,
    .carry_gap = carry_http_ocsp_gap,
    .repeats = true,
    .finish = finish_http_ocsp,
};
