/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dissect/conversation.h"
#include "dissect/handshake.h"
#include "dissect/message.h"
#include "dissect/proof.h"
#include "tests/support/asn1.h"
#include "tests/support/signing.h"

#include <check.h>

/* ---- TLS 1.3 (RFC 8446 section 4.4.3), from the opened messages on. */

enum { LINES_MOST = 24 };

struct line {
    enum role role;
    uint8_t type;
    struct bytes body;
    bool unsaid; /* not part of what the next signature is over */
};

enum {
    RETRIED = 1 << 0,
    ENCRYPTED_HELLO = 1 << 1,
    LATE = 1 << 2, /* the client is asked behind the handshake */
    DATAGRAMS = 1 << 3,
    FORGED_VERIFY = 1 << 4,
    DELEGATED = 1 << 5,
    FORGED_CREDENTIAL = 1 << 6,
    OTHER_SCHEME = 1 << 7, /* than the credential is for */
};

static struct pool pool;
static struct arena arena;
static struct dissection *dissection;
static struct flow flow;
static struct session told; /* what it points to is gone */
static struct handshake *handshake;
static struct line lines[LINES_MOST];
static size_t count;
static unsigned how;

static void
hear_told(void *owner, struct session *session)
{
    (void)owner;
    told = *session;
    session_release(session);
}

static void
begin(void)
{
    pool = (struct pool){.limit = 4 << 20};
    arena = (struct arena){.pool = &pool};
    flow = (struct flow){.first_frame = 1, .packets = {1, 1}};
    dissection = dissection_new(&pool, (struct session_listener){.told = hear_told});
    dissection_set_proving(dissection, PROVE_ALL);
    handshake = handshake_new(dissection, &flow);
    handshake->session.carrier = "tcp";
}

static void
end(void)
{
    dissection_free(dissection);
    arena_empty(&arena);
    ck_assert_uint_eq(pool.used, 0);
}

static void
add_number(struct text *out, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        text_add_char(out, (char)(value >> 8 * bytes & 0xff));
}

static void
add_hex(struct text *out, const char *annotated)
{
    text_add(out, asn1_raw(&arena, annotated));
}

static struct bytes
settle(struct text *text)
{
    bool ok;
    struct bytes bytes = arena_copy(&arena, text_bytes(text), &ok);
    ck_assert(ok);
    text_free(text);
    return bytes;
}

static void
say(enum role role, uint8_t type, struct bytes body)
{
    ck_assert_uint_lt(count, LINES_MOST);
    lines[count++] = (struct line){.role = role, .type = type, .body = body};
}

static void
say_hex(enum role role, uint8_t type, const char *annotated)
{
    say(role, type, asn1_raw(&arena, annotated));
}

static void
say_hello(void)
{
    say_hex(CLIENT, MESSAGE_CLIENT_HELLO,
        how & ENCRYPTED_HELLO
            ? "0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00\n"
              "0002 1301 0100 000b 002b 0003 02 0304 fe0d 0000"
            : "0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00\n"
              "0002 1301 0100 0007 002b 0003 02 0304");
}

static void
say_answer(const char *random)
{
    struct text body = {0};
    add_hex(&body, "0303");
    add_hex(&body, random);
    add_hex(&body,
        how & DATAGRAMS ? "00 1301 00 0006 002b 0002 fefc" : "00 1301 00 0006 002b 0002 0304");
    say(SERVER, MESSAGE_SERVER_HELLO, settle(&body));
}

static void
add_message(struct text *out, const struct line *line)
{
    add_number(out, line->type, 1);
    add_number(out, line->body.len, 3);
    text_add(out, line->body);
}

/* The transcript up to here, in the order of the protocol, which the test writes them in. */
static struct bytes
hash_lines(void)
{
    struct text said = {0};
    size_t from = 0;
    if (how & RETRIED) {
        struct text hello = {0};
        add_message(&hello, &lines[0]);
        struct bytes hash = signing_hash(&arena, "SHA256", text_bytes(&hello));
        text_free(&hello);
        add_number(&said, 254, 1);
        add_number(&said, hash.len, 3);
        text_add(&said, hash);
        from = 1;
    }
    for (size_t i = from; i < count; i++)
        if (!lines[i].unsaid)
            add_message(&said, &lines[i]);
    struct bytes hash = signing_hash(&arena, "SHA256", text_bytes(&said));
    text_free(&said);
    return hash;
}

static void
begin_claim(struct text *out, const char *context)
{
    for (int i = 0; i < 64; i++)
        text_add_char(out, ' ');
    text_add_string(out, context);
    text_add_char(out, 0);
}

static void
say_verify(enum role role, const char *kind, unsigned nth)
{
    struct text claim = {0};
    struct text body = {0};
    begin_claim(&claim,
        role == CLIENT ? "TLS 1.3, client CertificateVerify" : "TLS 1.3, server CertificateVerify");
    text_add(&claim, hash_lines());
    struct bytes signature =
        signer_sign(signer_find(kind, nth), &arena, "SHA256", false, text_bytes(&claim));
    add_number(&body, 0x0403, 2);
    add_number(&body, signature.len, 2);
    text_add(&body, signature);
    text_free(&claim);
    say(role, MESSAGE_CERTIFICATE_VERIFY, settle(&body));
}

/* RFC 9345 section 4: a key that the leaf's has signed, as an extension of the leaf. */
static void
add_credential(struct text *out, struct bytes leaf)
{
    struct text credential = {0};
    struct text claim = {0};
    struct bytes spki = signer_spki(signer_find("P-384", 0), &arena);
    add_number(&credential, 604800, 4);
    add_number(&credential, how & OTHER_SCHEME ? 0x0503 : 0x0403, 2);
    add_number(&credential, spki.len, 3);
    text_add(&credential, spki);
    add_number(&credential, 0x0403, 2);
    begin_claim(&claim, "TLS, server delegated credentials");
    text_add(&claim, leaf);
    text_add(&claim, text_bytes(&credential));
    struct bytes signature = signer_sign(signer_find("P-256", how & FORGED_CREDENTIAL ? 1 : 0),
        &arena, "SHA256", false, text_bytes(&claim));
    text_free(&claim);
    add_number(&credential, signature.len, 2);
    text_add(&credential, signature);
    add_number(out, 34, 2);
    add_number(out, credential.len, 2);
    text_add(out, text_bytes(&credential));
    text_free(&credential);
}

static void
say_certificate(enum role role, uint8_t context)
{
    struct bytes leaf = signer_certificate(signer_find("P-256", 0), &arena);
    struct text extensions = {0};
    struct text list = {0};
    struct text body = {0};
    if (role == SERVER && how & DELEGATED)
        add_credential(&extensions, leaf);
    add_number(&list, leaf.len, 3);
    text_add(&list, leaf);
    add_number(&list, extensions.len, 2);
    text_add(&list, text_bytes(&extensions));
    add_number(&body, context ? 0x0100U + context : 0, context ? 2 : 1);
    add_number(&body, list.len, 3);
    text_add(&body, text_bytes(&list));
    text_free(&extensions);
    text_free(&list);
    say(role, MESSAGE_CERTIFICATE, settle(&body));
}

static void
write_lines(void)
{
    static const char plain[] = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
    static const char retry[] = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
    unsigned other = how & FORGED_VERIFY ? 1 : 0;
    count = 0;
    say_hello();
    if (how & RETRIED) {
        say_answer(retry);
        say_hello();
    }
    say_answer(plain);
    say_hex(SERVER, MESSAGE_ENCRYPTED_EXTENSIONS, "0000");
    if (!(how & LATE))
        say_hex(SERVER, MESSAGE_CERTIFICATE_REQUEST, "00 0000");
    say_certificate(SERVER, 0);
    say_verify(SERVER, how & DELEGATED ? "P-384" : "P-256", how & DELEGATED ? 0 : other);
    say_hex(SERVER, MESSAGE_FINISHED, "01020304");
    if (how & LATE) {
        say_hex(CLIENT, MESSAGE_FINISHED, "05060708");
        say_hex(SERVER, MESSAGE_NEW_SESSION_TICKET, "00");
        lines[count - 1].unsaid = true;
        say_hex(SERVER, MESSAGE_CERTIFICATE_REQUEST, "01 07 0000");
    }
    say_certificate(CLIENT, how & LATE ? 7 : 0);
    say_verify(CLIENT, "P-256", other);
    say_hex(CLIENT, MESSAGE_FINISHED, "090a0b0c");
}

/* The hellos, which say what the rest means, in their order; then what the client said, before what
 * the server did: the order of a capture proves nothing. */
static void
hear(bool hellos)
{
    for (unsigned turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < count; i++) {
            enum role role = lines[i].role;
            bool hello = lines[i].type <= MESSAGE_SERVER_HELLO;
            if (hello != hellos || (hellos ? turn : role != turn))
                continue;
            handshake->opened = !hello;
            handshake_hear(
                handshake, role == CLIENT ? ORIGINATOR : RESPONDER, lines[i].type, lines[i].body);
            handshake->opened = false;
        }
}

static void
expect(unsigned flags, enum possession client, enum possession server)
{
    how = flags;
    begin();
    write_lines();
    hear(true);
    hear(false);
    handshake_tell(dissection, handshake, true, FLOW_CLOSED, 1);
    const struct session *s = &told;
    ck_assert_msg(s->possession[CLIENT] == client, "client %x %s (%s)", flags,
        possession_name(s->possession[CLIENT]), s->unproven[CLIENT]);
    ck_assert_msg(s->possession[SERVER] == server, "server %x %s (%s)", flags,
        possession_name(s->possession[SERVER]), s->unproven[SERVER]);
    end();
}

static const struct possession_case {
    unsigned flags;
    enum possession client, server;
} cases[] = {
    {0, POSSESSION_VERIFIED, POSSESSION_VERIFIED},
    {DATAGRAMS, POSSESSION_VERIFIED, POSSESSION_VERIFIED},
    {RETRIED, POSSESSION_VERIFIED, POSSESSION_VERIFIED},
    {FORGED_VERIFY, POSSESSION_FAILED, POSSESSION_FAILED},
    {RETRIED | FORGED_VERIFY, POSSESSION_FAILED, POSSESSION_FAILED},
    {LATE, POSSESSION_VERIFIED, POSSESSION_VERIFIED},
    {LATE | RETRIED, POSSESSION_VERIFIED, POSSESSION_VERIFIED},
    {LATE | FORGED_VERIFY, POSSESSION_FAILED, POSSESSION_FAILED},
    {DELEGATED, POSSESSION_VERIFIED, POSSESSION_VERIFIED},
    {DELEGATED | FORGED_CREDENTIAL, POSSESSION_VERIFIED, POSSESSION_FAILED},
    {DELEGATED | OTHER_SCHEME, POSSESSION_VERIFIED, POSSESSION_FAILED},
    /* The hello that counts may be another than the one in the clear. */
    {ENCRYPTED_HELLO, POSSESSION_VERIFIED, POSSESSION_VERIFIED},
    {ENCRYPTED_HELLO | FORGED_VERIFY, POSSESSION_UNCHECKED, POSSESSION_UNCHECKED},
};

START_TEST(proofs)
{
    expect(cases[_i].flags, cases[_i].client, cases[_i].server);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("proof_13");
    TCase *t = tcase_create("all");
    tcase_add_unchecked_fixture(t, NULL, signers_free);
    tcase_add_loop_test(t, proofs, 0, sizeof cases / sizeof *cases);
    suite_add_tcase(s, t);
    return s;
}
