/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "app/config.h"
#include "app/supervisor.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/calendar.h"
#include "core/choices.h"
#include "core/country.h"
#include "core/jobs.h"
#include "core/opener.h"
#include "core/reseal.h"
#include "core/subject.h"
#include "core/tree.h"
#include "engine/exchange/exchange.h"
#include "engine/identity/identity.h"
#include "gen/assets.h"
#include "web/answers.h"

#define MAX_BODY_BYTES  (24 * 1024 * 1024)
#define GRACE_US        (5 * SECOND_US)
#define MAX_CONNECTIONS 12288 /* 20 KiB each while they last */
#define FILES_BESIDE    512   /* descriptors of all else */
#define CLOCK_SAID_US   MINUTE_US

#define MODULE(name) extern const struct module name##_module;
#include "app/modules.def"
#undef MODULE

const struct module *const *app_modules(size_t *ret_n)
{
#define MODULE(name) &name##_module,
    static const struct module *const all[] = {
#include "app/modules.def"
        NULL};
#undef MODULE
    *ret_n = ARRAY_LEN(all) - 1;
    return all;
}

bool app_is_engine(const char *name)
{
    const char *const engines[] = {"identity", "registry", "casework", "exchange", "measure"};
    for (size_t i = 0; i < ARRAY_LEN(engines); i++)
        if (text_eq(engines[i], name))
            return true;
    return false;
}

/* The modules this node runs: all engines, and the systems its node.json names. */
static void modules_choose(struct ctx *c, struct node *n)
{
    size_t all;
    const struct module *const *m = app_modules(&all);
    const struct module **mine = ARENA_ARRAY(c->arena, all + 1, const struct module *);
    for (size_t i = 0; i < all; i++)
        if (app_is_engine(m[i]->name) || node_runs(n, m[i]->name))
            mine[n->n_modules++] = m[i];
    n->modules = mine;
}

static enum err start_modules(struct ctx *c, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < c->node->n_modules; i++) {
        const struct module *m = c->node->modules[i];
        enum err e = m->start ? m->start(c) : OK;
        if (e)
            return e;
    }
    return OK;
}

/* A database that vanished would come back empty, and the node would serve as if nothing had ever
   been: a mark beside it tells that there was one. */
static enum err database_there(struct ctx *c, const struct node *n, const char *mark)
{
    const char *path = arena_printf(c->arena, "%s/dinh.db", n->data_dir);
    struct bytes first = {NULL, 0};
    if (!text_empty(n->db_url) || !sys_exists(mark))
        return OK;
    enum err e = sys_exists(path) ? sys_read_part(c, path, 0, 1, &first) : OK;
    return e || first.len ? e : fail(c, ERR_DB_GONE, "database", path, mark);
}

static enum err open_data(struct ctx *c, struct node *n)
{
    const char *kind = n->demo ? "sqlite-plain" : "sqlite"; /* a demonstration is looked into */
    const char *own = arena_printf(c->arena, "%s:%s/dinh.db", kind, n->data_dir);
    const char *mark = arena_printf(c->arena, "%s/begun", n->data_dir);
    enum err e = database_there(c, n, mark);
    if (e)
        return e;
    e = db_open(c, text_empty(n->db_url) ? own : n->db_url, &n->db);
    if (!e)
        e = app_migrations(c, n->db);
    if (e || sys_exists(mark))
        return e;
    return sys_write_file(c, mark, bytes_of("1\n"), 0600);
}

enum err app_migrations(struct ctx *c, struct db *db)
{
    size_t n_files = 0;
    while (schema_files[n_files].module)
        n_files++;
    struct db_schema *files = ARENA_ARRAY(c->arena, n_files, struct db_schema);
    for (size_t i = 0; i < n_files; i++)
        files[i] = (struct db_schema){schema_files[i].module,
                                      schema_files[i].version,
                                      schema_files[i].sql,
                                      schema_files[i].sha256,
                                      APP_VERSION,
                                      schema_files[i].expands};
    return db_migrate(c, db, files, n_files);
}

enum err app_lock(struct ctx *c, const char *dir, int *ret_lock)
{
    enum err e = sys_lock_dir(c, dir, ret_lock);
    if (e != ERR_CONFLICT && e != ERR_NOT_FOUND)
        return e;
    ctx_clear_faults(c);
    return e == ERR_CONFLICT ? fail(c, ERR_NODE_RUNNING, dir) : fail(c, ERR_NO_NODE, "data", dir);
}

static enum err load_country(struct ctx *c, struct node *n)
{
    enum err e = country_load(c, c->arena, n->country_dir, &n->country);
    choices_use_country();
    if (!e)
        e = app_check_definitions(c, n->country);
    if (e)
        return e;
    return calendar_load(c, c->arena, n->country_dir, &n->calendar);
}

static enum err own_keys(struct ctx *c, void *arg)
{
    enum err e = secret_check(c);
    return e ? e : subjects_start(c, arg);
}

enum err node_read(struct ctx *c, const char *data_dir, struct node **ret_node)
{
    struct node *n;
    int lock = 0;
    enum err e = app_lock(c, data_dir, &lock);
    if (!e)
        e = config_load(c, data_dir, &n);
    if (e)
        return e;
    c->node = n;
    n->lock = lock;
    if ((e = load_country(c, n)))
        return e;
    if ((e = config_check_names(c, n)))
        return e;
    *ret_node = n;
    return OK;
}

enum err node_begin(struct ctx *c, struct node *n)
{
    enum err e = open_data(c, n);
    if (!e)
        e = db_write(c, n->db, own_keys, n);
    if (e)
        return e;
    modules_choose(c, n);
    e = db_write(c, n->db, start_modules, NULL);
    size_t n_kept;
    const struct db_kept *kept = app_kept(c, &n_kept);
    db_guard(n->db, kept, n_kept);
    return e;
}

enum err node_open(struct ctx *c, const char *data_dir, struct node **ret_node)
{
    struct node *n;
    enum err e = node_read(c, data_dir, &n);
    if (!e)
        e = node_begin(c, n);
    if (!e)
        *ret_node = n;
    return e;
}

/* The same, shut in with its folder and ports before the first thread is made. */
static enum err node_open_shut(struct ctx *c, const char *data_dir, struct node **ret_node)
{
    struct node *n;
    enum err e = node_read(c, data_dir, &n);
    if (e)
        return e;
    settings_at_start(c, data_dir);
    struct sandbox_plan plan = app_sandbox_plan(c, n);
    if ((e = sandbox_reach(c, &plan)))
        return e;
    if ((e = node_begin(c, n)))
        return e;
    *ret_node = n;
    return OK;
}

void node_close(struct node *n)
{
    for (size_t i = n->n_modules; i-- > 0;)
        if (n->modules[i]->stop)
            n->modules[i]->stop();
    db_close(n->db);
    subjects_stop(n);
    sys_unlock(n->lock);
    key_end(n->sign_key);
    key_end(n->tls_key);
    keeper_end(n->keeper);
    cert_end(n->sign_cert);
    cert_end(n->tls_cert);
    cert_end(n->ca_cert);
    cert_end(n->next_sign_cert);
}

/* Forms of this node may end at the other nodes' addresses: sign-in goes there and back. */
static const char *const *peer_origins(struct ctx *c, const struct node *n)
{
    const char **list = ARENA_ARRAY(c->arena, n->n_peers + 1, const char *);
    for (size_t i = 0; i < n->n_peers; i++)
        list[i] = n->peers[i].url;
    return list;
}

static enum err add_module(struct ctx *c, struct node *n, const struct module *m)
{
    for (size_t i = 0; i < m->n_menu; i++)
        web_menu(n->web, m->menu[i].path, m->menu[i].permission, m->menu[i].title, m->menu[i].place,
                 m->menu[i].waits);
    return web_add(c, n->web, m->name, m->routes, m->n_routes);
}

static struct bytes seal_answer(struct ctx *c, const char *aad, struct bytes plain)
{
    return secret_seal(c, SECRET_ANSWER, aad, plain);
}

static bool open_answer(struct ctx *c, const char *aad, struct bytes sealed, struct bytes *ret)
{
    return secret_opens(c, SECRET_ANSWER, aad, sealed, ret);
}

static enum err sealing(struct ctx *c, struct web_sealing *ret)
{
    struct reseal_progress p;
    enum err e = reseal_progress(c, &p);
    if (!e)
        *ret = (struct web_sealing){p.older, p.columns, p.done, p.anew, p.stands};
    return e;
}

static enum err alerts(struct ctx *c, struct web_alerts *ret)
{
    return tree_alerts_open(c, &ret->open, &ret->own);
}

enum err node_web(struct ctx *c, struct node *n, int workers,
                  void (*reply)(struct http_request *r, const struct http_answer *a))
{
    const struct agency *owner = country_agency(n->country, n->agency);
    struct web_options o = {.db = n->db,
                            .node = n,
                            .base_url = n->url,
                            .secure_cookies = text_starts(n->url, "https:"),
                            .actor_of = identity_actor_of,
                            .access_commit = access_commit,
                            .title = {n->title[LANG_VI], n->title[LANG_EN]},
                            .name = n->name,
                            .version = APP_VERSION,
                            .sign_in = "/dang-nhap",
                            .sign_out = "/dang-xuat",
                            .account = "/tai-khoan",
                            .account_news = identity_news,
                            .proof = &identity_proof,
                            .demo = n->demo,
                            .keys = key_guard_name(keeper_guard(n->keeper)),
                            .sealing = sealing,
                            .alerts = alerts,
                            .form_origins = peer_origins(c, n),
                            .workers = workers,
                            .reply = reply};
    if (owner) {
        o.owner[LANG_VI] = owner->name[LANG_VI];
        o.owner[LANG_EN] = owner->name[LANG_EN];
    }
    web_answers_sealed(seal_answer, open_answer);
    enum err e = web_new(c, &o, &n->web);
    for (size_t i = 0; i < n->n_modules && !e; i++)
        e = add_module(c, n, n->modules[i]);
    if (!e && !node_runs(n, "portal"))
        e = web_add(c, n->web, "app", app_home_routes, ARRAY_LEN(app_home_routes));
    return e;
}

/* As many connections as this process may hold descriptors for. */
static int room_for_connections(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return 0;
    rlim_t wanted = MAX_CONNECTIONS + FILES_BESIDE;
    if (files.rlim_cur < wanted) {
        files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0)
            getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur >= wanted)
        return MAX_CONNECTIONS;
    log_warn("app", "only %d files may be open: fewer connections than the %d meant",
             (int)files.rlim_cur, MAX_CONNECTIONS);
    return files.rlim_cur > 2 * FILES_BESIDE ? (int)(files.rlim_cur - FILES_BESIDE) : FILES_BESIDE;
}

static enum err listen_http(struct ctx *c, struct node *n, struct http_server **ret)
{
    int room = room_for_connections();
    struct http_options o = {.name = "pages",
                             .address = n->address,
                             .port = n->port,
                             .listen_fd = supervisor_socket("http"),
                             .door_shut = true,
                             .max_body_bytes = MAX_BODY_BYTES,
                             .spool_dir = arena_printf(c->arena, "%s/spool", n->data_dir),
                             .max_connections = room,
                             .max_connections_per_peer = room / 4 + 1,
                             .body_limit = web_body_limit,
                             .handle = web_handle,
                             .arg = n->web};
    const struct asset *css = asset_named("dinh.css");
    o.stylesheet = css ? arena_printf(c->arena, "/tep/%s", css->path) : NULL;
    return http_server_start(c, &o, ret);
}

/* Until a signal, or until a sync to disk fails: then nothing may be acknowledged any more. */
static enum err wait_for_end(struct ctx *c, const struct node *n)
{
    const struct timespec look = {.tv_nsec = 250 * 1000 * 1000};
    sigset_t set;
    bool said = false;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    log_gather();
    while (sigtimedwait(&set, NULL, &look) < 0) {
        bool back = sys_clock_back_us() > CLOCK_SAID_US;
        if (back && !said)
            log_warn("app", "the clock went back; nobody is signed in until it is right again");
        said = back;
        log_flush();
        if (db_broken(n->db))
            return fail(c, ERR_IO, "database", n->data_dir, "fsync");
    }
    return OK;
}

static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* To whoever started us, on a pipe that nobody else writes to: we listen. */
void app_say_ready(int fd)
{
    if (fd >= 0 && write(fd, APP_READY, strlen(APP_READY)) < 0)
        log_warn("app", "whoever started this node is gone");
    if (fd >= 0)
        close(fd);
}

int app_ready_fd(int argc, char **argv)
{
    int64_t fd = option_int(argc, argv, "ready-fd", -1);
    if (fd <= STDERR_FILENO || fd > INT_MAX || fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
        return -1; /* nobody waits */
    return (int)fd;
}

static enum err serve(struct ctx *c, struct node *n, int ready)
{
    struct http_server *server = NULL;
    struct jobs *jobs = NULL;
    enum err e = node_web(c, n, 0, NULL);
    if (!e)
        e = listen_http(c, n, &server);
    if (!e && n->exchange_port)
        e = exchange_listen(c);
    if (!e)
        e = supervisor_watch(c, n, server);
    if (!e)
        e = sandbox_calls(c);
    if (!e) /* nobody's bytes are read before the sandbox is whole, nor anybody asked */
        e = jobs_start(c, n, &jobs);
    if (!e)
        e = http_server_open(c, server);
    if (!e)
        e = exchange_open(c);
    if (!e) {
        log_info("app", "%s serves %s, sandbox %s", n->name, n->url, sandbox_level());
        app_say_ready(ready);
        supervisor_say("READY=1");
        e = wait_for_end(c, n);
        supervisor_say("STOPPING=1");
    }
    log_flush();
    if (db_broken(n->db)) /* at once: whoever is waited for might be told what isn't kept */
        _exit(app_say_faults(c));
    supervisor_watch_end();
    if (server)
        http_server_stop(server, GRACE_US);
    exchange_stop();
    jobs_stop(jobs);
    web_end(n->web);
    return e;
}

void app_children(void)
{
    static const struct child_wish *const wishes[] = {&keeper_wish, &opener_wish};
    if (!children_begin(wishes, ARRAY_LEN(wishes)))
        log_error("app", "no process can be made: the keys stay in the node's own");
}

int cmd_serve(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    if (!dir)
        return app_say_usage(c, TX(app_serve_usage));
    const char *clock = option(argc, argv, "clock", NULL);
    int ready = app_ready_fd(argc, argv);
    struct node *n;
    if (!children_can()) /* nobody's files are opened in the node itself */
        return fail(c, ERR_CHILD, "opener") ? app_say_faults(c) : 1;
    if (text_starts(option(argc, argv, "key-secret", ""), "fd:")) /* the keeper reads it again */
        return fail(c, ERR_OPTION_VALUE, "--key-secret", "fd:", "/…") ? app_say_faults(c) : 1;
    sys_keep_little();
    block_signals();
    supervisor_begin();
    if (clock && sys_clock_file(c, clock))
        return app_say_faults(c);
    c->now_us = sys_now_us(); /* of that clock, from the start on */
    if (node_open_shut(c, dir, &n))
        return app_say_faults(c);
    enum err e = serve(c, n, ready);
    node_close(n);
    log_flush();
    return e ? app_say_faults(c) : 0;
}
