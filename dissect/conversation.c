/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/conversation.h"

enum {
    SEARCH_MOST = 32 << 10, /* bytes of both sides in which TLS may still begin */
    UPGRADES_MOST = 4,      /* a proxy in a proxy in a proxy */
};

static void
free_heads(struct conversation *c)
{
    for (int side = 0; side < 2; side++) {
        pool_give(c->talk.dissection->pool, c->head[side].at, c->head[side].len);
        c->head[side] = (struct head){0};
    }
}

static void
leave_preamble(struct conversation *c)
{
    if (c->preamble)
        pool_give(c->talk.dissection->pool, c->state, c->preamble->state_size);
    c->preamble = NULL;
    c->state = NULL;
}

static void
tell(struct conversation *c, bool over, enum flow_end why, uint64_t frame)
{
    struct session *s = &c->handshake->session;
    s->carrier = c->carrier;
    s->has_client_address = c->has_client_address;
    s->client_address = c->client_address;
    handshake_tell(c->talk.dissection, c->handshake, over, why, frame);
    c->handshake = NULL;
}

/* With keys a connection is listened to behind its handshake: what is shown there, later, is a
 * session of its own. False when nothing would be seen. */
static bool
tell_and_go_on(struct conversation *c, enum flow_end why, uint64_t frame)
{
    struct handshake *sequel = handshake_sequel(c->talk.dissection, c->handshake);
    if (!sequel)
        return false;
    talk_unsettle(&c->talk);
    tell(c, false, why, frame);
    c->handshake = sequel;
    tls_sealed_go_on(&c->tls, sequel);
    return true;
}

/* A renegotiation begins. */
static struct handshake *
begin_anew(void *owner)
{
    struct conversation *c = owner;
    return tell_and_go_on(c, FLOW_OVER, c->talk.flow->frame) ? c->handshake : NULL;
}

/* False when it goes on, and was not freed. */
static bool
conversation_end(struct conversation *c, bool over, enum flow_end why, uint64_t frame)
{
    struct pool *pool = c->talk.dissection->pool;
    if (talk_put_off(&c->talk, over, why)) {
        c->handshake->flow = c->talk.flow;
        return false;
    }
    bool follows = c->handshake && tls_sealed_follows(&c->tls);
    if (!over && why != FLOW_SHED && follows && tell_and_go_on(c, why, frame))
        return false;
    free_heads(c);
    if (c->stage == STAGE_CARRIED && c->preamble->finish)
        c->preamble->finish(c->state, &c->carried);
    if (c->stage == STAGE_CARRIED)
        carried_end(&c->carried, over, why, frame);
    leave_preamble(c);
    if (c->handshake) {
        tls_stream_end(&c->tls);
        tell(c, over, why, frame);
    }
    talk_leave(&c->talk);
    pool_give(pool, c, sizeof *c);
    return true;
}

static void
end_talk(struct talk *talk, bool over, enum flow_end why, uint64_t frame)
{
    struct conversation *c = (struct conversation *)talk;
    if (!over && c->stage == STAGE_CARRIED && c->preamble->repeats)
        carried_end(&c->carried, over, why, frame);
    else
        conversation_end(c, over, why, frame);
}

static void
retry_talk(struct talk *talk, bool last, uint64_t frame)
{
    struct conversation *c = (struct conversation *)talk;
    tls_sealed_retry(&c->tls, last);
    if (c->tls.sealed.waits)
        return;
    talk_unwait(talk);
    if (talk->put_off && (talk->over || handshake_settled(c->handshake)))
        conversation_end(c, talk->over, talk->why, frame);
    else
        talk_settle(talk);
}

static const struct talk_kind kind = {.end = end_talk, .retry = retry_talk};

struct conversation *
conversation_new(struct dissection *dissection, struct flow *flow)
{
    struct conversation *c = pool_take(dissection->pool, sizeof *c);
    if (!c)
        return NULL;
    c->talk = (struct talk){.kind = &kind, .dissection = dissection, .flow = flow};
    c->carrier = "tcp";
    return c;
}

static void
give_up(struct conversation *c)
{
    if (c->handshake)
        handshake_lose(c->handshake, ORIGINATOR, REASON_SHED);
    c->talk.dissection->counts.shed++;
    conversation_end(c, false, FLOW_SHED, c->talk.flow->frame);
}

/* True when the flow goes on; false when the conversation is over (and freed). */
static bool
hear_tls(struct conversation *c, enum side from, struct bytes data)
{
    tls_stream_hear(&c->tls, from, data);
    if (c->tls.sealed.waits)
        talk_wait(&c->talk);
    if (handshake_settled(c->handshake) || tls_stream_lost(&c->tls))
        return !conversation_end(c, false, FLOW_OVER, c->talk.flow->frame);
    if (handshake_due(c->handshake))
        talk_settle(&c->talk);
    return true;
}

static bool begin_looking(struct conversation *c, enum side from, struct bytes data);

static bool
after_preamble(struct conversation *c, enum preamble_step step, enum side from, struct bytes rest)
{
    if (step == PREAMBLE_TALKING)
        return true;
    if (step == PREAMBLE_NEVER || ++c->upgrades > UPGRADES_MOST) {
        conversation_end(c, false, FLOW_OVER, c->talk.flow->frame);
        return false;
    }
    c->carrier = c->preamble->carrier;
    if (c->preamble->client_address && c->preamble->client_address(c->state, &c->client_address))
        c->has_client_address = true;
    leave_preamble(c);
    c->stage = STAGE_LOOKING;
    c->has_spoken = false;
    return rest.len == 0 || begin_looking(c, from, rest);
}

static bool
hear_preamble(struct conversation *c, enum side from, struct bytes data)
{
    enum preamble_step step = c->preamble->hear(c->state, from, &data);
    return after_preamble(c, step, from, data);
}

/* Is there more to come? The conversation is over when there is not. */
static bool
go_on_carrying(struct conversation *c, bool more)
{
    if (more && (!c->carried.told || c->preamble->repeats))
        return true;
    conversation_end(c, false, FLOW_OVER, c->talk.flow->frame);
    return false;
}

static bool
hear_carried(struct conversation *c, enum side from, struct bytes data)
{
    return go_on_carrying(c, c->preamble->carry(c->state, &c->carried, from, data));
}

static bool hear_search(struct conversation *c, enum side from, struct bytes data);

static bool
hear(struct conversation *c, enum side from, struct bytes data)
{
    switch (c->stage) {
    case STAGE_LOOKING:
        return begin_looking(c, from, data);
    case STAGE_PREAMBLE:
        return hear_preamble(c, from, data);
    case STAGE_CARRIED:
        return hear_carried(c, from, data);
    case STAGE_TLS:
        return hear_tls(c, from, data);
    case STAGE_SEARCHING:
        return hear_search(c, from, data);
    }
    return true;
}

static bool
enter_tls(struct conversation *c)
{
    c->handshake = handshake_new(c->talk.dissection, c->talk.flow);
    if (!c->handshake) {
        give_up(c);
        return false;
    }
    tls_stream_begin(&c->tls, c->handshake, c->talk.dissection->pool);
    c->tls.sealed.anew = begin_anew;
    c->tls.sealed.owner = c;
    if (c->lossy)
        handshake_lose(c->handshake, c->first_side, c->talk.flow->cut ? REASON_CUT : REASON_GAP);
    c->stage = STAGE_TLS;
    return true;
}

static bool
hear_search(struct conversation *c, enum side from, struct bytes data)
{
    if (tls_look(data, c->talk.flow->guessed || c->lossy) == LOOK_MINE)
        return enter_tls(c) && hear_tls(c, from, data);
    c->searched[from] += data.len;
    if (c->searched[ORIGINATOR] + c->searched[RESPONDER] <= SEARCH_MOST)
        return true;
    conversation_end(c, false, FLOW_OVER, c->talk.flow->frame);
    return false;
}

static struct bytes
head_bytes(const struct conversation *c, enum side side)
{
    return bytes_of(c->head[side].at, c->head[side].len);
}

static bool
keep_head(struct conversation *c, enum side from, struct bytes data)
{
    struct head *head = &c->head[from];
    uint8_t *grown =
        pool_resize(c->talk.dissection->pool, head->at, head->len, head->len + data.len);
    if (!grown)
        return false;
    memcpy(grown + head->len, data.at, data.len);
    head->at = grown;
    head->len += data.len;
    return true;
}

/* Whose are these beginnings? `preamble` is set when it is one of the list's. */
static enum look
look(struct conversation *c, const struct bytes begun[2], const struct preamble **preamble)
{
    bool anywhere = c->talk.flow->guessed || c->lossy;
    enum look best = LOOK_NOT_MINE;
    *preamble = NULL;
    for (int side = 0; side < 2; side++) {
        enum look mine = begun[side].len ? tls_look(begun[side], anywhere) : LOOK_NOT_MINE;
        if (mine > best)
            best = mine;
    }
    for (size_t i = 0; best != LOOK_MINE && preambles[i]; i++) {
        enum look mine = preambles[i]->look(begun[ORIGINATOR], begun[RESPONDER]);
        if (mine > best)
            best = mine;
        if (mine == LOOK_MINE)
            *preamble = preambles[i];
    }
    bool enough = begun[0].len >= PREAMBLE_LOOK_MOST || begun[1].len >= PREAMBLE_LOOK_MOST;
    return best == LOOK_MAYBE && enough ? LOOK_NOT_MINE : best;
}

static bool
enter_preamble(struct conversation *c, const struct preamble *preamble)
{
    c->stage = STAGE_PREAMBLE;
    c->preamble = preamble;
    c->state = pool_take(c->talk.dissection->pool, preamble->state_size);
    if (!c->state) {
        give_up(c);
        return false;
    }
    if (!preamble->hear) {
        c->stage = STAGE_CARRIED;
        carried_open(&c->carried, &c->talk, preamble->carrier);
        c->carried.has_client_address = c->has_client_address;
        c->carried.client_address = c->client_address;
    }
    return true;
}

static bool
enter(struct conversation *c, enum look found, const struct preamble *preamble)
{
    if (preamble)
        return enter_preamble(c, preamble);
    if (found == LOOK_MINE)
        return enter_tls(c);
    c->stage = STAGE_SEARCHING;
    return true;
}

/* Lets the stage that was found hear what was kept of both sides, and then `data`. */
static bool
replay(struct conversation *c, enum side from, struct bytes data)
{
    struct head kept[2] = {c->head[0], c->head[1]};
    struct pool *pool = c->talk.dissection->pool;
    enum side first = c->first_side;
    c->head[0] = c->head[1] = (struct head){0};
    c->has_spoken = false;

    bool alive = true;
    for (int i = 0; i < 2; i++) {
        enum side side = i == 0 ? first : other_side(first);
        if (alive && kept[side].len)
            alive = hear(c, side, bytes_of(kept[side].at, kept[side].len));
    }
    if (alive && data.len)
        alive = hear(c, from, data);
    for (int side = 0; side < 2; side++)
        pool_give(pool, kept[side].at, kept[side].len);
    return alive;
}

static bool
begin_looking(struct conversation *c, enum side from, struct bytes data)
{
    const struct preamble *preamble;
    if (!c->has_spoken)
        c->first_side = from;
    c->has_spoken = true;

    bool in_place = c->head[from].len == 0;
    if (!in_place && !keep_head(c, from, data)) {
        give_up(c);
        return false;
    }
    struct bytes begun[2] = {head_bytes(c, ORIGINATOR), head_bytes(c, RESPONDER)};
    if (in_place)
        begun[from] = data;
    enum look found = look(c, begun, &preamble);
    if (found == LOOK_MAYBE && tls_look(data, false) == LOOK_MINE) {
        free_heads(c); /* whatever it was that one side alone does not tell: it came to TLS */
        return enter_tls(c) && hear_tls(c, from, data);
    }
    if (found == LOOK_MAYBE) {
        if (!in_place || keep_head(c, from, data))
            return true;
        give_up(c);
        return false;
    }
    return enter(c, found, preamble) && replay(c, from, in_place ? data : (struct bytes){0});
}

void
conversation_hear(struct conversation *c, enum side from, struct bytes data)
{
    if (data.len)
        hear(c, from, data);
}

void
conversation_gap(struct conversation *c, enum side from, uint64_t missing)
{
    enum preamble_step step = PREAMBLE_NEVER;
    switch (c->stage) {
    case STAGE_LOOKING:
        free_heads(c);
        c->lossy = true;
        c->stage = STAGE_SEARCHING;
        break;
    case STAGE_PREAMBLE:
        if (c->preamble->gap)
            step = c->preamble->gap(c->state, from, missing);
        if (step != PREAMBLE_TALKING) {
            c->carrier = c->preamble->carrier;
            leave_preamble(c);
            c->lossy = true;
            c->stage = STAGE_SEARCHING;
        }
        break;
    case STAGE_CARRIED:
        go_on_carrying(c, c->preamble->carry_gap(c->state, &c->carried, from, missing));
        break;
    case STAGE_TLS:
        tls_stream_gap(&c->tls, from, missing);
        break;
    case STAGE_SEARCHING:
        c->lossy = true;
        break;
    }
}
