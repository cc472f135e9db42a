/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients ask in clear HTTP to check a certificate: no TLS at all, but it names certificates
 * that somebody just met. OCSP (RFC 6960 appendix A), whose request is the body of a POST or base64
 * in the path of a GET; revocation lists and certificates of issuers, which are fetched by the
 * addresses that stand in the certificate.
 *
 * A conversation is only listened to when its first message is about these: other HTTP is known by
 * its first bytes, and costs no more than before.
 */
#include "dissect/conversation.h"
#include "dissect/fetched.h"
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

/* ".crl" and the like, whatever is asked behind a "?". */
static bool
names_a_file(struct bytes target)
{
    static const char *const endings[] = {".crl", ".crt", ".cer", ".der", ".p7c", ".p7b", ".p7s"};
    struct bytes path = bytes_first(target, bytes_find_byte(target, '?'));
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t len = strlen(endings[i]);
        if (path.len > len &&
            bytes_equal_nocase(bytes_skip(path, path.len - len), bytes_from_string(endings[i])))
            return true;
    }
    return false;
}

/* Those who do nothing else but check certificates. */
static bool
names_a_checker(struct bytes head)
{
    static const char *const agents[] = {
        "\nUser-Agent: Microsoft-CryptoAPI/", "\nUser-Agent: com.apple.trustd/"};
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++)
        if (bytes_find(head, bytes_from_string(agents[i])) < head.len)
            return true;
    return false;
}

static enum look
look_at_get(struct bytes begun)
{
    uint8_t out[GET_MOST];
    struct bytes der;
    struct bytes line = bytes_skip(begun, strlen("GET "));
    size_t end = bytes_find_byte(line, ' ');
    struct bytes target = bytes_first(line, end);
    if (end < line.len && (request_in(target, out, &der) || names_a_file(target)))
        return LOOK_MINE;
    struct bytes head = bytes_first(begun, PREAMBLE_LOOK_MOST);
    if (names_a_checker(head))
        return LOOK_MINE;
    bool whole = bytes_find(head, bytes_from_string("\r\n\r\n")) < head.len;
    return whole ? LOOK_NOT_MINE : LOOK_MAYBE;
}

static enum look
look_at_head(struct bytes begun)
{
    static const char *const types[] = {"application/ocsp-re", "application/pkix-cert",
        "application/pkix-crl", "application/x-pkcs7-c", "application/pkcs7-mime",
        "application/x-x509-ca-cert"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (bytes_find(begun, bytes_from_string(types[i])) < begun.len)
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

/* What was fetched, by what the bytes are: servers call it by many names. */
static enum ocsp_source
source_of_fetched(struct bytes body, struct bytes *told)
{
    struct crl crl;
    *told = body;
    if (fetched_certificates(body, told))
        return FETCHED_CERTIFICATES;
    *told = bytes_first(body, CRL_HEAD_MOST);
    return crl_read(*told, &crl) ? FETCHED_CRL : OCSP_UNSEEN;
}

static enum ocsp_source
source_of(const struct http_message *message, uint8_t *out, struct bytes *der)
{
    struct bytes method = message->method;
    *der = message->body;
    if (!method.len && is_type(message->type, "application/ocsp-response"))
        return OCSP_ANSWERED;
    if (bytes_equal_string(method, "POST") && is_type(message->type, "application/ocsp-request"))
        return OCSP_ASKED;
    if (bytes_equal_string(method, "GET") && request_in(message->target, out, der))
        return OCSP_ASKED;
    return method.len ? OCSP_UNSEEN : source_of_fetched(message->body, der);
}

static void
hear_message(struct http_ocsp *state, struct carried *tls, const struct http_message *message)
{
    uint8_t out[GET_MOST];
    struct bytes der;
    enum ocsp_source source = source_of(message, out, &der);
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
