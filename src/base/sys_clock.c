/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the clock file is mapped as a little-endian int64"
#endif

enum { MICROS_PER_SECOND = 1000000, NANOS_PER_MICRO = 1000 };

static _Atomic int64_t own_offset_us;
static _Atomic int64_t stands_at_us = INT64_MIN; /* INT64_MIN: the clock runs */
static _Atomic int64_t mono_stands_at_us = INT64_MIN;
static _Atomic(_Atomic int64_t *) shared_offset_us;

static int64_t read_us(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        BUG("clock_gettime failed");
    return (int64_t)t.tv_sec * MICROS_PER_SECOND + t.tv_nsec / NANOS_PER_MICRO;
}

int64_t sys_now_us(void)
{
    int64_t stands = atomic_load(&stands_at_us);
    if (stands != INT64_MIN)
        return stands;
    _Atomic int64_t *shared = atomic_load(&shared_offset_us);
    int64_t offset = atomic_load(&own_offset_us) + (shared ? atomic_load(shared) : 0);
    return read_us(CLOCK_REALTIME) + offset;
}

int64_t sys_mono_us(void)
{
    int64_t stands = atomic_load(&mono_stands_at_us);
    return stands != INT64_MIN ? stands : read_us(CLOCK_MONOTONIC);
}

void sys_mono_set(int64_t us)
{
    atomic_store(&mono_stands_at_us, us);
}

/* The most by which the wall clock was seen ahead of the monotonic one. A clock that stands is a
   test's. */
int64_t sys_clock_back_us(void)
{
    static _Atomic int64_t furthest = INT64_MIN;
    if (atomic_load(&stands_at_us) != INT64_MIN)
        return 0;
    int64_t ahead = sys_now_us() - sys_mono_us(), most = atomic_load(&furthest);
    while (ahead > most && !atomic_compare_exchange_weak(&furthest, &most, ahead))
        continue;
    return ahead < most ? most - ahead : 0;
}

void sys_clock_set(int64_t now_us)
{
    atomic_store(&stands_at_us, now_us);
}

void sys_clock_move(int64_t by_us)
{
    _Atomic int64_t *shared = atomic_load(&shared_offset_us);
    if (atomic_load(&stands_at_us) != INT64_MIN)
        atomic_fetch_add(&stands_at_us, by_us);
    else
        atomic_fetch_add(shared ? shared : &own_offset_us, by_us);
}

static enum err clock_fail(struct ctx *c, const char *path, int fd)
{
    const char *why = strerrorname_np(errno);
    if (fd >= 0)
        close(fd);
    return fail(c, ERR_IO, path, why ? why : "?");
}

enum err sys_clock_file(struct ctx *c, const char *path)
{
    /* An old mapping stays mapped: another thread may be reading it. */
    atomic_store(&shared_offset_us, NULL);
    atomic_store(&own_offset_us, 0);
    atomic_store(&stands_at_us, INT64_MIN);
    if (!path)
        return OK;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return clock_fail(c, path, fd);
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0)
        return clock_fail(c, path, fd);
    if (size < (off_t)sizeof(int64_t) && ftruncate(fd, sizeof(int64_t)) != 0) {
        return clock_fail(c, path, fd);
    }
    void *map = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return clock_fail(c, path, fd);
    close(fd);
    atomic_store(&shared_offset_us, (_Atomic int64_t *)map);
    return OK;
}
