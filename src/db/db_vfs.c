/* SPDX-License-Identifier: Apache-2.0 */
/* A VFS over the system's own. It asks the fault plan before a file is opened, read, written or
   synced, so that tests make SQLite's disk fail where they like. And each page of a database
   carries a sum of its content and its place in its last 8 bytes, checked whenever it is read from
   the file: a bit that flipped, a sector of another page or of another time is never taken for
   data. The log's frames have sums of their own. */
#include "db/db_sqlite.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"

#define MEMORY_MAX_BYTES (512 << 20) /* all connections; past it a statement fails alone */

struct shim {
    sqlite3_file base;
    sqlite3_file *real; /* lies right behind, 8-aligned */
    bool pages;         /* a database, not a log or a journal */
    bool sums;          /* its header keeps room for them */
};

enum {
    SUM_BYTES = 8,
    HEADER_BYTES = 100,
    HEADER_PAGE_SIZE = 16,
    HEADER_RESERVED = 20,
    PAGE_MIN = 512,
    PAGE_MAX = 65536
};

static _Thread_local sqlite3_int64 damaged_at = -1;

static sqlite3_vfs *system_vfs, shim_vfs;

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct shim *)f)->real;
}

/* The result code that a disk would give; SQLITE_OK when nothing is planned. */
static int planned(enum sys_kind kind, int code)
{
    int number = sys_fault(kind);
    if (!number)
        return SQLITE_OK;
    return number == ENOSPC || number == EDQUOT ? SQLITE_FULL : code;
}

static int shim_close(sqlite3_file *f)
{
    return real_of(f)->pMethods ? real_of(f)->pMethods->xClose(real_of(f)) : SQLITE_OK;
}

/* ---- sums of pages ---- */

static bool is_page(const struct shim *s, int n, sqlite3_int64 at)
{
    return s->pages && n >= PAGE_MIN && n <= PAGE_MAX && (n & (n - 1)) == 0 && at % n == 0;
}

/* Two running sums over words, as Fletcher's, begun with the page's place. */
static uint64_t sum_of(const uint8_t *page, int n, sqlite3_int64 at)
{
    uint32_t a = (uint32_t)(at / n + 1), b = ~a, word[2];
    for (int i = 0; i < n - SUM_BYTES; i += (int)sizeof word) {
        memcpy(word, page + i, sizeof word);
        a += word[0] + b;
        b += word[1] + a;
    }
    return (uint64_t)b << 32 | a;
}

static void see_header(struct shim *s, const uint8_t *page, int n, sqlite3_int64 at)
{
    if (s->pages && at == 0 && n >= HEADER_BYTES && memcmp(page, "SQLite format 3", 16) == 0)
        s->sums = page[HEADER_RESERVED] == SUM_BYTES;
}

/* A page as it was written. That a database has sums stands in one byte, which may flip too. */
static bool sum_right(const struct shim *s, const uint8_t *page, int n, sqlite3_int64 at)
{
    uint64_t kept;
    uint8_t first[PAGE_MAX];
    memcpy(&kept, page + n - SUM_BYTES, sizeof kept);
    if (s->sums)
        return kept == sum_of(page, n, at);
    if (at > 0)
        return true;
    memcpy(first, page, (size_t)n);
    first[HEADER_RESERVED] = SUM_BYTES;
    return kept != sum_of(first, n, at);
}

/* Who opened a database while it was empty learns here that its pages have sums. */
static bool keeps_sums(struct shim *s)
{
    uint8_t reserved = 0;
    if (!s->sums && s->real->pMethods->xRead(s->real, &reserved, 1, HEADER_RESERVED) == SQLITE_OK)
        s->sums = reserved == SUM_BYTES;
    return s->sums;
}

static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    struct shim *s = (struct shim *)f;
    int rc = planned(SYS_READ, SQLITE_IOERR_READ);
    if (!rc)
        rc = s->real->pMethods->xRead(s->real, to, n, at);
    if (rc)
        return rc;
    see_header(s, to, n, at);
    if (!is_page(s, n, at) || sum_right(s, to, n, at))
        return rc;
    damaged_at = at;
    return SQLITE_IOERR_DATA;
}

static int shim_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    struct shim *s = (struct shim *)f;
    uint8_t page[PAGE_MAX];
    int rc = planned(SYS_WRITE, SQLITE_IOERR_WRITE);
    if (rc)
        return rc;
    see_header(s, from, n, at);
    if (is_page(s, n, at) && keeps_sums(s)) {
        memcpy(page, from, (size_t)n);
        uint64_t sum = sum_of(page, n, at);
        memcpy(page + n - SUM_BYTES, &sum, sizeof sum);
        from = page;
    }
    return s->real->pMethods->xWrite(s->real, from, n, at);
}

static struct shim *shim_of(sqlite3 *handle)
{
    sqlite3_file *f = NULL;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &f);
    return (struct shim *)f;
}

void lite_sums(sqlite3 *handle)
{
    int bytes = SUM_BYTES;
    struct shim *s = shim_of(handle);
    sqlite3_int64 size = 0;
    if (!s || s->real->pMethods->xFileSize(s->real, &size) != SQLITE_OK || size > 0)
        return;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
    s->sums = true;
}

bool lite_has_sums(sqlite3 *handle)
{
    const struct shim *s = shim_of(handle);
    return s && s->sums;
}

int lite_read_pages(sqlite3 *handle)
{
    struct shim *s = shim_of(handle);
    uint8_t page[PAGE_MAX], size[2];
    sqlite3_int64 end = 0;
    if (!s || !keeps_sums(s))
        return SQLITE_NOTFOUND;
    int rc = s->real->pMethods->xRead(s->real, size, sizeof size, HEADER_PAGE_SIZE);
    int n = size[0] << 8 | size[1];
    n = n == 1 ? PAGE_MAX : n;
    if (!rc)
        rc = s->real->pMethods->xFileSize(s->real, &end);
    if (!rc && !is_page(s, n, 0))
        rc = SQLITE_NOTADB;
    for (sqlite3_int64 at = 0; at < end && !rc; at += n)
        rc = shim_read(&s->base, page, n, at);
    return rc;
}

sqlite3_int64 lite_damaged_at(void)
{
    return damaged_at;
}

/* ---- the rest ---- */

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int rc = planned(SYS_WRITE, SQLITE_IOERR_TRUNCATE);
    return rc ? rc : real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int (*open_folder)(const char *file, int *ret_fd); /* SQLite's own */
static _Thread_local bool folder_lost;                    /* within this call */

/* SQLite syncs the folder of a log that it made and passes over how that went. It is synced here,
   and SQLite, told that it doesn't open, leaves it. */
static int sync_folder(const char *file, int *ret_fd)
{
    int fd = -1, rc = open_folder(file, &fd);
    *ret_fd = -1;
    if (rc != SQLITE_OK)
        return rc;
    if (planned(SYS_FSYNC, SQLITE_IOERR_DIR_FSYNC) || fdatasync(fd) != 0)
        folder_lost = true;
    close(fd);
    return SQLITE_CANTOPEN;
}

static void take_folders(void)
{
    sqlite3_syscall_ptr own = system_vfs->xGetSystemCall(system_vfs, "openDirectory");
    ASSERT(own);
    open_folder = (int (*)(const char *, int *))own;
    system_vfs->xSetSystemCall(system_vfs, "openDirectory", (sqlite3_syscall_ptr)sync_folder);
}

static int shim_sync(sqlite3_file *f, int flags)
{
    int rc = planned(SYS_FSYNC, SQLITE_IOERR_FSYNC);
    folder_lost = false;
    if (!rc)
        rc = real_of(f)->pMethods->xSync(real_of(f), flags);
    return !rc && folder_lost ? SQLITE_IOERR_DIR_FSYNC : rc;
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *ret_size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), ret_size);
}

static int shim_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int shim_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int shim_reserved(sqlite3_file *f, int *ret_held)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret_held);
}

static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int shim_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int shim_device(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int shim_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, ret);
}

static int shim_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int shim_shm_unmap(sqlite3_file *f, int delete_flag)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), delete_flag);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* no memory-mapped pages: a disk error must be an error, not a signal */
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
    struct shim *s = (struct shim *)f;
    (void)vfs;
    s->base.pMethods = NULL;
    s->real = (sqlite3_file *)(void *)(s + 1);
    s->pages = flags & SQLITE_OPEN_MAIN_DB;
    s->sums = false;
    memset(s->real, 0, (size_t)system_vfs->szOsFile);
    int rc = planned(SYS_OPEN, SQLITE_CANTOPEN);
    if (!rc)
        rc = system_vfs->xOpen(system_vfs, name, s->real, flags, ret_flags);
    if (s->real->pMethods)
        s->base.pMethods = &methods;
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    int rc = planned(SYS_UNLINK, SQLITE_IOERR_DELETE);
    folder_lost = false;
    if (!rc)
        rc = system_vfs->xDelete(system_vfs, name, sync_dir);
    return !rc && folder_lost ? SQLITE_IOERR_DIR_FSYNC : rc;
}

static void shim_register(void)
{
    sqlite3_hard_heap_limit64(MEMORY_MAX_BYTES);
    system_vfs = sqlite3_vfs_find(NULL);
    if (!system_vfs)
        return;
    take_folders();
    shim_vfs = *system_vfs; /* the rest needs no file of ours and passes as it is */
    shim_vfs.pNext = NULL;
    shim_vfs.zName = "dinh";
    shim_vfs.szOsFile = (int)sizeof(struct shim) + system_vfs->szOsFile;
    shim_vfs.xOpen = shim_open;
    shim_vfs.xDelete = shim_delete;
    sqlite3_vfs_register(&shim_vfs, 0);
}

const char *lite_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, shim_register);
    return system_vfs ? shim_vfs.zName : NULL;
}
