/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/proof.h"

#include "dissect/message.h"
#include "dissect/tls_record.h"
#include "tests/support/asn1.h"
#include "tests/support/scene.h"
#include "tests/support/signing.h"

#include <check.h>

/* ---- A handshake in which both sides sign. */

enum { LINES_MOST = 16, BUDGET = 4 << 20, RANDOM = 32 };

/* One message, of the client or of the server. */
struct line {
    enum role role;
    uint8_t type;
    uint16_t seq;
    struct bytes body;
};

/* What is wrong with it. */
enum trick {
    HONEST,
    FORGED,     /* another key of the same kind signs */
    TAMPERED,   /* a bit of the signature is another */
    OVERHEARD,  /* the signature is of another handshake, with another random */
    OTHER_KIND, /* a key of another kind signs */
    SWAPPED,    /* the capture holds the client's flight before the server's */
    WITH_GAP,   /* a record of the server's is missing */
    UNSIGNED,   /* there is no CertificateVerify */
};

static const struct way {
    const char *kind;
    uint16_t version;
    uint16_t scheme; /* 0: none is said */
    const char *digest;
    bool pss;
    uint16_t cipher;
} ways[] = {
    {"RSA", 0x0301, 0, "MD5-SHA1", false, 0xc013},
    {"RSA", 0x0302, 0, "MD5-SHA1", false, 0x0033},
    {"P-256", 0x0301, 0, "SHA1", false, 0xc009},
    {"DSA", 0x0302, 0, "SHA1", false, 0x0032},
    {"RSA", 0x0303, 0x0401, "SHA256", false, 0xc02f},
    {"RSA", 0x0303, 0x0601, "SHA512", false, 0x0033},
    {"RSA", 0x0303, 0x0804, "SHA256", true, 0xc02f},
    {"RSA-PSS", 0x0303, 0x0809, "SHA256", true, 0xc02f},
    {"P-256", 0x0303, 0x0403, "SHA256", false, 0xc02b},
    {"P-384", 0x0303, 0x0503, "SHA384", false, 0xc02b},
    {"P-521", 0x0303, 0x0603, "SHA512", false, 0xc02b},
    {"ED25519", 0x0303, 0x0807, NULL, false, 0xc02b},
    {"ED448", 0x0303, 0x0808, NULL, false, 0xc02b},
    {"DSA", 0x0303, 0x0402, "SHA256", false, 0x0032},
    {"RSA", 0xfeff, 0, "MD5-SHA1", false, 0xc013},
    {"RSA", 0xfefd, 0x0401, "SHA256", false, 0xc02f},
    {"P-256", 0xfefd, 0x0403, "SHA256", false, 0xc02b},
    {"ED25519", 0xfefd, 0x0807, NULL, false, 0xc02b},
};

struct play {
    struct scene scene;
    const struct way *way;
    enum trick trick;
    bool datagram;
    struct line line[LINES_MOST];
    size_t len;
    uint16_t seq[2]; /* by role: of the next message */
    uint64_t record;
};

static void
add_number(struct text *out, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        text_add_char(out, (char)(value >> 8 * bytes & 0xff));
}

/* A text as bytes of the arena. */
static struct bytes
settle(struct play *p, struct text *text)
{
    bool ok;
    struct bytes bytes = arena_copy(&p->scene.arena, text_bytes(text), &ok);
    ck_assert(ok);
    text_free(text);
    return bytes;
}

static void
say(struct play *p, enum role role, uint8_t type, struct bytes body)
{
    ck_assert_uint_lt(p->len, LINES_MOST);
    p->line[p->len++] = (struct line){role, type, p->seq[role]++, body};
}

static void
say_text(struct play *p, enum role role, uint8_t type, struct text *body)
{
    say(p, role, type, settle(p, body));
}

static void
add_random(struct text *out, uint8_t byte)
{
    for (int i = 0; i < RANDOM; i++)
        text_add_char(out, (char)byte);
}

static void
say_hello(struct play *p, uint8_t random, bool cookie)
{
    struct text body = {0};
    add_number(&body, p->way->version, 2);
    add_random(&body, random);
    add_number(&body, 0, 1);
    if (p->datagram)
        add_number(&body, cookie ? 0x0401020304 : 0, cookie ? 5 : 1);
    add_number(&body, 2, 2);
    add_number(&body, p->way->cipher, 2);
    add_number(&body, 0x0100, 2);
    say_text(p, CLIENT, MESSAGE_CLIENT_HELLO, &body);
}

static void
say_answer(struct play *p, uint8_t random)
{
    struct text body = {0};
    add_number(&body, p->way->version, 2);
    add_random(&body, random);
    add_number(&body, 0, 1);
    add_number(&body, p->way->cipher, 2);
    add_number(&body, 0, 1);
    say_text(p, SERVER, MESSAGE_SERVER_HELLO, &body);
}

static void
say_certificate(struct play *p, enum role role)
{
    struct signer *signer = signer_find(p->way->kind, 0);
    struct bytes der = signer_certificate(signer, &p->scene.arena);
    struct text body = {0};
    add_number(&body, der.len + 3, 3);
    add_number(&body, der.len, 3);
    text_add(&body, der);
    say_text(p, role, MESSAGE_CERTIFICATE, &body);
}

/* The bytes of a signature over `what`, with its scheme where the version says one. */
static void
add_signature(struct play *p, struct text *out, struct bytes what, bool tricky)
{
    const struct way *way = p->way;
    bool other = tricky && p->trick == OTHER_KIND;
    bool rsa = !strncmp(way->kind, "RSA", 3);
    struct signer *signer = other ? signer_find(rsa ? "P-384" : "RSA", 0)
                                  : signer_find(way->kind, tricky && p->trick == FORGED);
    struct bytes signature = signer_sign(
        signer, &p->scene.arena, other ? "SHA1" : way->digest, way->pss && !other, what);
    if (tricky && p->trick == TAMPERED)
        *(uint8_t *)(uintptr_t)(signature.at + signature.len - 2) ^= 4;
    if (way->scheme)
        add_number(out, !other ? way->scheme : rsa ? 0x0203 : 0x0201, 2);
    add_number(out, signature.len, 2);
    text_add(out, signature);
}

static void
say_key_exchange(struct play *p)
{
    bool curve = p->way->cipher >> 8 == 0xc0;
    struct text what = {0};
    struct text body = {0};
    tls_hex(&body, curve ? "03 001d 04 01020304" : "0002 0017 0001 05 0002 0009");
    add_random(&what, 1);
    add_random(&what, 2);
    text_add(&what, text_bytes(&body));
    add_signature(p, &body, text_bytes(&what), true);
    text_free(&what);
    say_text(p, SERVER, MESSAGE_SERVER_KEY_EXCHANGE, &body);
}

/* What was said from the line `first` on, as it is hashed (RFC 5246 section 7.4.8, RFC 6347 section
 * 4.2.6). */
static void
add_said(const struct play *p, size_t first, struct text *out)
{
    for (size_t i = first; i < p->len; i++) {
        const struct line *line = &p->line[i];
        add_number(out, line->type, 1);
        add_number(out, line->body.len, 3);
        if (p->datagram) {
            add_number(out, line->seq, 2);
            add_number(out, 0, 3);
            add_number(out, line->body.len, 3);
        }
        text_add(out, line->body);
    }
}

static void
say_verify(struct play *p, size_t first)
{
    struct text said = {0};
    struct text body = {0};
    add_said(p, first, &said);
    if (p->trick == OVERHEARD)
        said.at[20] ^= 1; /* in the client's random */
    add_signature(p, &body, text_bytes(&said), true);
    text_free(&said);
    say_text(p, CLIENT, MESSAGE_CERTIFICATE_VERIFY, &body);
}

static void
write_lines(struct play *p)
{
    size_t first = 0;
    say_hello(p, 1, false);
    if (p->datagram) { /* sent back with a cookie; only what follows counts */
        say(p, SERVER, MESSAGE_HELLO_VERIFY_REQUEST, asn1_raw(&p->scene.arena, "fefd 04 01020304"));
        first = p->len;
        say_hello(p, 1, true);
    }
    say_answer(p, 2);
    say_certificate(p, SERVER);
    say(p, SERVER, MESSAGE_CERTIFICATE_STATUS, asn1_raw(&p->scene.arena, "01 000003 010203"));
    say_key_exchange(p);
    say(p, SERVER, MESSAGE_CERTIFICATE_REQUEST, asn1_raw(&p->scene.arena, "01 01 0000"));
    say(p, SERVER, MESSAGE_SERVER_HELLO_DONE, (struct bytes){0});
    say_certificate(p, CLIENT);
    say(p, CLIENT, MESSAGE_CLIENT_KEY_EXCHANGE, asn1_raw(&p->scene.arena, "03 010203"));
    if (p->trick != UNSIGNED)
        say_verify(p, first);
}

/* ---- How it is carried. */

static void
add_record(struct play *p, struct text *out, uint8_t type, struct bytes content)
{
    add_number(out, type, 1);
    add_number(out, p->way->version, 2);
    if (p->datagram)
        add_number(out, p->record++, 8);
    add_number(out, content.len, 2);
    text_add(out, content);
}

static void
hear(struct play *p, enum role role, struct text *data)
{
    enum side from = role == CLIENT ? ORIGINATOR : RESPONDER;
    if (p->datagram)
        scene_datagram(&p->scene, from, text_bytes(data), 0);
    else
        scene_hear(&p->scene, from, text_bytes(data));
    text_free(data);
}

static void
hear_line(struct play *p, const struct line *line)
{
    struct text message = {0};
    struct text record = {0};
    add_number(&message, line->type, 1);
    add_number(&message, line->body.len, 3);
    if (p->datagram) {
        add_number(&message, line->seq, 2);
        add_number(&message, 0, 3);
        add_number(&message, line->body.len, 3);
    }
    text_add(&message, line->body);
    add_record(p, &record, RECORD_HANDSHAKE, text_bytes(&message));
    text_free(&message);
    bool missing = p->trick == WITH_GAP && line->type == MESSAGE_CERTIFICATE_STATUS;
    if (!missing)
        hear(p, line->role, &record);
    else if (!p->datagram)
        scene_gap(&p->scene, RESPONDER, record.len);
    text_free(&record);
}

static void
hear_change(struct play *p, enum role role)
{
    struct text record = {0};
    add_record(p, &record, RECORD_CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    hear(p, role, &record);
}

static void
hear_lines(struct play *p, bool client, bool server)
{
    for (size_t i = 0; i < p->len; i++)
        if (p->line[i].role == CLIENT ? client : server)
            hear_line(p, &p->line[i]);
}

/* The session is told, with what was proved. */
static void
play(struct play *p, const struct way *way, enum trick trick)
{
    *p = (struct play){.way = way, .trick = trick, .datagram = way->version >> 8 == 0xfe};
    scene_begin(&p->scene, BUDGET);
    dissection_set_proving(p->scene.dissection, PROVE_ALL);
    write_lines(p);
    if (trick == SWAPPED) {
        hear_lines(p, true, false);
        hear_lines(p, false, true);
    } else {
        hear_lines(p, true, true);
    }
    hear_change(p, CLIENT);
    hear_change(p, SERVER);
    scene_over(&p->scene, FLOW_CLOSED);
    ck_assert_uint_eq(p->scene.told, 1);
}

static void
stop(struct play *p)
{
    ck_assert_uint_eq(scene_end(&p->scene), 0);
    ck_assert_uint_eq(p->scene.arena_pool.used, 0);
}

static void
expect(const struct way *way, enum trick trick, enum possession client, enum possession server)
{
    struct play p;
    play(&p, way, trick);
    const struct session *s = &p.scene.facts;
    ck_assert_msg(s->possession[CLIENT] == client, "client %s %04x %s (%s)", way->kind,
        way->version, possession_name(s->possession[CLIENT]), s->unproven[CLIENT]);
    ck_assert_msg(s->possession[SERVER] == server, "server %s %04x %s (%s)", way->kind,
        way->version, possession_name(s->possession[SERVER]), s->unproven[SERVER]);
    ck_assert_int_eq(s->unproven[CLIENT] != NULL, client == POSSESSION_UNCHECKED);
    struct prover_counts counts = dissection_counts(p.scene.dissection).proofs;
    int verified = (client == POSSESSION_VERIFIED) + (server == POSSESSION_VERIFIED);
    int failed = (client == POSSESSION_FAILED) + (server == POSSESSION_FAILED);
    ck_assert_int_eq((int)counts.verified, verified);
    ck_assert_int_eq((int)counts.failed, failed);
    stop(&p);
}

START_TEST(both_prove_that_they_hold_their_keys)
{
    expect(&ways[_i], HONEST, POSSESSION_VERIFIED, POSSESSION_VERIFIED);
    expect(&ways[_i], SWAPPED, POSSESSION_VERIFIED, POSSESSION_VERIFIED);
}
END_TEST

START_TEST(who_has_another_key_is_told)
{
    expect(&ways[_i], FORGED, POSSESSION_FAILED, POSSESSION_FAILED);
    expect(&ways[_i], TAMPERED, POSSESSION_FAILED, POSSESSION_FAILED);
    if (ways[_i].scheme)
        expect(&ways[_i], OTHER_KIND, POSSESSION_FAILED, POSSESSION_FAILED);
}
END_TEST

/* Somebody shows a certificate and a signature that were seen in another handshake. */
START_TEST(a_signature_from_elsewhere_fails)
{
    expect(&ways[_i], OVERHEARD, POSSESSION_FAILED, POSSESSION_VERIFIED);
}
END_TEST

START_TEST(what_is_not_whole_is_unchecked)
{
    struct play p;
    expect(&ways[_i], UNSIGNED, POSSESSION_UNCHECKED, POSSESSION_VERIFIED);
    play(&p, &ways[_i], WITH_GAP);
    ck_assert_int_eq(p.scene.facts.possession[CLIENT], POSSESSION_UNCHECKED);
    ck_assert_int_ne(p.scene.facts.possession[SERVER], POSSESSION_FAILED);
    stop(&p);
}
END_TEST

/* Where the receiver may have taken other bytes than we did, nobody is called a forger. */
START_TEST(doubt_is_no_accusation)
{
    struct play p = {0};
    for (enum trick trick = HONEST; trick <= FORGED; trick++) {
        p = (struct play){.way = &ways[4], .trick = trick};
        scene_begin(&p.scene, BUDGET);
        p.scene.flow.ambiguous = true;
        write_lines(&p);
        hear_lines(&p, true, true);
        scene_over(&p.scene, FLOW_CLOSED);
        ck_assert_int_eq(p.scene.facts.possession[CLIENT],
            trick == HONEST ? POSSESSION_VERIFIED : POSSESSION_UNCHECKED);
        stop(&p);
    }
}
END_TEST

/* SSL 3.0: the server signs as in TLS 1.0, the client with a secret. */
START_TEST(ssl3_hides_the_clients_proof)
{
    static const struct way ssl3 = {"RSA", 0x0300, 0, "MD5-SHA1", false, 0x0033};
    expect(&ssl3, HONEST, POSSESSION_UNCHECKED, POSSESSION_VERIFIED);
    expect(&ssl3, FORGED, POSSESSION_UNCHECKED, POSSESSION_FAILED);
}
END_TEST

START_TEST(an_unknown_scheme_is_unchecked)
{
    static const struct way unknown = {"RSA", 0x0303, 0x0999, "SHA256", false, 0xc02f};
    expect(&unknown, HONEST, POSSESSION_UNCHECKED, POSSESSION_UNCHECKED);
}
END_TEST

/* The client's key exchange encrypts to the server's key: the server signs nothing. */
START_TEST(without_a_signature_nothing_is_proved)
{
    static const struct way plain = {"RSA", 0x0303, 0x0401, "SHA256", false, 0x009c};
    expect(&plain, HONEST, POSSESSION_VERIFIED, POSSESSION_UNCHECKED);
}
END_TEST

START_TEST(it_is_checked_when_it_is_asked_for)
{
    static const enum possession wanted[][2] = {
        [PROVE_CLIENTS] = {POSSESSION_VERIFIED, POSSESSION_UNCHECKED},
        [PROVE_ALL] = {POSSESSION_VERIFIED, POSSESSION_VERIFIED},
        [PROVE_NEVER] = {POSSESSION_UNCHECKED, POSSESSION_UNCHECKED},
    };
    struct play p = {.way = &ways[4]};
    scene_begin(&p.scene, BUDGET);
    dissection_set_proving(p.scene.dissection, (enum proving)_i);
    write_lines(&p);
    hear_lines(&p, true, true);
    scene_over(&p.scene, FLOW_CLOSED);
    for (enum role role = CLIENT; role <= SERVER; role++)
        ck_assert_int_eq(p.scene.facts.possession[role], wanted[_i][role]);
    ck_assert_int_eq(session_possession(&p.scene.facts), wanted[_i][CLIENT]);
    stop(&p);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("proof");
    TCase *t = tcase_create("all");
    const int all = sizeof ways / sizeof *ways;
    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, NULL, signers_free);
    tcase_add_loop_test(t, both_prove_that_they_hold_their_keys, 0, all);
    tcase_add_loop_test(t, who_has_another_key_is_told, 0, all);
    tcase_add_loop_test(t, a_signature_from_elsewhere_fails, 0, all);
    tcase_add_loop_test(t, what_is_not_whole_is_unchecked, 0, all);
    tcase_add_test(t, doubt_is_no_accusation);
    tcase_add_test(t, ssl3_hides_the_clients_proof);
    tcase_add_test(t, an_unknown_scheme_is_unchecked);
    tcase_add_test(t, without_a_signature_nothing_is_proved);
    tcase_add_loop_test(t, it_is_checked_when_it_is_asked_for, PROVE_CLIENTS, PROVE_NEVER + 1);
    suite_add_tcase(s, t);
    return s;
}
