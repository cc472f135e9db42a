/* SPDX-License-Identifier: Apache-2.0
 *
 * One side of HTTP/1 in the clear (RFC 9112), as far as it takes to find short bodies in it: one
 * message after the other, each with its body, whatever pieces it comes in.
 */
#ifndef CERTTAP_DISSECT_HTTP_H
#define CERTTAP_DISSECT_HTTP_H

#include "base/pool.h"

enum { HTTP_HEAD_MOST = 8 << 10, HTTP_BODY_MOST = 64 << 10 };

enum http_phase {
    HTTP_HEAD,
    HTTP_BODY,       /* so many bytes are left of it */
    HTTP_CHUNK_SIZE, /* the line of it */
    HTTP_CHUNK,      /* likewise left */
    HTTP_CHUNK_END,  /* the end of line behind it */
    HTTP_TRAILER,
    HTTP_UNTIL_END, /* the body ends with the connection */
    HTTP_DONE,      /* a message was told */
    HTTP_OVER,      /* nothing will be understood any more */
};

/* A zeroed reader with a pool is a valid one. */
struct http_reader {
    struct pool *pool; /* borrowed */
    uint8_t *at;       /* the head, and the body behind it */
    size_t len, room;
    size_t head; /* bytes of it, once it is whole */
    size_t line; /* where the line that is being read begins; in a trailer, its length */
    enum http_phase phase;
    uint64_t left;
    bool extension; /* the chunk's size is read, but not its line */
    bool answer;    /* the message is a response */
    bool cut;       /* and its body is longer than is kept */
};

/* Slices are borrowed until the reader is asked again. */
struct http_message {
    struct bytes method; /* of a request; else empty */
    struct bytes target; /* likewise */
    struct bytes type;   /* Content-Type */
    struct bytes body;
    bool cut; /* of an answer: the body goes on, and is not followed any further */
};

enum http_step {
    HTTP_MORE,  /* all of the data was taken */
    HTTP_WHOLE, /* `message` is set; ask again for what follows in the data */
    HTTP_LOST,  /* it is no HTTP, or larger than is read, or there is no room */
};

/* Takes the next message off the front of `data`. */
enum http_step http_next(
    struct http_reader *reader, struct bytes *data, struct http_message *message);

/* The side has ended: was that the end of a message? */
bool http_end(struct http_reader *reader, struct http_message *message);

/* Gives back what it holds. */
void http_free(struct http_reader *reader);

#endif
