/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_web FOLDER [CERT KEY], for bench/foundation_web.py and withstand_load.py: routes of web/ on
 * our server over SQLite in the folder given, over TLS with a certificate and its key. /static: a
 * small JSON without a database; /page: a page drawn from one database read; /me: the same for a
 * signed-in session; POST /write: a row and its record in the audit trail. Prints its port; ends
 * when its standard input does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "core/audit.h"
#include "gen/assets.h"
#include "gen/html.h"
#include "web/page.h"

static const char sql[] = "CREATE TABLE bench_row (id BIGINT NOT NULL, name TEXT NOT NULL, "
                          "CONSTRAINT bench_row_pk PRIMARY KEY (id));"
                          "INSERT INTO bench_row (id, name) VALUES (1, 'Thừa Thiên Huế')";

static enum err get_static(struct ctx *c, struct req *r)
{
    return answer_json(c, r, 200, bytes_of("{\"status\":\"ok\",\"node\":\"demo\",\"time\":0}\n"));
}

static enum err name_row(struct ctx *c, const struct db_row *r, void *arg)
{
    const char **name = arg;
    (void)c;
    *name = row_text(r, 0);
    return OK;
}

static void page(struct page *p, const void *view)
{
    page_layout_begin(p, view);
    page_summary_begin(p);
    for (int i = 0; i < 10; i++)
        page_summary_row(p, "Nơi", view, "/change");
    page_summary_end(p);
    page_layout_end(p);
}

static enum err get_page(struct ctx *c, struct req *r)
{
    const char *name = "";
    bool found = false;
    enum err e =
        db_one(c, &found, name_row, &name, "SELECT name FROM bench_row WHERE id = $1", P_INT(1));
    return e ? e : answer(c, r, 200, NULL, name, page);
}

static enum err post_write(struct ctx *c, struct req *r)
{
    static int64_t id = 1; /* the writer's alone */
    const char *object = arena_printf(c->arena, "%" PRId64, ++id);
    const struct audit_act act = {"bench.write", "row", object, NULL};
    enum err e = db_exec(c, NULL, "INSERT INTO bench_row (id, name) VALUES ($1, $2)", P_INT(id),
                         P_TEXT("Trần Nguyễn An, sinh ngày 01/02/2020"));
    e = e ? e : audit_write(c, &act);
    return e ? e : answer_json(c, r, 201, bytes_of("{\"status\":\"kept\"}\n"));
}

static enum err post_sign_in(struct ctx *c, struct req *r)
{
    enum err e = session_start(c, r, "a1", "", "", 2);
    return e ? e : answer_redirect(c, r, "/page");
}

static enum err actor_of(struct ctx *c, const struct session *s, struct actor *ret_actor)
{
    (void)c;
    *ret_actor = (struct actor){.kind = ACTOR_CITIZEN,
                                .account = s->account,
                                .person = "",
                                .name = "Trần Lan",
                                .unit = "",
                                .unit_name = "",
                                .role = ""};
    return OK;
}

static const struct route rows[] = {
    {.method = "GET",
     .path = "/static",
     .permission = PUBLIC,
     .handler = get_static,
     .flags = ROUTE_NO_DB},
    {.method = "GET", .path = "/page", .permission = PUBLIC, .handler = get_page},
    {.method = "GET", .path = "/me", .permission = SIGNED_IN, .handler = get_page},
    {.method = "POST",
     .path = "/sign-in",
     .permission = PUBLIC,
     .handler = post_sign_in,
     .flags = ROUTE_WRITE},
    {.method = "POST",
     .path = "/write",
     .permission = PUBLIC,
     .handler = post_write,
     .flags = ROUTE_WRITE | ROUTE_NO_CSRF},
};

static const char *file_text(struct ctx *c, const char *path)
{
    struct bytes b;
    if (!path || sys_read_file(c, path, 1 << 16, &b))
        return NULL;
    return arena_printf(c->arena, "%.*s", (int)b.len, (const char *)b.ptr);
}

static enum err start(struct ctx *c, char **argv, struct http_server **ret_server)
{
    static const char *const nobody[] = {NULL};
    static struct node node = {.name = "bench", .agency = "bench", .members = nobody};
    const char *dir = argv[1], *cert = argv[2], *key = cert ? argv[3] : NULL;
    struct db_schema files[64];
    struct db *db = NULL;
    struct web *w = NULL;
    size_t n = 0;
    for (const struct schema_file *f = schema_files; f->module; f++) {
        if (strcmp(f->module, "web") == 0 || strcmp(f->module, "core") == 0)
            files[n++] = (struct db_schema){f->module, f->version, f->sql, f->sha256};
    }
    files[n++] = (struct db_schema){"bench", 1, sql, "bench"};
    enum err e = db_open(c, arena_printf(c->arena, "sqlite:%s/bench.db", dir), &db);
    e = e ? e : db_migrate(c, db, files, n);
    struct web_options o = {
        .db = db, .node = &node, .base_url = "http://127.0.0.1", .actor_of = actor_of};
    e = e ? e : web_new(c, &o, &w);
    e = e ? e : web_add(c, w, "bench", rows, ARRAY_LEN(rows));
    struct http_options h = {.address = "127.0.0.1",
                             .threads = 2,
                             .max_body_bytes = 1 << 20,
                             .max_memory_body_bytes = 1 << 20,
                             .tls_cert_pem = file_text(c, cert),
                             .tls_key_pem = file_text(c, key),
                             .body_limit = web_body_limit,
                             .handle = web_handle,
                             .arg = w};
    return e ? e : http_server_start(c, &h, ret_server);
}

int main(int argc, char **argv)
{
    struct ctx c = {.arena = arena_new(0), .now_us = sys_now_us(), .request_id = "bench"};
    struct http_server *server = NULL;
    char waste[64];
    if ((argc != 2 && argc != 4) || start(&c, argv, &server))
        return 1;
    printf("%d\n", http_server_port(server));
    fflush(stdout);
    log_gather(); /* as a node does */
    while (read(STDIN_FILENO, waste, sizeof waste) > 0)
        continue;
    http_server_stop(server, 0);
    log_flush();
    return 0;
}
