/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dissect/http.h"
#include "dissect/preamble.h"

#include <check.h>
#include <stdio.h>

static struct pool pool;

/* What a side says, in pieces of `piece` bytes: each message as "METHOD TARGET|TYPE|BODY;". */
static struct text
read_all(const char *said, size_t piece, enum http_step *step)
{
    struct http_reader reader = {.pool = &pool};
    struct http_message message;
    struct text told = {0};
    struct bytes left = bytes_from_string(said);
    *step = HTTP_MORE;
    while (left.len && *step != HTTP_LOST) {
        struct bytes data = bytes_first(left, piece < left.len ? piece : left.len);
        left = bytes_skip(left, data.len);
        while (data.len && (*step = http_next(&reader, &data, &message)) == HTTP_WHOLE) {
            text_add(&told, message.method);
            text_add_char(&told, ' ');
            text_add(&told, message.target);
            text_add_char(&told, '|');
            text_add(&told, message.type);
            text_add_char(&told, '|');
            text_add(&told, message.body);
            text_add_char(&told, ';');
        }
        if (*step == HTTP_LOST)
            break;
    }
    if (http_end(&reader, &message)) {
        text_add_string(&told, "end|");
        text_add(&told, message.body);
    }
    http_free(&reader);
    ck_assert_uint_eq(pool.used, 0);
    return told;
}

static const struct {
    const char *said, *told;
    bool lost;
} cases[] = {
    {"POST /a HTTP/1.1\r\nContent-Type: x/y\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n",
        "POST /a|x/y|abc;GET /b||;", false},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type:x/y\r\n"
     "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n3\r\ncde\r\n0\r\nX: y\r\n\r\n"
     "HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\n",
        " ||; |x/y|abcde; ||;", false},
    {"HTTP/1.0 200 OK\nContent-Type: x/y\n\nabc", "end|abc", false},
    {"\r\n\r\nPUT * HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "PUT *||;", false},
    {"SSH-2.0-x\r\n\r\n", "", true},
    {"GET /a HTTP/1.1\r\nContent-Length: 1x\r\n\r\n", "", true},
    {"GET /a HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", "", true},
    {"GET /a HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "", true},
    {"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n", "", true},
    {"GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naX", "", true},
};

START_TEST(messages_are_read_however_they_are_split)
{
    size_t len = strlen(cases[_i].said);
    for (size_t piece = 1; piece <= len; piece++) {
        enum http_step step;
        struct text told = read_all(cases[_i].said, piece, &step);
        ck_assert_str_eq(text_string(&told), cases[_i].told);
        ck_assert_int_eq(step == HTTP_LOST, cases[_i].lost);
        text_free(&told);
    }
}
END_TEST

START_TEST(what_is_too_large_is_given_up)
{
    struct text said = {0};
    enum http_step step;
    text_add_string(&said, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < HTTP_HEAD_MOST / 8; i++)
        text_add_string(&said, "Some: x\r\n");
    struct text told = read_all(text_string(&said), 1000, &step);
    ck_assert_int_eq(step, HTTP_LOST);
    text_clear(&said);
    text_add_string(&said, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < HTTP_BODY_MOST / 8 + 1; i++)
        text_add_string(&said, "8\r\n12345678\r\n");
    struct text more = read_all(text_string(&said), 1000, &step);
    ck_assert_int_eq(step, HTTP_LOST);
    ck_assert_uint_eq(more.len, strlen(" ||;") + HTTP_BODY_MOST);
    text_free(&said);
    text_free(&told);
    text_free(&more);
}
END_TEST

/* Of an answer what is kept is told, however its length is given; nothing behind it is. */
START_TEST(the_beginning_of_a_long_answer_is_told)
{
    static const char *const heads[] = {"", "Content-Length: 99999999\r\n",
        "Content-Length: 65537\r\n", "Transfer-Encoding: chunked\r\n"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct text said = {0};
        enum http_step step;
        text_add_format(&said, "HTTP/1.1 200 OK\r\n%s\r\n", heads[i]);
        if (i == 3)
            text_add_string(&said, "fffff;a=b\r\n");
        for (int k = 0; k <= HTTP_BODY_MOST; k++)
            text_add_char(&said, 'a');
        for (int k = 0; k < 100; k++)
            text_add_string(&said, "HTTP/1.1 200 OK\r\n\r\n");
        struct text told = read_all(text_string(&said), 777, &step);
        ck_assert_int_eq(step, HTTP_LOST);
        ck_assert_uint_eq(told.len, strlen(" ||;") + HTTP_BODY_MOST);
        text_free(&told);
        text_free(&said);
    }
}
END_TEST

START_TEST(a_pool_that_is_used_up_loses_it)
{
    enum http_step step;
    pool.limit = 512;
    struct text told = read_all(cases[0].said, 10, &step);
    pool.limit = SIZE_MAX;
    ck_assert_int_eq(step, HTTP_LOST);
    text_free(&told);
}
END_TEST

static const char get[] =
    "GET /ocsp/MEkwRzBFMEMwQTAJBgUrDgMCGgUABBQOczgXp0oJT8btc7q249yhxCORmAQUUynQ"
    "fISFoVMAciBw18bZxeH5VsQCCFrVlx3z9yNP";

static enum look
look(const char *originator, const char *responder)
{
    return http_ocsp_preamble.look(bytes_from_string(originator), bytes_from_string(responder));
}

START_TEST(other_http_is_let_go_at_once)
{
    char line[256];
    snprintf(line, sizeof line, "%s HTTP/1.1\r\n", get);
    ck_assert_int_eq(look(line, ""), LOOK_MINE);
    ck_assert_int_eq(look(get, ""), LOOK_MAYBE);
    ck_assert_int_eq(look("GET /index.html HTTP/1.1\r\n", ""), LOOK_MAYBE);
    ck_assert_int_eq(look("GET /index.html HTTP/1.1\r\n\r\n", ""), LOOK_NOT_MINE);
    ck_assert_int_eq(look("GET /Mail/inbox HTTP/1.1\r\n\r\n", ""), LOOK_NOT_MINE);
    ck_assert_int_eq(look("GET /Mk%zz HTTP/1.1\r\n\r\n", ""), LOOK_NOT_MINE);
    ck_assert_int_eq(look("GET /a.crl HTTP/1.1\r\n", ""), LOOK_MINE);
    ck_assert_int_eq(look("GET /a/CA.CRT?x=y.html HTTP/1.1\r\n", ""), LOOK_MINE);
    ck_assert_int_eq(look("GET /.crl HTTP/1.1\r\n\r\n", ""), LOOK_MINE);
    ck_assert_int_eq(look("GET .crl HTTP/1.1\r\n\r\n", ""), LOOK_NOT_MINE);
    ck_assert_int_eq(
        look("GET / HTTP/1.1\r\nA: b\r\nUser-Agent: Microsoft-CryptoAPI/10.0\r\n", ""), LOOK_MINE);
    ck_assert_int_eq(
        look("", "HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\n"), LOOK_MINE);
    ck_assert_int_eq(look("PO", ""), LOOK_MAYBE);
    ck_assert_int_eq(look("POST / HTTP/1.1\r\nHost: a", ""), LOOK_MAYBE);
    ck_assert_int_eq(look("POST / HTTP/1.1\r\nHost: a\r\n\r\n", ""), LOOK_NOT_MINE);
    ck_assert_int_eq(
        look("POST / HTTP/1.1\r\nContent-Type: application/ocsp-request", ""), LOOK_MINE);
    ck_assert_int_eq(
        look("", "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n"), LOOK_MINE);
    ck_assert_int_eq(look("", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"), LOOK_NOT_MINE);
    ck_assert_int_eq(look("PUT / HTTP/1.1\r\n", ""), LOOK_NOT_MINE);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("http");
    TCase *c = tcase_create("http");
    pool.limit = SIZE_MAX;
    tcase_add_loop_test(
        c, messages_are_read_however_they_are_split, 0, sizeof cases / sizeof *cases);
    tcase_add_test(c, what_is_too_large_is_given_up);
    tcase_add_test(c, the_beginning_of_a_long_answer_is_told);
    tcase_add_test(c, a_pool_that_is_used_up_loses_it);
    tcase_add_test(c, other_http_is_let_go_at_once);
    suite_add_tcase(s, c);
    return s;
}
