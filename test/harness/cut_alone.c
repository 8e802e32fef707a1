/* SPDX-License-Identifier: Apache-2.0 */
/* Locks and shared memory of databases that one process alone has open, within its own memory: so
   that connections which were opened before it was born go on in it (cut_sleep()). What each
   connection of the process may do is as SQLite's own files have it. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "test/harness/cut_inside.h"

#define REGIONS 64

struct shm { /* the index of one log */
    struct shm *next;
    void *region[REGIONS];
    int size[REGIONS];
    char name[];
};

static struct cut_place *places;
static struct shm *shms;

void cut_place_begin(struct cut_place *p, const char *name)
{
    *p = (struct cut_place){.next = places, .name = name ? name : ""};
    places = p;
}

void cut_place_end(struct cut_place *p)
{
    struct cut_place **at = &places;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
}

/* Another connection to the same file that is awake. */
static bool is_beside(const struct cut_place *o, const struct cut_place *p)
{
    return o != p && !o->asleep && strcmp(o->name, p->name) == 0;
}

int cut_place_lock(struct cut_place *p, int level)
{
    if (p->level >= level)
        return SQLITE_OK;
    for (const struct cut_place *o = places; o; o = o->next) {
        bool barred = level == SQLITE_LOCK_SHARED      ? o->level >= SQLITE_LOCK_PENDING
                      : level == SQLITE_LOCK_EXCLUSIVE ? o->level >= SQLITE_LOCK_SHARED
                                                       : o->level >= SQLITE_LOCK_RESERVED;
        if (barred && is_beside(o, p))
            return SQLITE_BUSY;
    }
    p->level = level;
    return SQLITE_OK;
}

int cut_place_unlock(struct cut_place *p, int level)
{
    p->level = level < p->level ? level : p->level;
    return SQLITE_OK;
}

bool cut_place_reserved(const struct cut_place *p)
{
    for (const struct cut_place *o = places; o; o = o->next)
        if ((o == p || is_beside(o, p)) && o->level >= SQLITE_LOCK_RESERVED)
            return true;
    return false;
}

/* ---- the index ---- */

static struct shm *shm_of(const char *name)
{
    struct shm *s = shms;
    while (s && strcmp(s->name, name) != 0)
        s = s->next;
    if (s)
        return s;
    s = calloc(1, sizeof *s + strlen(name) + 1);
    if (!s)
        abort();
    memcpy(s->name, name, strlen(name));
    s->next = shms;
    return shms = s;
}

int cut_place_map(const struct cut_place *p, int page, int size, bool extend, void volatile **ret)
{
    struct shm *s = shm_of(p->name);
    if (page >= REGIONS)
        return SQLITE_FULL;
    if (!s->region[page] && extend) {
        s->region[page] = calloc(1, (size_t)size);
        s->size[page] = size;
    }
    *ret = s->region[page];
    return extend && !*ret ? SQLITE_NOMEM : SQLITE_OK;
}

static void shm_clear(struct shm *s)
{
    for (int i = 0; i < REGIONS; i++)
        if (s->region[i])
            memset(s->region[i], 0, (size_t)s->size[i]);
}

int cut_place_share(struct cut_place *p, int offset, int n, int flags)
{
    unsigned mask = ((1u << n) - 1) << offset;
    if (flags & SQLITE_SHM_UNLOCK) {
        p->shared &= ~mask;
        p->held &= ~mask;
        return SQLITE_OK;
    }
    for (const struct cut_place *o = places; o; o = o->next) {
        unsigned barred = flags & SQLITE_SHM_EXCLUSIVE ? o->shared | o->held : o->held;
        if ((barred & mask) && is_beside(o, p))
            return SQLITE_BUSY;
    }
    if (flags & SQLITE_SHM_EXCLUSIVE)
        p->held |= mask;
    else
        p->shared |= mask;
    return SQLITE_OK;
}

/* Its memory stays: other connections know where it lies. */
void cut_place_unmap(struct cut_place *p, bool gone)
{
    p->shared = p->held = 0;
    if (gone)
        shm_clear(shm_of(p->name));
}

void cut_places_sleep(void)
{
    for (struct cut_place *p = places; p; p = p->next)
        p->asleep = true;
    for (struct shm *s = shms; s; s = s->next)
        shm_clear(s);
}
