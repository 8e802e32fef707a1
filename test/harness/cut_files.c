/* SPDX-License-Identifier: Apache-2.0 */
/* The files that base/sys writes. It only ever makes files and writes behind their end, so what was
   there before is nothing; a call that does otherwise ends the test. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/harness/cut_inside.h"

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *from, size_t n);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);

int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *from, size_t n);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);

struct content { /* of one file, behind what was synced */
    struct content *next;
    dev_t dev;
    ino_t ino;
    int fd;
    off_t synced;
};

struct folder {
    struct folder *next;
    dev_t dev;
    ino_t ino;
    int fd;
    uint64_t n, keeps; /* changes; how many of them have happened */
};

enum change { MADE, REMOVED, MOVED, FOLDER_MADE, FOLDER_REMOVED };

struct act {
    struct act *before;
    enum change what;
    struct folder *in, *from; /* from: MOVED */
    char *name, *from_name;
    unsigned char *old; /* the content of what was removed or replaced; NULL: there was none */
    size_t len;
    mode_t mode;
};

static struct content *contents;
static struct folder *folders;
static struct act *newest;

static void *need(void *p)
{
    if (!p)
        abort();
    return p;
}

/* ---- content ---- */

/* A child behind its filter may not even ask; it writes no file. */
static bool is_regular(int fd, struct stat *ret)
{
    return cut_installed && fd > STDERR_FILENO && fstat(fd, ret) == 0 && S_ISREG(ret->st_mode);
}

static struct content **content_of(const struct stat *st)
{
    struct content **p = &contents;
    while (*p && ((*p)->ino != st->st_ino || (*p)->dev != st->st_dev))
        p = &(*p)->next;
    return p;
}

static void content_grows(int fd, const struct stat *st)
{
    struct content **p = content_of(st);
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at != st->st_size && !(fcntl(fd, F_GETFL) & O_APPEND))
        abort();
    if (*p)
        return;
    struct content *c = *p = need(calloc(1, sizeof *c));
    *c = (struct content){.dev = st->st_dev,
                          .ino = st->st_ino,
                          .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0),
                          .synced = st->st_size};
}

static void content_forget(struct content **p)
{
    struct content *c = *p;
    if (!c)
        return;
    *p = c->next;
    close(c->fd);
    free(c);
}

static void content_lose(const struct content *c)
{
    static const char nothing[CUT_SECTOR];
    struct stat st;
    if (fstat(c->fd, &st) != 0 || st.st_size <= c->synced)
        return;
    fcntl(c->fd, F_SETFL, 0); /* O_APPEND would write them elsewhere */
    off_t end = st.st_size;
    for (off_t at = c->synced; at < end;) {
        off_t next = (at / CUT_SECTOR + 1) * CUT_SECTOR;
        size_t n = (size_t)((next < end ? next : end) - at);
        if (cut_dice(2) && pwrite(c->fd, nothing, n, at) < 0)
            abort();
        at = next;
    }
    if (cut_dice(2)) {
        uint64_t grown = (uint64_t)(end - c->synced);
        if (ftruncate(c->fd, c->synced + (off_t)cut_dice(grown + 1)) != 0)
            abort();
    }
}

/* ---- folders ---- */

static struct folder *folder_of_fd(int fd, bool make)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode))
        return NULL;
    for (struct folder *f = folders; f; f = f->next)
        if (f->ino == st.st_ino && f->dev == st.st_dev)
            return f;
    if (!make)
        return NULL;
    struct folder *f = need(calloc(1, sizeof *f));
    *f = (struct folder){
        .next = folders, .dev = st.st_dev, .ino = st.st_ino, .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)};
    return folders = f;
}

/* The folder that holds path, and path's name in it. Opened again each time: a number that came
   free may name another folder meanwhile. */
static struct folder *folder_of(const char *path, char **ret_name)
{
    char *copy = need(strdup(path));
    for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/';)
        copy[--n] = 0;
    char *slash = strrchr(copy, '/');
    *ret_name = need(strdup(slash ? slash + 1 : copy));
    if (slash)
        slash[slash == copy] = 0;
    int fd = __real_open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct folder *f = need(fd < 0 ? NULL : folder_of_fd(fd, true));
    close(fd);
    free(copy);
    return f;
}

static struct act *act_new(enum change what, const char *path)
{
    struct act *a = need(calloc(1, sizeof *a));
    a->what = what;
    a->in = folder_of(path, &a->name);
    return a;
}

static void act_end(struct act *a)
{
    free(a->name);
    free(a->from_name);
    free(a->old);
    free(a);
}

/* What lies there now, should it come back. */
static void act_keeps(struct act *a, const char *path)
{
    struct stat st;
    int fd = __real_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        a->old = need(malloc((size_t)st.st_size + 1));
        ssize_t n = read(fd, a->old, (size_t)st.st_size);
        a->len = n < 0 ? 0 : (size_t)n;
        a->mode = st.st_mode & 0777;
    }
    if (fd >= 0)
        close(fd);
}

static void act_done(struct act *a, bool done)
{
    if (!done) {
        act_end(a);
        return;
    }
    a->before = newest;
    newest = a;
}

static void folder_synced(const struct folder *f)
{
    for (struct act **p = &newest; *p;) {
        struct act *a = *p;
        if (a->in != f) {
            p = &a->before;
            continue;
        }
        *p = a->before;
        act_end(a);
    }
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void bring_back(const struct act *a)
{
    int fd = openat(a->in->fd, a->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, a->mode);
    if (fd < 0)
        return; /* its folder is gone too */
    if (__real_write(fd, a->old, a->len) < 0)
        abort();
    close(fd);
}

static void act_undo(const struct act *a)
{
    char path[64 + 256];
    switch (a->what) {
    case MADE: unlinkat(a->in->fd, a->name, 0); break;
    case MOVED: renameat(a->in->fd, a->name, a->from->fd, a->from_name); break;
    case FOLDER_MADE:
        snprintf(path, sizeof path, "/proc/self/fd/%d/%s", a->in->fd, a->name);
        nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        break;
    case FOLDER_REMOVED: mkdirat(a->in->fd, a->name, 0700); break;
    case REMOVED: break;
    }
    if (a->old)
        bring_back(a);
}

/* The youngest first: how many of a folder's changes happened is drawn once for each. */
static void folders_lose(void)
{
    for (struct act *a = newest; a; a = a->before)
        a->in->n++;
    for (struct folder *f = folders; f; f = f->next)
        f->keeps = cut_dice(f->n + 1);
    for (struct act *a = newest; a; a = a->before)
        if (a->in->n-- > a->in->keeps)
            act_undo(a);
}

static void lose(void)
{
    for (struct content *c = contents; c; c = c->next)
        content_lose(c);
    folders_lose();
}

static void all_synced(void)
{
    while (contents)
        content_forget(&contents);
    for (struct act *a = newest, *before; a; a = before) {
        before = a->before;
        act_end(a);
    }
    newest = NULL;
}

__attribute__((constructor)) static void stand_by(void)
{
    cut_files_lose = lose;
    cut_files_forget = all_synced;
}

/* ---- the calls ---- */

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (!(flags & O_CREAT) || access(path, F_OK) == 0)
        return __real_open(path, flags, mode);
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    int fd = __real_open(path, flags, mode), error = errno;
    if (fd >= 0)
        act_done(act_new(MADE, path), true);
    pthread_mutex_unlock(&cut_mutex);
    errno = error;
    return fd;
}

ssize_t __wrap_write(int fd, const void *from, size_t n)
{
    struct stat st;
    if (!is_regular(fd, &st))
        return __real_write(fd, from, n);
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    content_grows(fd, &st);
    ssize_t done = __real_write(fd, from, n);
    pthread_mutex_unlock(&cut_mutex);
    return done;
}

/* A real sync would only be slow: the process's end loses nothing by itself. */
int __wrap_fsync(int fd)
{
    struct stat st;
    enum cut_lie lie = cut_lie();
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    struct folder *f = folder_of_fd(fd, false);
    if (f && lie != CUT_LIES && lie != CUT_LIES_FOLDERS)
        folder_synced(f);
    if (!f && is_regular(fd, &st) && lie != CUT_LIES && lie != CUT_LIES_FILES)
        content_forget(content_of(&st));
    pthread_mutex_unlock(&cut_mutex);
    return 0;
}

int __wrap_rename(const char *from, const char *to)
{
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    struct act *a = act_new(MOVED, to);
    a->from = folder_of(from, &a->from_name);
    act_keeps(a, to);
    int rc = __real_rename(from, to), error = errno;
    act_done(a, rc == 0);
    pthread_mutex_unlock(&cut_mutex);
    errno = error;
    return rc;
}

static int change(enum change what, const char *path, mode_t mode)
{
    pthread_mutex_lock(&cut_mutex);
    cut_tick();
    struct act *a = act_new(what, path);
    int rc = -1;
    if (what == REMOVED) {
        act_keeps(a, path);
        rc = __real_unlink(path);
    } else if (what == FOLDER_MADE)
        rc = __real_mkdir(path, mode);
    else
        rc = __real_rmdir(path);
    int error = errno;
    act_done(a, rc == 0);
    pthread_mutex_unlock(&cut_mutex);
    errno = error;
    return rc;
}

int __wrap_unlink(const char *path)
{
    return change(REMOVED, path, 0);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    return change(FOLDER_MADE, path, mode);
}

int __wrap_rmdir(const char *path)
{
    return change(FOLDER_REMOVED, path, 0);
}
