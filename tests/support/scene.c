/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/scene.h"

#include "tests/support/asn1.h"

#include <netinet/in.h>

static void
hear_session(void *owner, struct session *session)
{
    struct scene *scene = owner;
    scene->told++;
    text_clear(&scene->text);
    session_describe(session, &scene->text);
    for (int role = 0; role < 2; role++) {
        scene->visibility[role] = session->chain[role].visibility;
        scene->reason[role] = session->chain[role].reason;
        scene->certificates[role] = session->chain[role].len;
    }
    scene->facts = *session;
    session_release(session);
}

void
scene_flow(struct scene *scene)
{
    scene->flow = (struct flow){
        .first_frame = 1,
        .frame = 1,
        .first_ns = 1000,
        .last_ns = 1000,
        .address = {address_v4(bytes_of("\xc0\x00\x02\x01", 4)),
            address_v4(bytes_of("\xc0\x00\x02\x02", 4))},
        .port = {50000, 443},
        .protocol = IPPROTO_TCP,
    };
}

void
scene_begin(struct scene *scene, size_t limit)
{
    *scene = (struct scene){.pool = {.limit = limit}, .arena_pool = {.limit = 1 << 20}};
    scene->arena.pool = &scene->arena_pool;
    for (size_t i = 0; i < 3; i++) {
        struct asn1_certificate parts = asn1_good(&scene->arena);
        parts.serial = asn1_fill(&scene->arena, 0x02, (uint8_t)(i + 1), 8);
        scene->certificate[i] = asn1_certificate(&scene->arena, &parts);
    }
    struct session_listener listener = {.owner = scene, .told = hear_session};
    scene->dissection = dissection_new(&scene->pool, listener);
    scene->listener = dissection_listener(scene->dissection);
    scene_flow(scene);
}

static void
note_packet(struct scene *scene, enum side from)
{
    scene->flow.packets[from]++;
    scene->flow.frame++;
    scene->flow.last_ns += 1000;
}

void
scene_hear(struct scene *scene, enum side from, struct bytes data)
{
    note_packet(scene, from);
    if (!scene->flow.quiet && data.len)
        scene->listener.bytes(scene->listener.owner, &scene->flow, from, data);
}

void
scene_gap(struct scene *scene, enum side from, uint64_t missing)
{
    scene->flow.missing[from] += missing;
    if (!scene->flow.quiet)
        scene->listener.gap(scene->listener.owner, &scene->flow, from, missing);
}

void
scene_datagram(struct scene *scene, enum side from, struct bytes data, uint32_t missing)
{
    note_packet(scene, from);
    if (!scene->flow.quiet && (data.len || missing))
        scene->listener.datagram(scene->listener.owner, &scene->flow, from, data, missing);
}

void
scene_talk(struct scene *scene, const struct talk *talk, size_t most)
{
    for (size_t i = 0; i < talk->len; i++) {
        struct bytes said = text_bytes(&talk->turn[i].said);
        for (; said.len; said = bytes_skip(said, most))
            scene_hear(scene, talk->turn[i].from, bytes_first(said, most));
    }
}

void
scene_over(struct scene *scene, enum flow_end why)
{
    if (scene->flow.dissection)
        scene->listener.end(scene->listener.owner, &scene->flow, why);
}

size_t
scene_end(struct scene *scene)
{
    scene_over(scene, FLOW_OVER);
    dissection_free(scene->dissection);
    arena_empty(&scene->arena);
    text_free(&scene->text);
    return scene->pool.used;
}
