/* SPDX-License-Identifier: Apache-2.0
 *
 * The ServerHello: RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3. Up to draft 21 of TLS 1.3 it
 * had neither session id nor compression, said its version where TLS 1.2 does, and asked for
 * another hello with a message of its own.
 */
#include "dissect/extensions.h"

enum {
    RANDOM = 32,
    DRAFT = 0x7f,      /* high byte of the versions of drafts; the low one is the draft */
    DRAFT_22 = 0x7f16, /* first that looks like TLS 1.2 */
    TLS_13 = 0x0304,
    DTLS_13 = 0xfefc,
    EXPERIMENT = 0x7e, /* high byte of BoringSSL's experiments with what middleboxes let pass */
    EXPERIMENT_OF_RECORDS = 0x7a12,
    FACEBOOK = 0xfb, /* high byte of Facebook's drafts */
};

/* RFC 8446 section 4.1.3: the random of a ServerHello that is a HelloRetryRequest, the SHA-256 of
 * that word. */
static const uint8_t retry_random[RANDOM] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe,
    0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07,
    0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

bool
random_is_retry(struct bytes random)
{
    return bytes_equal(random, bytes_of(retry_random, sizeof retry_random));
}

static bool
is_early_draft(uint16_t version)
{
    return version >> 8 == DRAFT && version < DRAFT_22;
}

bool
version_hides_certificates(uint16_t version)
{
    unsigned high = version >> 8;
    return version == TLS_13 || version == DTLS_13 || version == EXPERIMENT_OF_RECORDS ||
           high == DRAFT || high == EXPERIMENT || high == FACEBOOK;
}

static void
read_version(struct reader *r, struct server_hello *hello)
{
    hello->legacy_version = read_u16(r);
    hello->version = hello->legacy_version; /* until supported_versions says otherwise */
}

/* What is left: extensions, or nothing. */
static bool
read_extensions(struct reader *r, struct server_hello *hello)
{
    if (reader_finished(r))
        return true; /* up to TLS 1.2 there need not be any */
    struct bytes extensions = read_vec16(r);
    if (r->bad)
        return false;
    hello->has_extensions = true;
    hello->extensions = extensions;
    return server_extensions_parse(extensions, hello) && reader_finished(r);
}

bool
server_hello_parse(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);

    *hello = (struct server_hello){0};
    read_version(&r, hello);
    hello->random = read_bytes(&r, RANDOM);
    hello->retry = random_is_retry(hello->random);
    if (!is_early_draft(hello->version))
        hello->session_id = read_vec8(&r);
    hello->cipher = read_u16(&r);
    if (!is_early_draft(hello->version))
        hello->compression = read_u8(&r);
    return read_extensions(&r, hello);
}
