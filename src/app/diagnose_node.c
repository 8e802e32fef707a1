/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "app/diagnose.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "net/client.h"
#include "net/scanner.h"
#include "web/json.h"

#define ASK_US       (3 * SECOND_US)
#define CERT_LOOK    30 /* days */
#define BACKUP_LOOK  7
#define ANSWER_BYTES (64 * 1024)
#define MARK_BYTES   64

static enum err ask(struct ctx *c, const char *url, struct client_answer *ret, int64_t *ret_us)
{
    struct client_request q = {.method = "GET",
                               .url = url,
                               .connect_timeout_us = ASK_US,
                               .timeout_us = ASK_US,
                               .max_answer_bytes = ANSWER_BYTES};
    int64_t begun = sys_mono_us();
    enum err e = client_send(c, &q, ret);
    *ret_us = sys_mono_us() - begun;
    return e;
}

/* ---- is it up, and shut in ---- */

static const char *own_health(struct ctx *c, const struct node *n)
{
    const char *host = n->address;
    if (text_starts(host, "unix:"))
        return NULL;
    if (text_eq(host, "0.0.0.0"))
        host = "127.0.0.1";
    if (strchr(host, ':'))
        host = arena_printf(c->arena, "[%s]", host);
    return arena_printf(c->arena, "http://%s:%d/healthz", host, n->port);
}

static void running_says(struct diagnosis *d, const struct client_answer *a, int64_t us)
{
    struct ctx *c = d->c;
    json_t *o = NULL;
    const char *level = "?";
    if (a->status == 200 && json_in(c, "healthz", a->body, &o) == OK) {
        level = arena_text(c->arena, json_text_of(o, "sandbox", "?"));
        json_end(o);
    }
    enum finding_state s = a->status != 200          ? FINDING_BROKEN
                           : !text_eq(level, "full") ? FINDING_LOOK
                                                     : FINDING_OK;
    diagnose_found(d, TOPIC_RUNNING, s,
                   arena_printf(c->arena, "/healthz %d, %" PRId64 " ms, sandbox %s", a->status,
                                us / 1000, level));
}

static void running(struct diagnosis *d)
{
    struct ctx *c = d->c;
    struct client_answer a = {0};
    int lock = 0;
    int64_t us;
    enum err e = sys_lock_dir(c, d->dir, &lock);
    if (!e) {
        sys_unlock(lock);
        diagnose_found(d, TOPIC_RUNNING, FINDING_LOOK, "stopped");
        return;
    }
    if (e != ERR_CONFLICT) {
        diagnose_fault(d, TOPIC_RUNNING, FINDING_BROKEN);
        return;
    }
    ctx_clear_faults(c);
    const char *url = own_health(c, d->n);
    if (!url)
        diagnose_found(d, TOPIC_RUNNING, FINDING_OK, d->n->address);
    else if (ask(c, url, &a, &us))
        diagnose_fault(d, TOPIC_RUNNING, FINDING_BROKEN);
    else
        running_says(d, &a, us);
}

/* ---- keys ---- */

/* In clear they lie in a demonstration alone. */
static void keys(struct diagnosis *d)
{
    enum key_guard g = keeper_guard(d->n->keeper);
    bool well = g == KEYS_SECRET || g == KEYS_PASSPHRASE || (g == KEYS_CLEAR && d->n->demo);
    diagnose_found(d, TOPIC_KEYS, well ? FINDING_OK : FINDING_LOOK, key_guard_name(g));
}

/* ---- certificates ---- */

static void certificates(struct diagnosis *d)
{
    const struct {
        const char *name;
        const struct cert *cert;
    } all[] = {{"sign", d->n->sign_cert}, {"tls", d->n->tls_cert}, {"ca", d->n->ca_cert}};
    struct buf b = buf_new(d->c->arena, 256);
    enum finding_state worst = FINDING_OK;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        int64_t left_us = cert_until_us(all[i].cert) - d->c->now_us;
        enum finding_state s = left_us <= 0                   ? FINDING_BROKEN
                               : left_us < CERT_LOOK * DAY_US ? FINDING_LOOK
                                                              : FINDING_OK;
        worst = s > worst ? s : worst;
        buf_printf(&b, "%s%s %" PRId64 " d", i ? ", " : "", all[i].name, left_us / DAY_US);
    }
    diagnose_found(d, TOPIC_CERTIFICATES, worst, b.ptr);
}

/* ---- the second factor ---- */

static void second_factor(struct diagnosis *d)
{
    bool asked = d->n->second_factor;
    diagnose_found(d, TOPIC_FACTOR, asked || d->n->demo ? FINDING_OK : FINDING_LOOK,
                   asked ? "required" : "offered");
}

/* ---- backup ---- */

static void backup(struct diagnosis *d)
{
    struct ctx *c = d->c;
    struct bytes mark;
    int64_t at_us;
    if (sys_read_file(c, arena_printf(c->arena, "%s/" BACKUP_MARK, d->dir), MARK_BYTES, &mark) ||
        !text_to_int(arena_text_n(c->arena, (const char *)mark.ptr, mark.len), &at_us)) {
        ctx_clear_faults(c);
        diagnose_found(d, TOPIC_BACKUP, FINDING_LOOK, "none");
        return;
    }
    bool old = c->now_us - at_us > BACKUP_LOOK * DAY_US;
    diagnose_found(d, TOPIC_BACKUP, old ? FINDING_LOOK : FINDING_OK, time_iso(c->arena, at_us));
}

/* ---- peers ---- */

static void peers(struct diagnosis *d)
{
    struct ctx *c = d->c;
    struct buf b = buf_new(c->arena, 64 * 1024);
    bool all = true;
    for (size_t i = 0; i < d->n->n_peers; i++) {
        const struct node_peer *p = &d->n->peers[i];
        struct client_answer a = {0};
        int64_t us;
        enum err e = ask(c, arena_printf(c->arena, "%s/healthz", p->url), &a, &us);
        ctx_clear_faults(c);
        buf_printf(&b, "%s%s ", i ? ", " : "", p->name);
        if (e)
            buf_text(&b, err_row(e)->name);
        else
            buf_printf(&b, "%" PRId64 " ms", us / 1000);
        all = all && !e;
    }
    diagnose_found(d, TOPIC_PEERS, all ? FINDING_OK : FINDING_LOOK, d->n->n_peers ? b.ptr : "0");
}

/* ---- the scanner of uploads ---- */

static void scanner(struct diagnosis *d)
{
    bool none = text_empty(d->n->scanner);
    bool lives = !none && scanner_lives(d->n->scanner, ASK_US);
    diagnose_found(d, TOPIC_SCANNER, none || lives ? FINDING_OK : FINDING_BROKEN,
                   none ? "none" : d->n->scanner);
}

void diagnose_node(struct diagnosis *d)
{
    running(d);
    keys(d);
    certificates(d);
    second_factor(d);
    backup(d);
    peers(d);
    scanner(d);
}
