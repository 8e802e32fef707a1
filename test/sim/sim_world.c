/* SPDX-License-Identifier: Apache-2.0 */
/* Files are copied past the calls that the disk of cuts watches: openat, not open. */
#include <cairo-pdf.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/demo.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "test/sim/sim_world.h"

#define TEMPLATE_SEED 20260603
#define PORTS_FROM    21000
#define PORTS_TO      30000
#define HOME          1
#define ROUNDS        4

/* ---- folders ---- */

static const char *copy_from;
static const char *copy_to;

static void copy_file(const char *from, const char *to, mode_t mode)
{
    int in = openat(AT_FDCWD, from, O_RDONLY | O_CLOEXEC);
    int out = openat(AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ssize_t n = in < 0 || out < 0 ? -1 : 1;
    while (n > 0)
        n = copy_file_range(in, NULL, out, NULL, (size_t)1 << 30, 0);
    if (n < 0) {
        perror(to);
        abort();
    }
    close(in);
    close(out);
}

static int copy_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    char to[1024];
    (void)at;
    snprintf(to, sizeof to, "%s%s", copy_to, path + strlen(copy_from));
    if (kind == FTW_D)
        mkdirat(AT_FDCWD, to, st->st_mode & 0777);
    else if (kind == FTW_F)
        copy_file(path, to, st->st_mode & 0777);
    return 0;
}

static void copy_tree(const char *from, const char *to)
{
    copy_from = from;
    copy_to = to;
    if (nftw(from, copy_one, 16, FTW_PHYS) != 0)
        abort();
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

void sim_world_again(const struct sim_world *w, struct sim *s)
{
    static const char *const parts[] = {"dinh.db", "dinh.db-wal", "dinh.db-shm", "files", "keys"};
    struct arena *a = arena_new(0);
    for (int i = 0; i < SIM_NODES; i++) {
        for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
            const char *from = arena_printf(a, "%s/%s", w->from[i], parts[k]);
            const char *to = arena_printf(a, "%s/%s", s->node[i].dir, parts[k]);
            nftw(to, remove_one, 16, FTW_DEPTH | FTW_PHYS);
            if (sys_exists(from))
                copy_tree(from, to);
        }
    }
    arena_end(a);
}

/* The fonts of papers are found once for all processes, not by each anew. */
static void warm_fonts(void)
{
    cairo_surface_t *page = cairo_pdf_surface_create(NULL, 100, 100);
    cairo_t *cr = cairo_create(page);
    PangoLayout *line = pango_cairo_create_layout(cr);
    pango_layout_set_text(line, "Đình", -1);
    pango_cairo_show_layout(cr, line);
    g_object_unref(line);
    cairo_destroy(cr);
    cairo_surface_destroy(page);
}

enum err sim_world_copy(struct ctx *c, const struct sim_world *w, const char *dir, struct sim *s)
{
    enum err e = OK;
    for (int i = 0; i < SIM_NODES && !e; i++) {
        const char *name = strrchr(w->from[i], '/') + 1;
        s->node[i].dir = arena_printf(c->arena, "%s/%s", dir, name);
        copy_tree(w->from[i], s->node[i].dir);
        c->node = NULL;
        e = node_read(c, s->node[i].dir, &s->node[i].n);
    }
    warm_fonts();
    return e;
}

/* ---- the template ---- */

static int free_ports(void)
{
    int n = 0;
    for (int port = PORTS_FROM; port < PORTS_TO; port++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        n = bind(fd, (struct sockaddr *)&to, sizeof to) == 0 ? n + 1 : 0;
        close(fd);
        if (n == 2 * SIM_NODES)
            return port - n + 1;
    }
    return 0;
}

static void settle(struct sim *s)
{
    for (int k = 0; k < ROUNDS; k++) {
        s->now_us += 40 * SECOND_US;
        for (int i = 0; i < SIM_NODES; i++)
            sim_order(s, i, (struct sim_frame){.kind = SIM_JOBS});
    }
}

/* The nodes live once without faults: people, drafts; then they are stopped as they should be. */
static enum err live_once(struct ctx *c, struct sim_world *w, struct sim *s)
{
    enum err e = OK;
    for (int i = 0; i < SIM_NODES && !e; i++) {
        s->node[i].dir = w->from[i];
        c->node = NULL;
        e = node_read(c, w->from[i], &s->node[i].n);
    }
    if (e)
        return e;
    for (int i = 0; i < SIM_NODES; i++)
        sim_start(s, i);
    if (sim_order(s, HOME, (struct sim_frame){.kind = SIM_PEOPLE}).a)
        sim_fail(s, "the people's accounts can't be made");
    sim_clients_begin(s);
    sim_fill_drafts(s);
    settle(s);
    memcpy(w->drafts, s->book->drafts, sizeof w->drafts);
    w->n_drafts = s->book->n_drafts;
    for (int i = 0; i < SIM_NODES; i++) {
        sim_order(s, i, (struct sim_frame){.kind = SIM_CLOSE});
        sim_kill(s, i);
        sys_unlock(s->node[i].n->lock);
    }
    if (!s->wrong)
        return OK;
    fprintf(stderr, "the template: %s\n", s->wrong);
    return fail(c, ERR_INTERNAL, "template");
}

static enum err make(struct ctx *c, const char *dir, bool loud, struct sim_world *ret)
{
    struct nation na;
    struct sim s = {.c = c, .calm = true, .loud = loud, .now_us = c->now_us};
    enum err e = nation_set_up(c, dir, free_ports(), &na);
    if (e)
        return e;
    ret->dir = dir;
    for (int i = 0; i < SIM_NODES; i++)
        ret->from[i] = na.node_dir[i];
    return live_once(c, ret, &s);
}

/* In a process of its own: what making it leaves in memory would weigh on each birth. Nodes first,
   then drafts and their owners. */
static _Noreturn void tell_world(struct ctx *c, const char *dir, bool loud, int fd)
{
    struct sim_world w;
    struct sim_frame nodes = {.kind = SIM_DONE, .n = SIM_NODES};
    struct sim_frame drafts = {.kind = SIM_DONE}, owners = {.kind = SIM_DONE};
    if (make(c, dir, loud, &w))
        _exit(app_say_faults(c));
    for (size_t i = 0; i < SIM_NODES; i++)
        nodes.word[i] = w.from[i];
    drafts.n = owners.n = w.n_drafts;
    for (size_t i = 0; i < w.n_drafts; i++) {
        drafts.word[i] = w.drafts[i].id;
        owners.word[i] = arena_printf(c->arena, "%zu", w.drafts[i].owner);
    }
    bool good = sim_put(fd, &nodes) && sim_put(fd, &drafts) && sim_put(fd, &owners);
    _exit(good ? 0 : 1);
}

static bool hear_world(struct ctx *c, int fd, struct sim_world *ret)
{
    struct sim_frame nodes, drafts, owners;
    if (!sim_get(fd, c->arena, &nodes) || !sim_get(fd, c->arena, &drafts) ||
        !sim_get(fd, c->arena, &owners))
        return false;
    for (size_t i = 0; i < SIM_NODES; i++)
        ret->from[i] = nodes.word[i];
    ret->n_drafts = drafts.n;
    for (size_t i = 0; i < drafts.n; i++) {
        int64_t owner = 0;
        if (!text_to_int(owners.word[i], &owner))
            return false;
        ret->drafts[i] = (struct sim_draft){.id = drafts.word[i], .owner = (size_t)owner};
    }
    return true;
}

enum err sim_world_make(struct ctx *c, const char *dir, bool loud, struct sim_world *ret)
{
    struct civil morning = {2026, 6, 3, 9, 0, 0};
    int pair[2];
    *ret = (struct sim_world){.dir = dir};
    c->now_us = us_from_civil(morning, LOCAL_OFFSET_US);
    sys_clock_set(c->now_us);
    sim_seed_all(TEMPLATE_SEED);
    if (pipe(pair) != 0)
        return fail(c, ERR_INTERNAL, "pipe");
    int pid = fork();
    if (pid == 0) {
        close(pair[0]);
        tell_world(c, dir, loud, pair[1]);
    }
    close(pair[1]);
    bool heard = hear_world(c, pair[0], ret);
    close(pair[0]);
    waitpid(pid, NULL, 0);
    return heard ? OK : fail(c, ERR_INTERNAL, "template");
}
