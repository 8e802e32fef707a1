/* SPDX-License-Identifier: Apache-2.0 */
/* A test's node with root keys in files: for what happens when one gets a successor. */
#ifndef DINH_TEST_HARNESS_ROOT_KEYS_H
#define DINH_TEST_HARNESS_ROOT_KEYS_H

#include "base/sys.h"
#include "core/reseal.h"
#include "core/subject.h"
#include "test/harness/node_test.h"

static inline enum err root_keys_begin(struct ctx *c, void *arg)
{
    enum err e = secret_check(c);
    return e ? e : subjects_start(c, arg);
}

/* As a node that starts with the keys there are now. */
static inline enum err root_keys_start(struct node_world *w, const struct key_place *p)
{
    subjects_stop(w->n);
    keeper_end(w->n->keeper);
    assert_int_equal(keeper_open(w->c, p, &w->n->keeper), OK);
    return do_write(w, root_keys_begin, w->n);
}

/* A folder of keys in clear, not in use yet; the root key in hex. */
static inline const char *root_keys_plant(struct node_world *w, struct key_place *ret)
{
    static const char *const keys[] = {"sign.key", "tls.key"};
    struct ctx *c = w->c;
    uint8_t root[32];
    struct buf hex = buf_new(c->arena, 100);
    *ret = (struct key_place){arena_printf(c->arena, "%s/own", w->d->dir), "h57", NULL};
    assert_int_equal(sys_mkdir(c, ret->dir, 0700), OK);
    sys_random(root, sizeof root);
    buf_hex(&hex, (struct bytes){root, sizeof root});
    const char *path = arena_printf(c->arena, "%s/root.key", ret->dir);
    assert_int_equal(sys_write_file(c, path, bytes_of(hex.ptr), 0600), OK);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct key *k;
        assert_int_equal(key_new(c, &k), OK);
        assert_int_equal(key_save(c, k, arena_printf(c->arena, "%s/%s", ret->dir, keys[i])), OK);
        key_end(k);
    }
    return hex.ptr;
}

/* In place of the node's own, before anything is sealed. */
static inline void root_keys_use(struct node_world *w, const struct key_place *p)
{
    const char *tree = arena_printf(w->c->arena, "%s/keys/" SUBJECTS_FILE, w->n->data_dir);
    assert_int_equal(sys_unlink(w->c, tree), OK);
    assert_int_equal(root_keys_start(w, p), OK);
}

static inline void root_keys_rotate(struct node_world *w, const struct key_place *p,
                                    uint32_t number)
{
    size_t n;
    uint32_t got;
    const char *const *names = secret_names(w->c->arena, NULL, 0, &n);
    assert_int_equal(keeper_rotate(w->c, p, names, n, &got), OK);
    assert_int_equal(got, number);
}

static inline enum err root_keys_progress(struct ctx *c, void *arg)
{
    return reseal_progress(c, arg);
}

static inline struct reseal_progress root_keys_told(struct node_world *w)
{
    struct reseal_progress p;
    assert_int_equal(do_read(w, root_keys_progress, &p), OK);
    return p;
}

/* The job, until all was looked through. */
static inline void root_keys_settle(struct node_world *w)
{
    for (int i = 0; !root_keys_told(w).whole; i++) {
        enum err e = reseal_step(w->c);
        if (e)
            print_error("%s: %s\n", err_row(e)->name, w->c->n_faults ? w->c->faults[0].field : "");
        assert_int_equal(e, OK);
        assert_true(i < 100);
    }
}

static inline enum err root_keys_check(struct ctx *c, void *arg)
{
    (void)arg;
    return reseal_check(c);
}

#endif
