/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock by hand: Debian 12's headers end at version 2, its C library has no names for it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sandbox_inside.h"

#define FS_VERSION_1 ((UINT64_C(1) << 13) - 1)
#define FS_TRUNCATE  (UINT64_C(1) << 14) /* version 3 */
#define FS_DEVICE    (UINT64_C(1) << 15) /* version 5: ioctl of devices */
#define NET_BIND     UINT64_C(1)         /* version 4 */
#define NET_CONNECT  UINT64_C(2)
#define SCOPE_SOCKET UINT64_C(1) /* version 6: abstract Unix sockets */
#define SCOPE_SIGNAL UINT64_C(2)
#define RULE_PATH    1
#define RULE_PORT    2

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_CHANGE                                                                                  \
    (FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                     \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |  \
     LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)
#define FS_OF_FILE                                                                                 \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_DEVICE)

struct ruleset { /* the kernel takes it shorter where it knows less */
    uint64_t files, net, scope;
};
struct port_rule {
    uint64_t allowed, port;
};

int sandbox_landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

static struct ruleset handled(int version)
{
    struct ruleset r = {.files = FS_VERSION_1};
    r.files |= version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
    r.files |= version >= 3 ? FS_TRUNCATE : 0;
    r.files |= version >= 5 ? FS_DEVICE : 0;
    r.net = version >= 4 ? NET_BIND | NET_CONNECT : 0;
    r.scope = version >= 6 ? SCOPE_SOCKET | SCOPE_SIGNAL : 0;
    return r;
}

static size_t ruleset_bytes(int version)
{
    return version >= 6 ? 24 : version >= 4 ? 16 : 8;
}

static uint64_t wanted(enum sandbox_access access)
{
    switch (access) {
    case SANDBOX_READ: return FS_READ;
    case SANDBOX_WRITE: return FS_CHANGE;
    case SANDBOX_SOCKET: return LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE;
    }
    BUG("an access nobody knows");
}

static int allow_path(int rules, const struct sandbox_path *p, uint64_t files)
{
    struct stat st;
    int fd = open(p->path, O_PATH | O_CLOEXEC), error = 0;
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : errno;
    struct landlock_path_beneath_attr rule = {.parent_fd = fd,
                                              .allowed_access = wanted(p->access) & files};
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_OF_FILE;
    if (rule.allowed_access && syscall(SYS_landlock_add_rule, rules, RULE_PATH, &rule, 0) != 0)
        error = errno;
    close(fd);
    return error;
}

static int allow_ports(int rules, uint64_t allowed, const uint16_t *ports, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct port_rule rule = {allowed, ports[i]};
        if (syscall(SYS_landlock_add_rule, rules, RULE_PORT, &rule, 0) != 0)
            return errno;
    }
    return 0;
}

static int add_rules(int rules, const struct sandbox_plan *p, const struct ruleset *r)
{
    int error = 0;
    for (size_t i = 0; i < p->n_paths && !error; i++)
        error = allow_path(rules, &p->paths[i], r->files);
    if (!error && r->net)
        error = allow_ports(rules, NET_CONNECT, p->connect_ports, p->n_connect);
    if (!error && r->net)
        error = allow_ports(rules, NET_BIND, p->bind_ports, p->n_bind);
    return error;
}

static void mark(int version)
{
    sandbox_mark(SANDBOX_FILES);
    if (version >= 3)
        sandbox_mark(SANDBOX_TRUNCATE);
    if (version >= 4)
        sandbox_mark(SANDBOX_TCP);
    if (version >= 6)
        sandbox_mark(SANDBOX_SCOPE);
}

int sandbox_landlock(const struct sandbox_plan *plan)
{
    int version = sandbox_landlock_version();
    if (!version)
        return 0;
    struct ruleset r = handled(version);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &r, ruleset_bytes(version), 0);
    if (rules < 0)
        return errno;
    int error = add_rules(rules, plan, &r);
    if (!error && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        error = errno;
    close(rules);
    if (!error)
        mark(version);
    return error;
}
