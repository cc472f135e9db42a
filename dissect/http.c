/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/http.h"

static bool
append(struct http_reader *r, struct bytes data)
{
    enum { FIRST = 1024 };
    if (data.len > HTTP_HEAD_MOST + HTTP_BODY_MOST - r->len)
        return false;
    if (r->len + data.len > r->room) {
        size_t room = r->room ? 2 * r->room : FIRST;
        while (room < r->len + data.len)
            room *= 2;
        uint8_t *grown = pool_resize(r->pool, r->at, r->room, room);
        if (!grown)
            return false;
        r->at = grown;
        r->room = room;
    }
    if (data.len)
        memcpy(r->at + r->len, data.at, data.len);
    r->len += data.len;
    return true;
}

static bool
take_line(struct bytes *rest, struct bytes *line)
{
    size_t end = bytes_find_byte(*rest, '\n');
    if (end >= rest->len)
        return false;
    *line = bytes_trim(bytes_first(*rest, end));
    *rest = bytes_skip(*rest, end + 1);
    return true;
}

static struct bytes
take_word(struct bytes *line)
{
    size_t end = bytes_find_byte(*line, ' ');
    struct bytes word = bytes_first(*line, end < line->len ? end : line->len);
    *line = bytes_trim(bytes_skip(*line, word.len));
    return word;
}

/* What the head says of the body. */
struct framing {
    bool response, bodiless, chunked, sized;
    uint64_t length;
};

static bool
read_length(struct bytes text, uint64_t *length)
{
    struct reader r = reader_over(text);
    *length = 0;
    while (reader_more(&r)) {
        uint8_t digit = read_u8(&r);
        if (digit < '0' || digit > '9' || *length > UINT64_MAX / 100)
            return false;
        *length = *length * 10 + (uint64_t)(digit - '0');
    }
    return text.len > 0;
}

static bool
read_field(struct bytes line, struct http_message *message, struct framing *framing)
{
    size_t colon = bytes_find_byte(line, ':');
    struct bytes name = bytes_first(line, colon);
    struct bytes value = bytes_trim(bytes_skip(line, colon + 1));
    if (bytes_equal_nocase(name, bytes_from_string("content-type")))
        message->type = value;
    if (bytes_equal_nocase(name, bytes_from_string("transfer-encoding")))
        framing->chunked = bytes_equal_nocase(value, bytes_from_string("chunked"));
    if (!bytes_equal_nocase(name, bytes_from_string("content-length")))
        return true;
    framing->sized = true;
    return read_length(value, &framing->length);
}

static bool
read_start(struct bytes line, struct http_message *message, struct framing *framing)
{
    struct bytes version = bytes_from_string("HTTP/1.");
    struct bytes first = take_word(&line);
    if (bytes_start_with_nocase(first, version)) {
        struct bytes status = take_word(&line);
        framing->response = true;
        framing->bodiless = bytes_at(status, 0) == '1' || bytes_equal_string(status, "204") ||
                            bytes_equal_string(status, "304");
        return true;
    }
    message->method = first;
    message->target = take_word(&line);
    return bytes_start_with_nocase(line, version);
}

static bool
read_head(struct http_reader *r, struct http_message *message, struct framing *framing)
{
    struct bytes rest = bytes_of(r->at, r->head);
    struct bytes line;
    *message = (struct http_message){0};
    *framing = (struct framing){0};
    if (!take_line(&rest, &line) || !read_start(line, message, framing))
        return false;
    while (take_line(&rest, &line))
        if (!read_field(line, message, framing))
            return false;
    return true;
}

static enum http_phase
begin_body(struct http_reader *r)
{
    struct http_message message;
    struct framing framing;
    r->head = r->len;
    if (!read_head(r, &message, &framing))
        return HTTP_OVER;
    r->answer = framing.response;
    if (framing.length > HTTP_BODY_MOST && !r->answer)
        return HTTP_OVER;
    r->left = framing.length;
    if (framing.bodiless)
        return HTTP_DONE;
    if (framing.chunked) {
        r->left = 0;
        r->extension = false;
        return HTTP_CHUNK_SIZE;
    }
    if (framing.sized)
        return framing.length ? HTTP_BODY : HTTP_DONE;
    return framing.response ? HTTP_UNTIL_END : HTTP_DONE;
}

/* One line of the head, or what there is of it. */
static enum http_phase
hear_head(struct http_reader *r, struct bytes *data)
{
    size_t end = bytes_find_byte(*data, '\n');
    bool whole = end < data->len;
    struct bytes piece = bytes_first(*data, whole ? end + 1 : data->len);
    if (r->len + piece.len > HTTP_HEAD_MOST || !append(r, piece))
        return HTTP_OVER;
    *data = bytes_skip(*data, piece.len);
    if (!whole)
        return HTTP_HEAD;
    bool empty = bytes_trim(bytes_of(r->at + r->line, r->len - r->line)).len == 0;
    if (empty && r->line == 0)
        r->len = 0; /* lines before the first one are passed over */
    r->line = r->len;
    return empty && r->len ? begin_body(r) : HTTP_HEAD;
}

/* Appends to the body; of an answer only as much as is kept. */
static enum http_phase
append_body(struct http_reader *r, struct bytes piece, enum http_phase then)
{
    size_t room = HTTP_BODY_MOST - (r->len - r->head);
    bool fits = piece.len <= room;
    if ((!fits && !r->answer) || !append(r, bytes_first(piece, fits ? piece.len : room)))
        return HTTP_OVER;
    r->cut = !fits;
    return fits ? then : HTTP_DONE;
}

static enum http_phase
hear_body(struct http_reader *r, struct bytes *data, enum http_phase then)
{
    struct bytes piece = bytes_first(*data, r->left < data->len ? (size_t)r->left : data->len);
    *data = bytes_skip(*data, piece.len);
    r->left -= piece.len;
    return append_body(r, piece, r->left ? r->phase : then);
}

static int
hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum http_phase
hear_chunk_size(struct http_reader *r, struct bytes *data)
{
    uint8_t c = bytes_at(*data, 0);
    *data = bytes_skip(*data, 1);
    if (c == '\n') {
        r->line = 0;
        return r->left ? HTTP_CHUNK : HTTP_TRAILER;
    }
    r->extension = r->extension || hex_digit(c) < 0;
    if (!r->extension)
        r->left = r->left * 16 + (uint64_t)hex_digit(c);
    return r->left > (r->answer ? UINT64_MAX >> 8 : HTTP_BODY_MOST) ? HTTP_OVER : HTTP_CHUNK_SIZE;
}

static enum http_phase
hear_line_end(struct http_reader *r, struct bytes *data)
{
    uint8_t c = bytes_at(*data, 0);
    *data = bytes_skip(*data, 1);
    r->extension = false;
    return c == '\n' ? HTTP_CHUNK_SIZE : c == '\r' ? HTTP_CHUNK_END : HTTP_OVER;
}

static enum http_phase
hear_trailer(struct http_reader *r, struct bytes *data)
{
    uint8_t c = bytes_at(*data, 0);
    *data = bytes_skip(*data, 1);
    if (c == '\n' && r->line == 0)
        return HTTP_DONE;
    r->line = c == '\n' ? 0 : r->line + (c != '\r');
    return r->line > HTTP_HEAD_MOST ? HTTP_OVER : HTTP_TRAILER;
}

static enum http_phase
hear_rest(struct http_reader *r, struct bytes *data)
{
    struct bytes all = *data;
    *data = (struct bytes){0};
    return append_body(r, all, HTTP_UNTIL_END);
}

static enum http_phase
hear(struct http_reader *r, struct bytes *data)
{
    switch (r->phase) {
    case HTTP_HEAD:
        return hear_head(r, data);
    case HTTP_BODY:
        return hear_body(r, data, HTTP_DONE);
    case HTTP_CHUNK_SIZE:
        return hear_chunk_size(r, data);
    case HTTP_CHUNK:
        return hear_body(r, data, HTTP_CHUNK_END);
    case HTTP_CHUNK_END:
        return hear_line_end(r, data);
    case HTTP_TRAILER:
        return hear_trailer(r, data);
    case HTTP_UNTIL_END:
        return hear_rest(r, data);
    case HTTP_DONE:
    case HTTP_OVER:
        break;
    }
    return r->phase;
}

static void
tell(struct http_reader *r, struct http_message *message)
{
    struct framing framing;
    read_head(r, message, &framing);
    message->body = bytes_skip(bytes_of(r->at, r->len), r->head);
    message->cut = r->cut;
}

enum http_step
http_next(struct http_reader *r, struct bytes *data, struct http_message *message)
{
    if (r->phase == HTTP_DONE) {
        r->len = r->head = r->line = 0;
        r->phase = r->cut ? HTTP_OVER : HTTP_HEAD;
    }
    while (data->len && r->phase < HTTP_DONE)
        r->phase = hear(r, data);
    if (r->phase == HTTP_DONE)
        tell(r, message);
    return r->phase == HTTP_DONE ? HTTP_WHOLE : r->phase == HTTP_OVER ? HTTP_LOST : HTTP_MORE;
}

bool
http_end(struct http_reader *r, struct http_message *message)
{
    if (r->phase != HTTP_UNTIL_END)
        return false;
    tell(r, message);
    return true;
}

void
http_free(struct http_reader *r)
{
    pool_give(r->pool, r->at, r->room);
    *r = (struct http_reader){.pool = r->pool};
}
