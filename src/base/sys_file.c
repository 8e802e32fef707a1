/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/sys_fault.h"

static enum err io_fail(struct ctx *c, const char *path, int error)
{
    const char *name = strerrorname_np(error);
    enum err e = ERR_IO;
    if (error == ENOSPC || error == EDQUOT)
        e = ERR_DISK_FULL;
    else if (error == EROFS)
        e = ERR_READ_ONLY;
    else if (error == ENOENT)
        e = ERR_NOT_FOUND;
    return fail(c, e, path, name ? name : "?");
}

/* True when the plan lets the call through; else errno is set as the kernel would. */
static bool allowed(enum sys_kind kind)
{
    int refused = sys_fault(kind);
    if (refused)
        errno = refused;
    return refused == 0;
}

static int open_file(const char *path, int flags, int mode)
{
    int fd;
    do
        fd = allowed(SYS_OPEN) ? open(path, flags | O_CLOEXEC, mode) : -1;
    while (fd < 0 && errno == EINTR);
    return fd;
}

static ssize_t read_some(int fd, void *ptr, size_t len)
{
    ssize_t n;
    do
        n = allowed(SYS_READ) ? read(fd, ptr, len) : -1;
    while (n < 0 && errno == EINTR);
    return n;
}

static bool write_all(int fd, struct bytes in)
{
    while (in.len) {
        ssize_t n = allowed(SYS_WRITE) ? write(fd, in.ptr, in.len) : -1;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        in.ptr += n;
        in.len -= (size_t)n;
    }
    return true;
}

/* Never repeated: after a failed fsync the kernel may have dropped the pages, and the next one
   would lie. */
static bool sync_fd(int fd, const char *path)
{
    if (sys_sync_failed()) {
        errno = EIO;
        return false;
    }
    if (allowed(SYS_FSYNC) && fsync(fd) == 0)
        return true;
    int error = errno;
    sys_sync_lose();
    log_error("sys", "%s: a sync to disk failed; nothing is acknowledged any more", path);
    errno = error;
    return false;
}

static size_t first_guess(int fd, size_t max_bytes)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0)
        return 4096;
    size_t size = (size_t)st.st_size;
    return size > max_bytes ? 0 : size;
}

/* One byte more than allowed is asked for, so that a longer file is told from a full one. */
static enum err read_to_end(struct ctx *c, int fd, const char *path, size_t max_bytes,
                            struct bytes *ret)
{
    size_t cap = first_guess(fd, max_bytes) + 1, len = 0;
    char *ptr = arena_alloc(c->arena, cap + 1);
    for (;;) {
        ssize_t n = read_some(fd, ptr + len, cap - len);
        if (n < 0)
            return io_fail(c, path, errno);
        if (n == 0)
            break;
        len += (size_t)n;
        if (len > max_bytes) {
            return fail(c, ERR_TOO_LONG, path, arena_printf(c->arena, "%zu", max_bytes));
        }
        if (len < cap)
            continue;
        size_t bigger = cap <= max_bytes / 2 ? cap * 2 : max_bytes + 1;
        char *more = arena_alloc(c->arena, bigger + 1);
        memcpy(more, ptr, len);
        ptr = more;
        cap = bigger;
    }
    *ret = (struct bytes){(const uint8_t *)ptr, len};
    return OK;
}

enum err sys_read_file(struct ctx *c, const char *path, size_t max_bytes, struct bytes *ret)
{
    int fd = open_file(path, O_RDONLY, 0);
    if (fd < 0)
        return io_fail(c, path, errno);
    enum err e = read_to_end(c, fd, path, max_bytes, ret);
    close(fd);
    return e;
}

enum err sys_read_part(struct ctx *c, const char *path, int64_t offset, size_t max_bytes,
                       struct bytes *ret)
{
    int fd = open_file(path, O_RDONLY, 0);
    if (fd < 0)
        return io_fail(c, path, errno);
    uint8_t *ptr = arena_alloc(c->arena, max_bytes + 1);
    size_t len = 0;
    ssize_t n = lseek(fd, offset, SEEK_SET) < 0 ? -1 : 1;
    while (n > 0 && len < max_bytes) {
        n = read_some(fd, ptr + len, max_bytes - len);
        len += n > 0 ? (size_t)n : 0;
    }
    int error = errno;
    close(fd);
    if (n < 0)
        return io_fail(c, path, error);
    *ret = (struct bytes){ptr, len};
    return OK;
}

static const char *folder_of(struct arena *a, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n && path[n - 1] != '/')
        n--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n ? arena_text_n(a, path, n) : ".";
}

static bool sync_folder_of(struct arena *a, const char *path)
{
    const char *dir = folder_of(a, path);
    int fd = open_file(dir, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return false;
    bool done = sync_fd(fd, dir);
    int error = errno;
    close(fd);
    errno = error;
    return done;
}

enum err sys_sync_name(struct ctx *c, const char *path)
{
    return sync_folder_of(c->arena, path) ? OK : io_fail(c, path, errno);
}

enum err sys_append_file(struct ctx *c, const char *path, struct bytes in, int mode, bool last)
{
    int fd = open_file(path, O_WRONLY | O_CREAT | O_APPEND, mode);
    if (fd < 0)
        return io_fail(c, path, errno);
    bool done = write_all(fd, in) && (!last || sync_fd(fd, path));
    int error = errno;
    close(fd);
    if (!done)
        return io_fail(c, path, error);
    return last ? sys_sync_name(c, path) : OK;
}

static bool write_temporary(const char *path, struct bytes in, int mode)
{
    int fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return false;
    bool done = write_all(fd, in) && fchmod(fd, (mode_t)mode) == 0 && sync_fd(fd, path);
    int error = errno;
    if (close(fd) != 0 && done)
        return false;
    errno = error;
    return done;
}

enum err sys_write_file(struct ctx *c, const char *path, struct bytes in, int mode)
{
    uint8_t random[8];
    sys_random(random, sizeof random);
    struct buf temporary = buf_new(c->arena, strlen(path) + 32);
    buf_text(&temporary, path);
    buf_text(&temporary, ".new-");
    buf_hex(&temporary, (struct bytes){random, sizeof random});

    bool done = write_temporary(temporary.ptr, in, mode);
    if (done && FAULT_POINT("sys.write_file.before_rename")) {
        errno = EIO;
        done = false;
    }
    done = done && allowed(SYS_RENAME) && rename(temporary.ptr, path) == 0;
    if (!done) {
        int error = errno;
        unlink(temporary.ptr);
        return io_fail(c, path, error);
    }
    return sys_sync_name(c, path);
}

/* One that is there may be another thread's, made a moment ago and not synced yet. */
enum err sys_mkdir(struct ctx *c, const char *path, int mode)
{
    struct stat st;
    if (allowed(SYS_MKDIR) && mkdir(path, (mode_t)mode) == 0)
        return sys_sync_name(c, path);
    int error = errno;
    if (error != EEXIST || stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return io_fail(c, path, error);
    bool synced = sync_folder_of(c->arena, path) || errno == EACCES; /* not ours to look into */
    return synced ? OK : io_fail(c, path, errno);
}

static enum err unlink_one(struct ctx *c, const char *path)
{
    if (allowed(SYS_UNLINK) && unlink(path) == 0)
        return OK;
    return errno == ENOENT ? OK : io_fail(c, path, errno);
}

enum err sys_unlink(struct ctx *c, const char *path)
{
    bool there = faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    enum err e = unlink_one(c, path);
    return e || !there ? e : sys_sync_name(c, path);
}

enum err sys_rename(struct ctx *c, const char *from, const char *to)
{
    if (!allowed(SYS_RENAME) || rename(from, to) != 0)
        return io_fail(c, from, errno);
    enum err e = sys_sync_name(c, to);
    if (!e && strcmp(folder_of(c->arena, from), folder_of(c->arena, to)) != 0)
        e = sys_sync_name(c, from);
    return e;
}

static enum err remove_all(struct ctx *c, const char *path)
{
    struct stat st;
    const char **names;
    size_t n = 0;
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return unlink_one(c, path);
    enum err e = sys_list(c, path, &names, &n);
    for (size_t i = 0; i < n && !e; i++)
        e = remove_all(c, arena_printf(c->arena, "%s/%s", path, names[i]));
    if (e)
        return e;
    return allowed(SYS_UNLINK) && rmdir(path) == 0 ? OK : io_fail(c, path, errno);
}

enum err sys_remove_tree(struct ctx *c, const char *path)
{
    enum err e = sys_exists(folder_of(c->arena, path)) ? remove_all(c, path) : OK;
    return e || !sys_exists(folder_of(c->arena, path)) ? e : sys_sync_name(c, path);
}

bool sys_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool sys_may_write(const char *path)
{
    return access(path, W_OK) == 0;
}

bool sys_is_private(const char *path)
{
    struct stat st;
    return stat(path, &st) != 0 || (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum err sys_list(struct ctx *c, const char *dir, const char ***ret_names, size_t *ret_n)
{
    DIR *d = allowed(SYS_OPEN) ? opendir(dir) : NULL;
    if (!d)
        return io_fail(c, dir, errno);
    size_t n = 0, cap = 16;
    const char **names = ARENA_ARRAY(c->arena, cap, const char *);
    errno = 0;
    for (struct dirent *entry; (entry = readdir(d)); errno = 0) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (n == cap) {
            const char **more = ARENA_ARRAY(c->arena, cap * 2, const char *);
            memcpy(more, names, n * sizeof *names);
            names = more;
            cap *= 2;
        }
        names[n++] = arena_text(c->arena, entry->d_name);
    }
    int error = errno;
    closedir(d);
    if (error)
        return io_fail(c, dir, error);
    qsort(names, n, sizeof *names, by_text);
    *ret_names = names;
    *ret_n = n;
    return OK;
}

/* A record lock, not flock: it belongs to this process alone and dies with it, though the node's
   children live a moment longer. The descriptor stays open on purpose. */
enum err sys_lock_dir(struct ctx *c, const char *dir, int *ret_lock)
{
    const char *path = arena_printf(c->arena, "%s/lock", dir);
    int fd = open_file(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0)
        return io_fail(c, path, errno);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_SETLK, &lock) == 0) {
        *ret_lock = fd;
        return OK;
    }
    int error = errno;
    close(fd);
    if (error == EACCES || error == EAGAIN)
        return fail(c, ERR_CONFLICT, dir);
    return io_fail(c, path, error);
}

void sys_unlock(int lock)
{
    if (lock > 0)
        close(lock);
}
