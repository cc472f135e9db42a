/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/ocsp.h"

#include "dissect/asn1_time.h"
#include "dissect/der.h"

#include <assert.h>

enum { DER_ENUMERATED = 0x0a, SUCCESSFUL = 0, STAPLED_ONE = 1, STAPLED_SEVERAL = 2 };

/* [n] EXPLICIT and [n] IMPLICIT of something constructed look alike. */
static uint8_t
context(uint8_t number)
{
    return (uint8_t)(DER_CONTEXT | DER_CONSTRUCTED | number);
}

/* OCSP knows only this one of the two kinds of time. */
static bool
take_time(struct reader *r, int64_t *seconds)
{
    return der_next_is(r, DER_GENERALIZED_TIME) && asn1_time_take(r, seconds);
}

static bool
take_number(struct reader *r, uint8_t *number)
{
    struct der value;
    if (!der_take(r, DER_ENUMERATED, &value) || value.content.len != 1)
        return false;
    struct reader inner = reader_over(value.content);
    *number = read_u8(&inner);
    return true;
}

static bool
skip_if(struct reader *r, uint8_t tag)
{
    struct der value;
    return !der_next_is(r, tag) || der_take(r, tag, &value);
}

/* The ResponseData in what is behind responseBytes. */
static bool
take_data(struct bytes bytes, struct bytes *data)
{
    static const uint8_t basic[] = {0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1}; /* id-pkix-ocsp-basic */
    struct der sequence;
    struct der type;
    struct der octets;
    struct der answer;
    struct der part;
    struct reader r = reader_over(bytes);
    if (!der_take(&r, DER_SEQUENCE, &sequence))
        return false;
    struct reader inner = reader_over(sequence.content);
    if (!der_take(&inner, DER_OID, &type) ||
        !bytes_equal(type.content, bytes_of(basic, sizeof basic)) ||
        !der_take(&inner, DER_OCTET_STRING, &octets))
        return false;
    struct reader whole = reader_over(octets.content);
    if (!der_take(&whole, DER_SEQUENCE, &answer))
        return false;
    struct reader parts = reader_over(answer.content);
    if (!der_take(&parts, DER_SEQUENCE, &part))
        return false;
    *data = part.content;
    return true;
}

static bool
read_data(struct bytes data, struct ocsp_response *response)
{
    struct reader r = reader_over(data);
    struct der responder;
    struct der singles;
    if (!skip_if(&r, context(0)) || !der_read(&r, &responder) || responder.cut ||
        !take_time(&r, &response->produced_at) || !der_take(&r, DER_SEQUENCE, &singles))
        return false;
    response->singles = singles.content;
    return true;
}

bool
ocsp_read(struct bytes der, struct ocsp_response *response)
{
    struct reader r = reader_over(der);
    struct der whole;
    struct der bytes;
    struct bytes data;
    *response = (struct ocsp_response){0};
    if (!der_take(&r, DER_SEQUENCE, &whole))
        return false;
    struct reader inner = reader_over(whole.content);
    if (!take_number(&inner, &response->status))
        return false;
    if (response->status != SUCCESSFUL)
        return true;
    return der_take(&inner, context(0), &bytes) && take_data(bytes.content, &data) &&
           read_data(data, response);
}

static bool
read_id(struct reader *r, struct ocsp_single *single)
{
    struct der id;
    struct der algorithm;
    struct der oid;
    struct der name;
    struct der key;
    struct der serial;
    if (!der_take(r, DER_SEQUENCE, &id))
        return false;
    struct reader inner = reader_over(id.content);
    if (!der_take(&inner, DER_SEQUENCE, &algorithm) || !der_take(&inner, DER_OCTET_STRING, &name) ||
        !der_take(&inner, DER_OCTET_STRING, &key) || !der_take(&inner, DER_INTEGER, &serial))
        return false;
    struct reader first = reader_over(algorithm.content);
    if (!der_take(&first, DER_OID, &oid))
        return false;
    single->hash_algorithm = oid.content;
    single->issuer_name_hash = name.content;
    single->issuer_key_hash = key.content;
    single->serial = serial.content;
    return true;
}

static bool
read_revocation(struct bytes info, struct ocsp_single *single)
{
    struct reader r = reader_over(info);
    struct der reason;
    single->status = OCSP_REVOKED;
    if (!take_time(&r, &single->revoked_at))
        return false;
    if (!der_next_is(&r, context(0)))
        return true;
    if (!der_take(&r, context(0), &reason))
        return false;
    struct reader inner = reader_over(reason.content);
    single->has_reason = take_number(&inner, &single->reason);
    return single->has_reason;
}

static bool
read_status(struct reader *r, struct ocsp_single *single)
{
    struct der status;
    if (!der_read(r, &status) || status.cut)
        return false;
    if (status.tag == context(1))
        return read_revocation(status.content, single);
    single->status = status.tag == (DER_CONTEXT | 0) ? OCSP_GOOD : OCSP_UNKNOWN;
    return single->status == OCSP_GOOD || status.tag == (DER_CONTEXT | 2);
}

static bool
read_next_update(struct reader *r, struct ocsp_single *single)
{
    struct der next;
    if (!der_next_is(r, context(0)))
        return true;
    if (!der_take(r, context(0), &next))
        return false;
    struct reader inner = reader_over(next.content);
    single->has_next_update = take_time(&inner, &single->next_update);
    return single->has_next_update;
}

static bool
read_single(struct bytes content, struct ocsp_single *single)
{
    struct reader r = reader_over(content);
    *single = (struct ocsp_single){0};
    return read_id(&r, single) && read_status(&r, single) && take_time(&r, &single->this_update) &&
           read_next_update(&r, single);
}

bool
ocsp_next(struct bytes *singles, struct ocsp_single *single)
{
    struct reader r = reader_over(*singles);
    struct der value;
    bool good =
        reader_more(&r) && der_take(&r, DER_SEQUENCE, &value) && read_single(value.content, single);
    *singles = good ? reader_rest(&r) : (struct bytes){0};
    return good;
}

bool
ocsp_request_read(struct bytes der, struct bytes *singles)
{
    struct reader r = reader_over(der);
    struct der whole;
    struct der asked;
    struct der list;
    if (!der_take(&r, DER_SEQUENCE, &whole))
        return false;
    struct reader inner = reader_over(whole.content);
    if (!der_take(&inner, DER_SEQUENCE, &asked))
        return false;
    struct reader parts = reader_over(asked.content);
    if (!skip_if(&parts, context(0)) || !skip_if(&parts, context(1)) ||
        !der_take(&parts, DER_SEQUENCE, &list))
        return false;
    *singles = list.content;
    return true;
}

bool
ocsp_request_next(struct bytes *singles, struct ocsp_single *single)
{
    struct reader r = reader_over(*singles);
    struct der value;
    *single = (struct ocsp_single){.status = OCSP_UNKNOWN};
    bool good = reader_more(&r) && der_take(&r, DER_SEQUENCE, &value);
    if (good) {
        struct reader inner = reader_over(value.content);
        good = read_id(&inner, single);
    }
    *singles = good ? reader_rest(&r) : (struct bytes){0};
    return good;
}

struct bytes
ocsp_of_certificate_status(struct bytes body)
{
    struct reader r = reader_over(body);
    uint8_t type = read_u8(&r);
    struct bytes response = read_vec24(&r);
    if (type == STAPLED_SEVERAL) {
        struct reader list = reader_over(response);
        response = read_vec24(&list);
        r.bad |= list.bad;
    }
    bool known = type == STAPLED_ONE || type == STAPLED_SEVERAL;
    return known && !r.bad ? response : (struct bytes){0};
}

struct bytes
ocsp_key_of(struct bytes spki)
{
    struct der whole;
    struct der algorithm;
    struct der key;
    struct reader r = reader_over(spki);
    if (!der_take(&r, DER_SEQUENCE, &whole))
        return (struct bytes){0};
    struct reader inner = reader_over(whole.content);
    if (!der_take(&inner, DER_SEQUENCE, &algorithm) || !der_take(&inner, DER_BIT_STRING, &key))
        return (struct bytes){0};
    return bytes_skip(key.content, 1);
}

const char *
ocsp_hash_name(struct bytes algorithm)
{
    static const struct {
        const char *name;
        uint8_t oid[9];
        size_t len;
    } known[] = {
        {"sha1", {0x2b, 14, 3, 2, 26}, 5},
        {"sha256", {0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 1}, 9},
        {"sha384", {0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 2}, 9},
        {"sha512", {0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 3}, 9},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bytes_equal(algorithm, bytes_of(known[i].oid, known[i].len)))
            return known[i].name;
    return NULL;
}

const char *
ocsp_status_name(enum ocsp_status status)
{
    static const char *const names[] = {
        [OCSP_GOOD] = "good", [OCSP_REVOKED] = "revoked", [OCSP_UNKNOWN] = "unknown"};
    assert(status <= OCSP_UNKNOWN);
    return names[status];
}

const char *
ocsp_reason_name(uint8_t reason)
{
    static const char *const names[] = {"unspecified", "keyCompromise", "cACompromise",
        "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", NULL,
        "removeFromCRL", "privilegeWithdrawn", "aACompromise"};
    return reason < sizeof names / sizeof *names ? names[reason] : NULL;
}
