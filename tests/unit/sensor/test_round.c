/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/round.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

static struct packet *
fill(struct round *round, struct bytes segment, size_t header)
{
    struct packet *packet = round_place(round);
    *packet = (struct packet){
        .from = address_v4(bytes_of("\xc0\x00\x02\x01", 4)),
        .to = address_v4(bytes_of("\xc0\x00\x02\x02", 4)),
        .from_port = 1,
        .to_port = 443,
        .protocol = IPPROTO_TCP,
        .segment = segment,
        .payload = bytes_skip(segment, header),
    };
    return packet;
}

START_TEST(a_packet_that_does_not_stay_is_copied_and_its_payload_lies_in_its_segment)
{
    struct round *round = round_new(NULL);
    uint8_t frame[300];
    for (unsigned i = 0; i < 100; i++) {
        memset(frame, (int)i, sizeof frame);
        fill(round, bytes_of(frame, sizeof frame), 20);
        round_commit(round, 354, false);
    }
    memset(frame, 0xff, sizeof frame);
    ck_assert_uint_eq(round->len, 100);
    ck_assert_uint_eq(round->bytes, 35400);
    for (unsigned i = 0; i < 100; i++) {
        const struct packet *packet = &round->tray->packets[i];
        ck_assert_ptr_eq(packet->payload.at, packet->segment.at + 20);
        ck_assert_uint_eq(packet->payload.len, 280);
        for (size_t k = 0; k < sizeof frame; k++)
            ck_assert_uint_eq(packet->segment.at[k], i);
    }
    round_free(round);
}
END_TEST

START_TEST(a_packet_that_stays_is_not_copied)
{
    static const uint8_t frame[100] = {7};
    struct round *round = round_new(NULL);
    fill(round, bytes_of(frame, sizeof frame), 20);
    round_commit(round, 154, true);
    ck_assert_ptr_eq(round->tray->packets[0].segment.at, frame);
    ck_assert_ptr_null(round->tray->copies);
    round_free(round);
}
END_TEST

START_TEST(payloads_without_a_segment_and_none_at_all_are_copied_too)
{
    uint8_t payload[60];
    struct round *round = round_new(NULL);
    memset(payload, 3, sizeof payload);
    fill(round, (struct bytes){0}, 0)->payload = bytes_of(payload, sizeof payload);
    round_commit(round, 60, false);
    fill(round, (struct bytes){0}, 0);
    round_commit(round, 60, false);
    fill(round, bytes_of(payload, 20), 20);
    round_commit(round, 60, false);
    memset(payload, 0, sizeof payload);
    ck_assert_uint_eq(round->tray->packets[0].payload.at[59], 3);
    ck_assert_uint_eq(round->tray->packets[1].payload.len, 0);
    ck_assert_uint_eq(round->tray->packets[2].payload.len, 0);
    ck_assert_uint_eq(round->tray->packets[2].segment.at[19], 3);
    round_free(round);
}
END_TEST

START_TEST(a_large_packet_finds_room_and_the_room_is_used_again)
{
    size_t large = 600000;
    uint8_t *frame = malloc(large);
    struct round *round = round_new(NULL);
    memset(frame, 9, large);
    for (int use = 0; use < 3; use++) {
        for (int i = 0; i < 5; i++) {
            fill(round, bytes_of(frame, i % 2 ? large : 100), 20);
            round_commit(round, large, false);
            ck_assert_uint_eq(round->tray->packets[i].segment.at[99], 9);
        }
        const void *copies = round->tray->copies;
        round_clear(round);
        ck_assert_uint_eq(round->len, 0);
        ck_assert_ptr_eq(round->tray->copies, copies);
    }
    round_free(round);
    free(frame);
}
END_TEST

START_TEST(a_round_is_full_by_packets_or_by_bytes)
{
    static const uint8_t frame[64];
    struct round *round = round_new(NULL);
    for (int i = 0; i < ROUND_PACKETS; i++) {
        ck_assert(!round_full(round));
        fill(round, bytes_of(frame, sizeof frame), 20);
        round_commit(round, 100, true);
    }
    ck_assert(round_full(round));
    round->over = round->renew = round->reopen = round->wants_statistics = true;
    round_clear(round);
    ck_assert(!round_full(round) && !round->over && !round->renew && !round->reopen);
    ck_assert(!round->wants_statistics);
    fill(round, bytes_of(frame, sizeof frame), 20);
    round_commit(round, ROUND_BYTES, true);
    ck_assert(round_full(round));
    round_free(round);
}
END_TEST

/* Whose a packet is; every packet is somebody's exactly once. */
static int
shard_of(const struct round *round, size_t packet)
{
    int found = -1;
    for (int shard = 0; shard < SHARDS; shard++) {
        for (size_t i = 0; i < round->share_len[shard]; i++) {
            ck_assert(i == 0 || round->tray->share[shard][i - 1] < round->tray->share[shard][i]);
            if (round->tray->share[shard][i] != packet)
                continue;
            ck_assert_int_eq(found, -1);
            found = shard;
        }
    }
    ck_assert_int_ge(found, 0);
    return found;
}

START_TEST(both_directions_of_a_flow_go_to_one_shard)
{
    struct round *round = round_new(NULL);
    uint64_t used = 0;
    for (uint16_t port = 0; port < 500; port++) {
        struct packet *packet = fill(round, (struct bytes){0}, 0);
        packet->from_port = port;
        round_commit(round, 60, true);
        packet = fill(round, (struct bytes){0}, 0);
        struct address from = packet->from;
        packet->from = packet->to;
        packet->to = from;
        packet->from_port = 443;
        packet->to_port = port;
        round_commit(round, 60, true);
        int shard = shard_of(round, (size_t)2 * port);
        ck_assert_int_eq(shard_of(round, (size_t)2 * port + 1), shard);
        used |= UINT64_C(1) << shard;
    }
    ck_assert_uint_eq(used, (UINT64_C(1) << SHARDS) - 1);
    round_clear(round);
    for (int i = 0; i < SHARDS; i++)
        ck_assert_uint_eq(round->share_len[i], 0);
    round_free(round);
}
END_TEST

START_TEST(what_is_told_is_kept_in_its_order)
{
    struct round *round = round_new(NULL);
    struct session *sessions = calloc(100, sizeof *sessions);
    for (int i = 0; i < 100; i++)
        told_add(&round->told[3], &sessions[i]);
    round_clear(round);
    ck_assert_uint_eq(round->told[3].len, 100);
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_eq(round->told[3].at[i], &sessions[i]);
    round_free(round);
    free(sessions);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("round");
    TCase *c = tcase_create("round");
    tcase_add_test(c, a_packet_that_does_not_stay_is_copied_and_its_payload_lies_in_its_segment);
    tcase_add_test(c, a_packet_that_stays_is_not_copied);
    tcase_add_test(c, payloads_without_a_segment_and_none_at_all_are_copied_too);
    tcase_add_test(c, a_large_packet_finds_room_and_the_room_is_used_again);
    tcase_add_test(c, a_round_is_full_by_packets_or_by_bytes);
    tcase_add_test(c, both_directions_of_a_flow_go_to_one_shard);
    tcase_add_test(c, what_is_told_is_kept_in_its_order);
    suite_add_tcase(s, c);
    return s;
}
