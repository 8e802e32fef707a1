/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "web/json.h"

#define CERT_YEARS 5

const struct option_row init_options[] = {{"data", OPTION_PATH, 0, 0},
                                          {"key-secret", OPTION_PATH, 0, 0},
                                          {"name", OPTION_TEXT, 1, 60},
                                          {"agency", OPTION_TEXT, 1, 60},
                                          {"title", OPTION_TEXT, 1, 200},
                                          {"title-en", OPTION_TEXT, 1, 200},
                                          {"members", OPTION_TEXT, 1, 2000},
                                          {"systems", OPTION_TEXT, 0, 2000},
                                          {"address", OPTION_TEXT, 1, 106},
                                          {"url", OPTION_TEXT, 1, 300},
                                          {"exchange-url", OPTION_TEXT, 0, 300},
                                          {"exchange-address", OPTION_TEXT, 0, 60},
                                          {"admin", OPTION_TEXT, 1, 64},
                                          {"requests", OPTION_PATH, 0, 0},
                                          {"check", OPTION_YES, 0, 0},
                                          {"identity", OPTION_TEXT, 0, 300},
                                          {"db", OPTION_TEXT, 0, 1000},
                                          {"port", OPTION_NUMBER, 1, 65535},
                                          {"exchange-port", OPTION_NUMBER, 0, 65535},
                                          {NULL, OPTION_TEXT, 0, 0}};

static enum err save_text(struct ctx *c, const char *path, const char *text, int mode)
{
    return sys_write_file(c, path, bytes_of(text), mode);
}

static enum err save_cert(struct ctx *c, const char *dir, const char *name, const struct cert *x)
{
    return save_text(c, arena_printf(c->arena, "%s/keys/%s.crt", dir, name), cert_pem(c->arena, x),
                     0644);
}

/* The demonstration's clock is moved to 2020 and back: its certificates hold from 2019 on. */
int64_t app_certs_from_us(const struct ctx *c, bool demo)
{
    if (!demo)
        return c->now_us - DAY_US;
    return us_from_civil((struct civil){2019, 1, 1, 0, 0, 0}, LOCAL_OFFSET_US);
}

const char *app_host(struct ctx *c, const char *url)
{
    const char *at = strstr(url, "://");
    at = at ? at + strlen("://") : url;
    bool v6 = *at == '[';
    return arena_text_n(c->arena, at + v6, strcspn(at + v6, v6 ? "]" : ":/"));
}

/* One key pair of the node: keys/NAME.key and keys/NAME.crt. */
static enum err make_pair(struct ctx *c, const struct node_wish *w, const struct keystore *s,
                          const char *name, bool tls, const struct key *ca_key,
                          const struct cert *ca)
{
    const char *host = w->exchange_url ? app_host(c, w->exchange_url) : "localhost";
    const char *const dns[] = {"localhost", "127.0.0.1", "::1", host, NULL};
    struct cert_wish wish = {.common_name = arena_printf(c->arena, "%s %s", w->agency, name),
                             .organization = w->title[LANG_VI],
                             .serial_number = w->agency,
                             .country = "VN",
                             .dns = tls ? dns : NULL,
                             .tls = tls,
                             .sign = !tls,
                             .from_us = app_certs_from_us(c, w->demo),
                             .until_us = c->now_us + CERT_YEARS * 365 * DAY_US};
    struct key *k;
    enum err e = key_new(c, &k);
    if (e)
        return e;
    struct cert *x = NULL;
    e = keystore_save(c, s, arena_printf(c->arena, "%s.key", name), k);
    if (!e)
        e = cert_issue(c, &wish, k, ca_key, ca, &x);
    if (!e)
        e = save_cert(c, w->data_dir, name, x);
    cert_end(x);
    key_end(k);
    return e;
}

static enum err make_keys(struct ctx *c, const struct node_wish *w, const struct keystore *s,
                          const struct key *ca_key, const struct cert *ca)
{
    uint8_t root[32];
    sys_random(root, sizeof root);
    struct buf b = buf_new(c->arena, 128);
    buf_hex(&b, (struct bytes){root, sizeof root});
    buf_char(&b, '\n');
    enum err e = keystore_write(c, s, "root.key", buf_bytes(&b));
    if (!e)
        e = make_pair(c, w, s, "sign", false, ca_key, ca);
    if (!e)
        e = make_pair(c, w, s, "tls", true, ca_key, ca);
    if (!e)
        e = save_cert(c, w->data_dir, "ca", ca);
    if (!e && w->alone)
        e = keystore_save(c, s, "ca.key", ca_key);
    return e;
}

static enum err save_json(struct ctx *c, const char *path, json_t *o)
{
    const char *text = json_out(c->arena, o, true);
    json_decref(o);
    return save_text(c, path, text, 0640);
}

static json_t *addresses(struct ctx *c, const struct node_wish *w)
{
    const char *url = w->url, *exchange = w->exchange_url;
    if (!url)
        url = arena_printf(c->arena, "http://%s:%d", w->address, w->port);
    if (!exchange)
        exchange = arena_printf(c->arena, "https://%s:%d", w->address, w->exchange_port);
    return json_pack("{s:s, s:s, s:s, s:s, s:O}", "name", w->name, "agency", w->agency, "url", url,
                     "exchange_url", exchange, "members", w->members);
}

static json_t *config_of(struct ctx *c, const struct node_wish *w)
{
    json_t *o = addresses(c, w);
    json_t *more =
        json_pack("{s:{s:s,s:s}, s:O, s:s, s:s, s:s, s:i, s:i, s:b, s:s}", "title", "vi",
                  w->title[LANG_VI], "en", w->title[LANG_EN], "systems", w->systems, "instance",
                  "VN", "identity_url", w->identity_url, "address", w->address, "port", w->port,
                  "exchange_port", w->exchange_port, "demo", w->demo, "db", w->db_url);
    json_object_update(o, more);
    json_decref(more);
    if (w->exchange_address)
        json_object_set_new(o, "exchange_address", json_string(w->exchange_address));
    return o;
}

enum err node_make(struct ctx *c, const struct node_wish *w, const struct key *ca_key,
                   const struct cert *ca)
{
    const char *mark = arena_printf(c->arena, "%s/node.json", w->data_dir);
    if (sys_exists(mark))
        return fail(c, ERR_NODE_EXISTS, "data", w->data_dir);
    const char *const dirs[] = {"", "/keys", "/files", "/spool"};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        enum err e = sys_mkdir(c, arena_printf(c->arena, "%s%s", w->data_dir, dirs[i]), 0700);
        if (e)
            return e;
    }
    struct keystore *s;
    struct key_place p = config_keys(c, w->data_dir, w->name);
    if (w->demo) /* is looked into */
        p.secret = NULL;
    enum err e = keystore_new(c, &p, &s);
    if (e)
        return e;
    e = make_keys(c, w, s, ca_key, ca);
    keystore_end(s);
    if (!e)
        e = save_json(c, mark, config_of(c, w));
    return e ? e : settings_accept(c, w->data_dir, "node.json");
}

static enum err read_cert(struct ctx *c, const char *dir, const char *name, struct cert **ret)
{
    struct bytes pem;
    enum err e = sys_read_file(c, arena_printf(c->arena, "%s/keys/%s.crt", dir, name), 65536, &pem);
    return e ? e : cert_parse(c, pem, ret);
}

static enum err federation_row(struct ctx *c, const struct node_wish *w, json_t *rows)
{
    struct cert *tls, *sign;
    enum err e = read_cert(c, w->data_dir, "tls", &tls);
    if (e)
        return e;
    if ((e = read_cert(c, w->data_dir, "sign", &sign))) {
        cert_end(tls);
        return e;
    }
    json_t *row = addresses(c, w);
    json_object_set_new(row, "tls_cert_sha256", json_string(cert_fingerprint(c->arena, tls)));
    json_object_set_new(row, "sign_cert", json_string(cert_pem(c->arena, sign)));
    json_array_append_new(rows, row);
    cert_end(tls);
    cert_end(sign);
    return OK;
}

enum err federation_write(struct ctx *c, const struct node_wish *w, size_t n, const struct cert *ca)
{
    json_t *rows = json_array();
    enum err e = OK;
    for (size_t i = 0; i < n && !e; i++)
        e = federation_row(c, &w[i], rows);
    for (size_t i = 0; i < n && !e; i++)
        e = save_json(c, arena_printf(c->arena, "%s/federation.json", w[i].data_dir),
                      json_pack("{s:s, s:s, s:O}", "instance", "VN", "ca", cert_pem(c->arena, ca),
                                "nodes", rows));
    for (size_t i = 0; i < n && !e; i++)
        e = settings_accept(c, w[i].data_dir, "federation.json");
    json_decref(rows);
    return e;
}

/* ---- dinh init: one node alone, with a root of its own ---- */

static json_t *list_of(struct ctx *c, const char *comma_separated)
{
    size_t n;
    const char **parts = text_split(c->arena, comma_separated, ',', &n);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(parts[i]));
    return list;
}

static enum err make_alone(struct ctx *c, const struct node_wish *w)
{
    struct cert_wish wish = {.common_name = arena_printf(c->arena, "%s root", w->agency),
                             .organization = w->agency,
                             .serial_number = w->agency,
                             .country = "VN",
                             .ca = true,
                             .from_us = c->now_us - DAY_US,
                             .until_us = c->now_us + 2 * CERT_YEARS * 365 * DAY_US};
    struct key *ca_key = NULL;
    struct cert *ca = NULL;
    enum err e = key_new(c, &ca_key);
    if (!e)
        e = cert_issue(c, &wish, ca_key, NULL, NULL, &ca);
    if (!e)
        e = node_make(c, w, ca_key, ca);
    cert_end(ca);
    key_end(ca_key);
    return e;
}

/* The same rules as at start, told by the option and not by the line of a file yet to be. */
static enum err check_wish(struct ctx *c, const struct node_wish *w, int argc, char **argv)
{
    struct node n = {0};
    const char *want = "", *wrong;
    json_t *o = config_of(c, w);
    enum err e = OK;
    if (!(wrong = config_wrong(c, o, &want))) {
        config_node(c, o, &n);
        e = country_load(c, c->arena, NULL, &n.country);
        wrong = e ? NULL : config_wrong_name(c, &n, &want);
    }
    json_decref(o);
    if (!e && !wrong && w->port == w->exchange_port) {
        wrong = "exchange_port";
        want = "≠ --port";
    }
    if (!wrong)
        return e;
    bool derived =
        (text_eq(wrong, "url") && !w->url) || (text_eq(wrong, "exchange_url") && !w->exchange_url);
    char *name = arena_text(c->arena, derived ? "address" : wrong);
    for (char *p = name; *p; p++)
        *p = *p == '_' ? '-' : *p;
    if (text_eq(wrong, "identity_url"))
        name = arena_text(c->arena, "identity");
    return fail(c, ERR_OPTION_VALUE, arena_printf(c->arena, "--%s", name),
                option(argc, argv, name, ""), want);
}

static struct node_wish wish_of(struct ctx *c, int argc, char **argv)
{
    const char *name = option(argc, argv, "name", "");
    const char *agency = option(argc, argv, "agency", "");
    const char *title = option(argc, argv, "title", name);
    return (struct node_wish){.alone = true,
                              .data_dir = option(argc, argv, "data", ""),
                              .name = name,
                              .agency = agency,
                              .title = {title, option(argc, argv, "title-en", title)},
                              .members = list_of(c, option(argc, argv, "members", agency)),
                              .systems = list_of(c, option(argc, argv, "systems", INIT_SYSTEMS)),
                              .address = option(argc, argv, "address", "127.0.0.1"),
                              .db_url = option(argc, argv, "db", ""),
                              .identity_url = option(argc, argv, "identity", ""),
                              .url = option(argc, argv, "url", NULL),
                              .exchange_url = option(argc, argv, "exchange-url", NULL),
                              .exchange_address = option(argc, argv, "exchange-address", NULL),
                              .port = (int)option_int(argc, argv, "port", 8800),
                              .exchange_port = (int)option_int(argc, argv, "exchange-port", 8810)};
}

static void wish_end(struct node_wish *w)
{
    json_decref((json_t *)(uintptr_t)w->members);
    json_decref((json_t *)(uintptr_t)w->systems);
}

enum err init_check(struct ctx *c, int argc, char **argv)
{
    struct node_wish w = wish_of(c, argc, argv);
    enum err e = check_wish(c, &w, argc, argv);
    if (!e && option_given(argc, argv, "admin"))
        e = app_check_username(c, "--admin", option(argc, argv, "admin", ""));
    if (!e && sys_exists(arena_printf(c->arena, "%s/node.json", w.data_dir)))
        e = fail(c, ERR_NODE_EXISTS, "data", w.data_dir);
    wish_end(&w);
    return e;
}

static enum err init(struct ctx *c, int argc, char **argv)
{
    const char *to = option(argc, argv, "requests", NULL);
    enum err e = init_check(c, argc, argv);
    if (e || option_given(argc, argv, "check"))
        return e;
    struct node_wish w = wish_of(c, argc, argv);
    e = make_alone(c, &w);
    if (!e && to)
        e = keys_requests(c, w.data_dir, to);
    wish_end(&w);
    return e;
}

/* What was made, who may enter, what comes next. */
static int say_made(struct ctx *c, int argc, char **argv)
{
    const char *password, *dir = option(argc, argv, "data", "");
    const char *admin = option(argc, argv, "admin", NULL);
    if (option_given(argc, argv, "requests"))
        printf("%s\n", text_get(TX(app_init_requests), c->lang));
    printf("%s dinh serve --data %s\n", text_get(TX(app_init_done), c->lang), dir);
    if (!admin)
        return 0;
    if (app_first_administrator(c, dir, admin, &password))
        return app_say_faults(c);
    bool sealed = config_keys(c, dir, "").secret;
    printf("%s\n  %s  %s\n%s\n", text_get(TX(app_init_once), c->lang), admin, password,
           text_get(sealed ? TX(app_init_next_sealed) : TX(app_init_next), c->lang));
    return 0;
}

static bool lacks_needed(int argc, char **argv)
{
    return text_empty(option(argc, argv, "data", "")) ||
           text_empty(option(argc, argv, "agency", "")) ||
           text_empty(option(argc, argv, "name", ""));
}

int cmd_init(struct ctx *c, int argc, char **argv)
{
    bool yes = true;
    if (lacks_needed(argc, argv) && app_may_ask() && app_ask(c, &argc, &argv, &yes))
        return app_say_faults(c);
    if (!yes)
        return 1;
    if (lacks_needed(argc, argv))
        return app_say_usage(c, TX(app_init_usage));
    if (init(c, argc, argv))
        return app_say_faults(c);
    if (!option_given(argc, argv, "check"))
        return say_made(c, argc, argv);
    printf("%s\n", text_get(TX(app_init_checked), c->lang));
    return 0;
}
