/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/fetched.h"

#include "dissect/asn1_time.h"
#include "dissect/der.h"

enum { CONTEXT_0 = DER_CONTEXT | DER_CONSTRUCTED | 0 };

/* Takes a value with this tag, or the beginning of one. */
static bool
take_begun(struct reader *r, uint8_t tag, struct bytes *content)
{
    struct der value;
    if (!der_read(r, &value) || value.tag != tag)
        return false;
    *content = value.content;
    return true;
}

bool
crl_read(struct bytes der, struct crl *crl)
{
    struct reader r = reader_over(der);
    struct bytes whole;
    struct bytes list;
    struct der value;
    *crl = (struct crl){0};
    if (!take_begun(&r, DER_SEQUENCE, &whole))
        return false;
    struct reader outer = reader_over(whole);
    if (!take_begun(&outer, DER_SEQUENCE, &list))
        return false;
    struct reader inner = reader_over(list);
    if (der_next_is(&inner, DER_INTEGER) && !der_take(&inner, DER_INTEGER, &value))
        return false;
    if (!der_take(&inner, DER_SEQUENCE, &value) || !der_take(&inner, DER_SEQUENCE, &value))
        return false;
    crl->issuer = value.whole;
    if (!asn1_time_take(&inner, &crl->this_update))
        return false;
    bool next = der_next_is(&inner, DER_UTC_TIME) || der_next_is(&inner, DER_GENERALIZED_TIME);
    crl->has_next_update = next && asn1_time_take(&inner, &crl->next_update);
    return true;
}

/* A certificate begins with its version or, in the first version, its serial number, and what
 * follows these is an algorithm. */
static bool
is_certificate(struct bytes content)
{
    struct reader r = reader_over(content);
    struct der value;
    if (!der_take(&r, DER_SEQUENCE, &value) || !der_next_is(&r, DER_SEQUENCE))
        return false;
    struct reader inner = reader_over(value.content);
    if (der_next_is(&inner, CONTEXT_0) && !der_take(&inner, CONTEXT_0, &value))
        return false;
    return der_take(&inner, DER_INTEGER, &value) && der_take(&inner, DER_SEQUENCE, &value) &&
           der_take(&inner, DER_SEQUENCE, &value) && der_next_is(&inner, DER_SEQUENCE);
}

static bool
take_signed_data(struct bytes content, struct bytes *certificates)
{
    static const uint8_t signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2};
    struct reader r = reader_over(content);
    struct der value;
    if (!der_take(&r, DER_OID, &value) ||
        !bytes_equal(value.content, bytes_of(signed_data, sizeof signed_data)) ||
        !der_take(&r, CONTEXT_0, &value))
        return false;
    struct reader explicit = reader_over(value.content);
    if (!der_take(&explicit, DER_SEQUENCE, &value))
        return false;
    struct reader inner = reader_over(value.content);
    if (!der_take(&inner, DER_INTEGER, &value) || !der_take(&inner, DER_SET, &value) ||
        !der_take(&inner, DER_SEQUENCE, &value) || !der_take(&inner, CONTEXT_0, &value))
        return false;
    *certificates = value.content;
    return true;
}

bool
fetched_certificates(struct bytes der, struct bytes *certificates)
{
    struct reader r = reader_over(der);
    struct der whole;
    if (!der_take(&r, DER_SEQUENCE, &whole))
        return false;
    *certificates = whole.whole;
    return is_certificate(whole.content) || take_signed_data(whole.content, certificates);
}

bool
fetched_next(struct bytes *certificates, struct bytes *certificate)
{
    struct reader r = reader_over(*certificates);
    struct der value;
    while (reader_more(&r) && der_read(&r, &value) && !value.cut) {
        if (value.tag != DER_SEQUENCE || !is_certificate(value.content))
            continue; /* PKCS #7 has forms of its own beside certificates */
        *certificate = value.whole;
        *certificates = reader_rest(&r);
        return true;
    }
    *certificates = (struct bytes){0};
    return false;
}
