/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a password may be guessed. Counted by the name that was typed, by the address and its
 * network; but on a device that its owner signed in from before, by that device alone: strangers'
 * guesses don't shut the owner out, and a device doesn't wait for its neighbours.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/secrets.h"
#include "engine/identity/identity_notice.h"

enum { GIVE_BACK_TRIES = 3 };

/* ---- known devices ---- */

/* A new password makes every device a stranger. */
static const char *device_proof(struct ctx *c, const char *device, const struct identity_row *w)
{
    return secret_token(c, SECRET_IDENTITY_TRY,
                        arena_printf(c->arena, "known %s %s %s", device, w->a.id, w->phc));
}

const char *identity_device(struct ctx *c, const struct req *r, const struct identity_row *w)
{
    const char *kept = session_device(c, r), *dot = strchr(kept, '.');
    if (!dot)
        return NULL;
    const char *device = arena_text_n(c->arena, kept, (size_t)(dot - kept));
    struct bytes told = bytes_of(dot + 1), good = bytes_of(device_proof(c, device, w));
    return id_is(device) && bytes_equal_secret(told, good) ? device : NULL;
}

void identity_device_keep(struct ctx *c, struct req *r, const struct identity_row *w)
{
    const char *device = identity_device(c, r, w);
    if (!device)
        device = id_new(c->arena, c->now_us);
    session_device_keep(c, r, arena_printf(c->arena, "%s.%s", device, device_proof(c, device, w)));
}

/* ---- counted ---- */

static enum err locked_by(struct ctx *c, const char *kind, const char *value, int64_t most)
{
    struct identity_try t;
    enum err e = identity_store_try(c, kind, value, &t);
    if (!e && t.streak >= IDENTITY_STREAK)
        return fail(c, ERR_GUESSED, "username");
    int64_t left_us = t.window_us + IDENTITY_WINDOW_US - c->now_us;
    if (e || t.failures < most || left_us <= 0 || left_us > IDENTITY_WINDOW_US)
        return e;
    int64_t minutes = (left_us + MINUTE_US - 1) / MINUTE_US;
    return fail(c, ERR_LOCKED, "username", arena_printf(c->arena, "%d", (int)minutes));
}

/* A proxy that doesn't tell whom it speaks for: all of them together must not be locked out. */
static bool is_proxy(const char *peer)
{
    return text_eq(peer, "unix") || text_starts(peer, "127.") || text_eq(peer, "::1");
}

/* Who owns one address of a network mostly has the others: the first 24 bits of an IPv4 address,
   64 of an IPv6 one; what is neither stands for itself. */
static const char *network_of(struct arena *a, const char *peer)
{
    unsigned char ip[16] = {0};
    if (inet_pton(AF_INET, peer, ip) == 1)
        return arena_printf(a, "%d.%d.%d", ip[0], ip[1], ip[2]);
    if (inet_pton(AF_INET6, peer, ip) != 1)
        return peer;
    struct buf b = buf_new(a, 40);
    buf_hex(&b, (struct bytes){ip, 8});
    return b.ptr;
}

enum err identity_locked_source(struct ctx *c, const char *peer)
{
    if (is_proxy(peer))
        return OK;
    enum err e = locked_by(c, "address", peer, IDENTITY_PEER);
    return e ? e : locked_by(c, "network", network_of(c->arena, peer), IDENTITY_NET);
}

enum err identity_locked(struct ctx *c, const struct identity_guess *g)
{
    if (g->device)
        return locked_by(c, "device", g->device, IDENTITY_TRIES);
    enum err e = locked_by(c, "name", g->username, IDENTITY_TRIES);
    return e ? e : identity_locked_source(c, g->peer);
}

enum err identity_guess_source(struct ctx *c, const char *peer)
{
    enum err e = identity_store_try_add(c, "address", peer, false);
    return e ? e : identity_store_try_add(c, "network", network_of(c->arena, peer), false);
}

enum err identity_guess(struct ctx *c, void *arg)
{
    const struct identity_guess *g = arg;
    enum err e = identity_locked(c, g);
    if (e || g->device)
        return e ? e : identity_store_try_add(c, "device", g->device, true);
    e = identity_store_try_add(c, "name", g->username, true);
    return e ? e : identity_guess_source(c, g->peer);
}

enum err identity_wrong(struct ctx *c, void *arg)
{
    const struct identity_guess *g = arg;
    struct audit_act act = {.action = "identity.refused", .kind = "account", .object = g->account};
    return audit_write(c, &act);
}

/* What strangers guessed in this window stays counted when the owner comes by a known device. */
static enum err forget(struct ctx *c, void *arg)
{
    const struct identity_guess *g = arg;
    enum err e = identity_notice_tries(c, g);
    if (e)
        return e;
    if (g->device) {
        e = identity_store_try_forget(c, "device", g->device);
        return e ? e : identity_store_try_ended(c, "name", g->username);
    }
    e = identity_store_try_forget(c, "name", g->username);
    if (!e)
        e = identity_store_try_back(c, "address", g->peer);
    return e ? e : identity_store_try_back(c, "network", network_of(c->arena, g->peer));
}

/* Our own fault must not be counted as theirs: tried again, though this request fails anyway. */
enum err identity_right(struct ctx *c, struct identity_guess *g)
{
    enum err e = db_write(c, c->node->db, forget, g), again = e;
    size_t told = c->n_faults;
    for (int i = 0; again && i < GIVE_BACK_TRIES; i++) {
        again = db_write(c, c->node->db, forget, g);
        c->n_faults = told;
    }
    return e;
}
