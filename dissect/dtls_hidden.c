/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dtls_hidden.h"

#include "dissect/dtls_fragment.h"
#include "dissect/tls_record.h"

enum {
    AHEAD_MOST = 8
}; /* records that may overtake the ChangeCipherSpec before it counts as lost */

/* Is what this side says in epoch 1 to be counted yet? Data may overtake the end of its handshake;
 * but if the ChangeCipherSpec never comes, it was lost, and the epoch says as much. */
static bool
counts(struct dtls_hidden *hidden, struct handshake *handshake, enum side from, uint8_t type)
{
    if (++hidden->ahead < AHEAD_MOST) {
        hidden->ahead_data += type == RECORD_APPLICATION_DATA;
        return false;
    }
    handshake->side[from].encrypted = true;
    return true;
}

/* Records with a connection id hide what they are (RFC 9146 section 4): the first is a Finished,
 * and so is one that is as long, sent again. An alert has two bytes in its place. */
static uint8_t
type_of(const struct dtls_hidden *hidden, const struct dtls_record *record)
{
    enum { FINISHED = FRAGMENT_HEADER + 12, ALERT = 2 };
    if (record->type != RECORD_CONNECTION_ID)
        return record->type;
    if (!hidden->finished || record->length == hidden->finished_length)
        return RECORD_HANDSHAKE;
    return record->length + FINISHED == hidden->finished_length + ALERT ? RECORD_ALERT
                                                                        : RECORD_APPLICATION_DATA;
}

/* The Finished of epoch 1 may be sent again, which is no renegotiation: that would have an epoch of
 * its own. */
void
dtls_hidden_hear(struct dtls_hidden *hidden, bool changed, struct handshake *handshake,
    enum side from, const struct dtls_record *record)
{
    uint8_t type = type_of(hidden, record);
    if (handshake_hides(handshake) || (!changed && !counts(hidden, handshake, from, type)))
        return;
    if (type == RECORD_HANDSHAKE && record->epoch == 1) {
        if (hidden->finished)
            return;
        hidden->finished = true;
        hidden->finished_length = record->length;
    }
    handshake_ciphertext(handshake, from, type, record->length);
}

void
dtls_hidden_end(const struct dtls_hidden *hidden, struct handshake *handshake, enum side from)
{
    if (hidden->ahead)
        handshake->side[from].encrypted = true;
    handshake->side[from].data_records += hidden->ahead_data;
}

bool
dtls_hidden_tells_loss(const struct handshake *h, enum side side)
{
    if (handshake_hides(h) || h->session.resumed)
        return false;
    if (handshake_role(h, side) == CLIENT)
        return h->side[side].encrypted && h->hello_done && !h->client_key_exchange;
    return h->client_key_exchange && !h->hello_done;
}
