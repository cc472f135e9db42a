/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/credential.h"

#include "dissect/extensions.h"

/* RFC 9345 section 4.1.1. */
static enum credential_step
read_credential(struct bytes body, struct credential *credential)
{
    struct reader r = reader_over(body);
    credential->valid_time = read_u32(&r);
    credential->verify_scheme = read_u16(&r);
    credential->spki = read_vec24(&r);
    credential->scheme = read_u16(&r);
    credential->delegated = bytes_first(body, body.len - reader_left(&r));
    credential->signature = read_vec16(&r);
    return reader_finished(&r) ? CREDENTIAL_READ : CREDENTIAL_MALFORMED;
}

enum credential_step
credential_find(struct bytes body, struct credential *credential)
{
    struct reader r = reader_over(body);
    uint16_t type;
    struct bytes value;
    read_vec8(&r); /* the request's context */
    r = reader_over(read_vec24(&r));
    read_vec24(&r); /* the leaf */
    struct reader extensions = reader_over(read_vec16(&r));
    if (r.bad)
        return CREDENTIAL_MALFORMED;
    while (reader_more(&extensions)) {
        if (!extension_next(&extensions, &type, &value))
            return CREDENTIAL_MALFORMED;
        if (type == EXTENSION_DELEGATED_CREDENTIAL)
            return read_credential(value, credential);
    }
    return CREDENTIAL_NONE;
}
