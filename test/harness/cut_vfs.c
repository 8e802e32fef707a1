/* SPDX-License-Identifier: Apache-2.0 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/harness/cut_inside.h"

struct old { /* what lay at [at, at + len) before a write */
    struct old *before;
    sqlite3_int64 at;
    int len;
    unsigned char data[];
};

struct disk { /* one file, however many connections have it open */
    struct disk *next;
    struct cut_file *by; /* one of the handles */
    struct old *newest;
    sqlite3_int64 synced_size; /* -1: its creation isn't synced */
    char name[];
};

struct cut_file {
    sqlite3_file base;
    sqlite3_file *real;
    struct cut_file *next;
    struct disk *disk; /* NULL while it sleeps */
    struct cut_place place;
    const char *name; /* the connection's */
    int flags;
};

pthread_mutex_t cut_mutex = PTHREAD_MUTEX_INITIALIZER;
void (*cut_files_lose)(void);
void (*cut_files_forget)(void);

static sqlite3_vfs *under, cut_vfs;
static struct cut_file *files;
static struct disk *disks;
static int64_t left, passed;
static uint64_t dice;
static enum cut_lie lying;

uint64_t cut_dice(uint64_t below)
{
    dice ^= dice << 13; /* xorshift64 */
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (dice >> 24) % below;
}

static bool coin(void)
{
    return cut_dice(2) == 1;
}

enum cut_lie cut_lie(void)
{
    return lying;
}

static struct cut_file *of(sqlite3_file *f)
{
    return (struct cut_file *)f;
}

static void wake(struct cut_file *f);

static sqlite3_file *real(sqlite3_file *f)
{
    if (!of(f)->disk)
        wake(of(f));
    return of(f)->real;
}

/* ---- the cut ---- */

static void lose(struct disk *d)
{
    sqlite3_int64 size = 0;
    sqlite3_file *f = d->by->real;
    for (struct old *o = d->newest; o; o = o->before) {
        for (int i = 0; i < o->len; i += CUT_SECTOR) {
            int n = o->len - i < CUT_SECTOR ? o->len - i : CUT_SECTOR;
            if (coin())
                f->pMethods->xWrite(f, o->data + i, n, o->at + i);
        }
    }
    f->pMethods->xFileSize(f, &size);
    if (d->synced_size < 0)
        f->pMethods->xTruncate(f, 0);
    else if (size > d->synced_size && coin())
        f->pMethods->xTruncate(f, d->synced_size);
}

static _Noreturn void power_off(void)
{
    for (struct disk *d = disks; d; d = d->next)
        lose(d);
    if (cut_files_lose)
        cut_files_lose();
    _exit(CUT_STATUS);
}

void cut_tick(void)
{
    passed++;
    if (left > 0 && --left == 0)
        power_off();
}

/* ---- files ---- */

static void forget(struct disk *d)
{
    for (struct old *o = d->newest, *before; o; o = before) {
        before = o->before;
        free(o);
    }
    d->newest = NULL;
}

static void remember(struct cut_file *f, sqlite3_int64 at, int len)
{
    struct old *o = calloc(1, sizeof *o + (size_t)len);
    if (!o)
        abort();
    *o = (struct old){.before = f->disk->newest, .at = at, .len = len};
    f->real->pMethods->xRead(f->real, o->data, len, at); /* past the end: zeros */
    f->disk->newest = o;
}

/* The disk of that name, found or made. With the lock held. */
static struct disk *disk_of(const char *name, struct cut_file *f, int flags)
{
    for (struct disk *d = disks; d && name; d = d->next)
        if (strcmp(d->name, name) == 0)
            return d;
    size_t len = name ? strlen(name) + 1 : 1;
    struct disk *d = calloc(1, sizeof *d + len);
    if (!d)
        abort();
    if (name)
        memcpy(d->name, name, len);
    d->by = f;
    f->real->pMethods->xFileSize(f->real, &d->synced_size);
    if (flags & SQLITE_OPEN_WAL && d->synced_size == 0)
        d->synced_size = -1;
    d->next = disks;
    disks = d;
    return d;
}

/* Another handle stands for the disk; with none left, what it has it keeps: no database closes a
   file unsynced. */
static void leave(struct disk *d)
{
    d->by = NULL;
    for (struct cut_file *f = files; f && !d->by; f = f->next)
        d->by = f->disk == d ? f : NULL;
    if (d->by)
        return;
    struct disk **p = &disks;
    while (*p != d)
        p = &(*p)->next;
    *p = d->next;
    forget(d);
    free(d);
}

static int cut_close(sqlite3_file *file)
{
    pthread_mutex_lock(&cut_mutex);
    for (struct cut_file **p = &files; *p; p = &(*p)->next) {
        if (*p == of(file)) {
            *p = of(file)->next;
            break;
        }
    }
    int rc = SQLITE_OK;
    if (of(file)->disk) {
        leave(of(file)->disk);
        rc = of(file)->real->pMethods->xClose(of(file)->real);
    }
    cut_place_end(&of(file)->place);
    pthread_mutex_unlock(&cut_mutex);
    return rc;
}

static int cut_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), to, n, at);
}

static int cut_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    real(f);
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    remember(of(f), at, n);
    int rc = real(f)->pMethods->xWrite(real(f), from, n, at);
    pthread_mutex_unlock(&cut_mutex);
    return rc;
}

static int cut_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    sqlite3_int64 was = 0;
    real(f);
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    real(f)->pMethods->xFileSize(real(f), &was);
    if (was > size)
        remember(of(f), size, (int)(was - size));
    int rc = real(f)->pMethods->xTruncate(real(f), size);
    pthread_mutex_unlock(&cut_mutex);
    return rc;
}

static int cut_sync(sqlite3_file *f, int flags)
{
    (void)flags; /* a real sync would only be slow: the process's end loses nothing by itself */
    real(f);
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    if (lying != CUT_LIES) {
        forget(of(f)->disk);
        real(f)->pMethods->xFileSize(real(f), &of(f)->disk->synced_size);
    }
    pthread_mutex_unlock(&cut_mutex);
    return SQLITE_OK;
}

static int cut_size(sqlite3_file *f, sqlite3_int64 *ret_size)
{
    return real(f)->pMethods->xFileSize(real(f), ret_size);
}

/* Awake first: who only sleeps bars nobody. */
static struct cut_place *place(sqlite3_file *f)
{
    real(f);
    return &of(f)->place;
}

static int cut_lock(sqlite3_file *f, int level)
{
    if (cut_is_alone)
        return cut_place_lock(place(f), level);
    return real(f)->pMethods->xLock(real(f), level);
}

static int cut_unlock(sqlite3_file *f, int level)
{
    if (cut_is_alone)
        return cut_place_unlock(&of(f)->place, level);
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int cut_reserved(sqlite3_file *f, int *ret_held)
{
    if (cut_is_alone) {
        *ret_held = cut_place_reserved(place(f));
        return SQLITE_OK;
    }
    return real(f)->pMethods->xCheckReservedLock(real(f), ret_held);
}

static int cut_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int cut_sector(sqlite3_file *f)
{
    (void)f;
    return CUT_SECTOR;
}

static int cut_device(sqlite3_file *f)
{
    (void)f;
    return 0; /* promises nothing */
}

static int cut_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    if (cut_is_alone)
        return cut_place_map(place(f), page, size, extend, ret);
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, ret);
}

static int cut_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    if (cut_is_alone)
        return cut_place_share(place(f), offset, n, flags);
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void cut_shm_barrier(sqlite3_file *f)
{
    if (!cut_is_alone)
        real(f)->pMethods->xShmBarrier(real(f));
}

static int cut_shm_unmap(sqlite3_file *f, int delete_flag)
{
    if (cut_is_alone) {
        cut_place_unmap(&of(f)->place, delete_flag);
        return SQLITE_OK;
    }
    return real(f)->pMethods->xShmUnmap(real(f), delete_flag);
}

static const sqlite3_io_methods methods = {
    2,          cut_close,   cut_read,     cut_write,       cut_truncate,  cut_sync,
    cut_size,   cut_lock,    cut_unlock,   cut_reserved,    cut_control,   cut_sector,
    cut_device, cut_shm_map, cut_shm_lock, cut_shm_barrier, cut_shm_unmap, NULL,
    NULL,
};

static int cut_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    struct cut_file *f = of(file);
    (void)vfs;
    *f = (struct cut_file){.real = (sqlite3_file *)(void *)(f + 1), .name = name, .flags = flags};
    memset(f->real, 0, (size_t)under->szOsFile);
    int rc = under->xOpen(under, name, f->real, flags, ret_flags);
    if (!f->real->pMethods)
        return rc;
    f->base.pMethods = &methods;
    pthread_mutex_lock(&cut_mutex);
    f->disk = disk_of(name, f, flags);
    f->next = files;
    files = f;
    cut_place_begin(&f->place, name);
    pthread_mutex_unlock(&cut_mutex);
    return rc;
}

static void wake(struct cut_file *f)
{
    memset(f->real, 0, (size_t)under->szOsFile);
    if (under->xOpen(under, f->name, f->real, f->flags, NULL) != SQLITE_OK)
        abort();
    f->disk = disk_of(f->name, f, f->flags);
    f->place.asleep = false;
}

void cut_sleep(void)
{
    for (struct cut_file *f = files; f; f = f->next) {
        if (f->disk)
            f->real->pMethods->xClose(f->real);
        f->disk = NULL;
    }
    while (disks) {
        struct disk *d = disks;
        disks = d->next;
        forget(d);
        free(d);
    }
    cut_places_sleep();
}

bool cut_is_alone;

void cut_alone(void)
{
    cut_is_alone = true;
}

bool cut_installed;

void cut_install(void)
{
    cut_installed = true;
    under = sqlite3_vfs_find(NULL);
    cut_vfs = *under;
    cut_vfs.pNext = NULL;
    cut_vfs.zName = "cut";
    cut_vfs.szOsFile = (int)sizeof(struct cut_file) + under->szOsFile;
    cut_vfs.xOpen = cut_open;
    sqlite3_vfs_register(&cut_vfs, 1);
}

void cut_arm(int64_t at, uint64_t seed, enum cut_lie lie)
{
    left = at;
    passed = 0;
    dice = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    lying = lie;
}

void cut_forget(void)
{
    for (struct disk *d = disks; d; d = d->next)
        forget(d);
    if (cut_files_forget)
        cut_files_forget();
}

void cut_now(void)
{
    pthread_mutex_lock(&cut_mutex);
    power_off();
}

int64_t cut_passed(void)
{
    return passed;
}
