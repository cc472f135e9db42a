/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP CONNECT (RFC 9110 section 9.3.6): a tunnel begins behind the headers of any 2xx answer.
 * Other requests to the proxy, and refusals, may come before it on the same connection: their
 * bodies (RFC 9112 section 6) are passed over.
 */
#include "dissect/lines.h"

enum {
    WAITING_MOST = 16,     /* requests that are not answered yet */
    BODIES_MOST = 1 << 20, /* bytes: a proxy's client that wants a tunnel comes to it */
    DIGITS_MOST = 15,      /* more than any body has */
};

enum request { REQUEST, REQUEST_HEAD, REQUEST_CONNECT };

enum passing { IN_HEAD, IN_BODY, IN_CHUNK_SIZE, IN_CHUNK, IN_CHUNK_END, IN_TRAILER };

struct http_connect {
    struct lines lines; /* comes first: those who hear a line are handed it */
    uint32_t passed;
    struct message {
        enum passing passing;
        bool begun, sized, chunked;
        enum request request;
        bool bodiless, granted;
        uint64_t left;
    } side[2];
    uint8_t waiting[WAITING_MOST]; /* enum request, in a ring */
    uint8_t first, count;
};

/* A proxy is asked for a whole address (RFC 9112 section 3.2.2). What is about a certificate is
 * another row's, which needs the whole head to know. */
static enum look
look_at_proxied(struct bytes originator)
{
    static const char *const methods[] = {"GET http://", "POST http://", "HEAD http://",
        "OPTIONS http://", "PUT http://", "DELETE http://"};
    enum look best = LOOK_NOT_MINE;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        best = look_best(best, look_for(originator, methods[i]));
    if (best != LOOK_MINE || originator.len >= PREAMBLE_LOOK_MOST)
        return best;
    bool whole = bytes_find(originator, bytes_from_string("\r\n\r\n")) < originator.len;
    return whole ? LOOK_MINE : LOOK_MAYBE;
}

static enum look
look_http_connect(struct bytes originator, struct bytes responder)
{
    (void)responder;
    return look_best(look_for(originator, "CONNECT "), look_at_proxied(originator));
}

static bool
is_answer(struct bytes line)
{
    return bytes_start_with_nocase(line, bytes_from_string("HTTP/1."));
}

static unsigned
digit_of(uint8_t c)
{
    uint8_t letter = (uint8_t)(c | 0x20);
    if (c >= '0' && c <= '9')
        return c - (unsigned)'0';
    return letter >= 'a' && letter <= 'f' ? letter - (unsigned)'a' + 10 : UINT8_MAX;
}

/* The number that a text begins with, and what is behind it. False without one, and where it is
 * absurd. */
static bool
read_number(struct bytes text, unsigned base, uint64_t *number, struct bytes *behind)
{
    size_t digits = 0;
    *number = 0;
    for (; digit_of(bytes_at(text, digits)) < base && digits < text.len; digits++) {
        if (digits == DIGITS_MOST)
            return false;
        *number = *number * base + digit_of(bytes_at(text, digits));
    }
    *behind = bytes_skip(text, digits);
    return digits > 0;
}

static bool
hear_field(struct message *m, struct bytes line)
{
    size_t colon = bytes_find_byte(line, ':');
    struct bytes name = bytes_first(line, colon);
    struct bytes value = bytes_trim(bytes_skip(line, colon + 1));
    if (bytes_equal_nocase(name, bytes_from_string("transfer-encoding")))
        m->chunked = bytes_equal_nocase(value, bytes_from_string("chunked"));
    if (!bytes_equal_nocase(name, bytes_from_string("content-length")))
        return true;
    m->sized = true;
    return read_number(value, 10, &m->left, &name) && !name.len;
}

static void
begin_request(struct http_connect *state, struct bytes line)
{
    struct message *m = &state->side[ORIGINATOR];
    bool connect = line_begins(line, "CONNECT");
    *m = (struct message){.begun = true};
    m->request = connect ? REQUEST_CONNECT : line_begins(line, "HEAD") ? REQUEST_HEAD : REQUEST;
    m->bodiless = connect;
    struct message *answer = &state->side[RESPONDER];
    if (connect && answer->passing == IN_HEAD && !answer->begun)
        state->lines.side[RESPONDER].len = 0; /* a body without length need not end with a line */
}

/* The request that this answer is for; what was not seen is like any other. */
static enum request
take_waiting(struct http_connect *state)
{
    if (!state->count)
        return REQUEST;
    enum request request = (enum request)state->waiting[state->first];
    state->first = (uint8_t)((state->first + 1) % WAITING_MOST);
    state->count--;
    return request;
}

static void
begin_answer(struct http_connect *state, struct bytes line)
{
    struct message *m = &state->side[RESPONDER];
    struct bytes status = bytes_first(line_rest(line), 3);
    bool final = bytes_at(status, 0) != '1';
    *m = (struct message){.begun = true};
    m->request = final ? take_waiting(state) : REQUEST;
    m->granted = m->request == REQUEST_CONNECT && bytes_at(status, 0) == '2';
    m->bodiless = !final || m->request == REQUEST_HEAD || bytes_equal_string(status, "204") ||
                  bytes_equal_string(status, "304");
}

static void
begin_body(struct message *m)
{
    m->begun = false;
    if (m->chunked && !m->bodiless)
        m->passing = IN_CHUNK_SIZE;
    else if (m->sized && m->left && !m->bodiless)
        m->passing = IN_BODY;
}

static enum preamble_step
end_head(struct http_connect *state, enum side from)
{
    struct message *m = &state->side[from];
    begin_body(m);
    if (from == RESPONDER)
        return m->granted ? PREAMBLE_UPGRADED : PREAMBLE_TALKING;
    if (state->count == WAITING_MOST)
        return PREAMBLE_NEVER;
    state->waiting[(state->first + state->count++) % WAITING_MOST] = (uint8_t)m->request;
    if (m->request == REQUEST_CONNECT)
        lines_ask(&state->lines, ORIGINATOR); /* the tunnel may carry anything once granted */
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_head(struct http_connect *state, enum side from, struct bytes line)
{
    struct message *m = &state->side[from];
    if (!m->begun && from == ORIGINATOR && line.len)
        begin_request(state, line);
    else if (!m->begun && is_answer(line)) /* else it is a body that ends with the connection */
        begin_answer(state, line);
    else if (m->begun && !line.len)
        return end_head(state, from);
    else if (m->begun && !hear_field(m, line))
        return PREAMBLE_NEVER;
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_http_line(struct lines *lines, enum side from, struct bytes line)
{
    struct http_connect *state = (struct http_connect *)lines;
    struct message *m = &state->side[from];
    switch (m->passing) {
    case IN_HEAD:
        return hear_head(state, from, line);
    case IN_CHUNK_SIZE:
        if (!read_number(line, 16, &m->left, &line)) /* extensions may be behind it */
            return PREAMBLE_NEVER;
        m->passing = m->left ? IN_CHUNK : IN_TRAILER;
        break;
    case IN_CHUNK_END:
        m->passing = IN_CHUNK_SIZE;
        break;
    case IN_TRAILER:
        m->passing = line.len ? IN_TRAILER : IN_HEAD;
        break;
    case IN_BODY:
    case IN_CHUNK:
        break;
    }
    return PREAMBLE_TALKING;
}

static bool
is_counted(const struct message *m)
{
    return m->passing == IN_BODY || m->passing == IN_CHUNK;
}

static void
pass_over(struct http_connect *state, struct message *m, struct bytes *data)
{
    size_t len = m->left < data->len ? (size_t)m->left : data->len;
    *data = bytes_skip(*data, len);
    m->left -= len;
    state->passed += (uint32_t)(len < BODIES_MOST ? len : BODIES_MOST);
    if (!m->left)
        m->passing = m->passing == IN_BODY ? IN_HEAD : IN_CHUNK_END;
}

/* A line at a time, for behind it may be what is counted. */
static enum preamble_step
hear_http_connect(void *owner, enum side from, struct bytes *data)
{
    struct http_connect *state = owner;
    struct message *m = &state->side[from];
    enum preamble_step step = PREAMBLE_TALKING;
    while (data->len && step == PREAMBLE_TALKING && state->passed < BODIES_MOST) {
        if (is_counted(m)) {
            pass_over(state, m, data);
            continue;
        }
        size_t end = bytes_find_byte(*data, '\n');
        struct bytes line = bytes_first(*data, end < data->len ? end + 1 : data->len);
        size_t len = line.len;
        bool tls = lines_end_here(&state->lines, from, *data);
        step = tls ? PREAMBLE_UPGRADED : lines_hear(&state->lines, from, &line, hear_http_line);
        *data = bytes_skip(*data, tls ? 0 : len - line.len);
    }
    return state->passed < BODIES_MOST ? step : PREAMBLE_NEVER;
}

const struct preamble http_connect_preamble = {
    .carrier = "http-connect",
    .look = look_http_connect,
    .state_size = sizeof(struct http_connect),
    .hear = hear_http_connect,
};
