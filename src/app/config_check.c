/* SPDX-License-Identifier: Apache-2.0 */
/* Every setting of node.json and federation.json: what it may be, and where it stands when it isn't
   that. What it must be is told in a notation that needs no language. */
#include <string.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/country.h"
#include "net/scanner.h"
#include "web/json.h"

#define NAME_MAX_BYTES   60
#define HOSTS            "https://HOST[:PORT] | http://127.0.0.1[:PORT]"
#define SOCKET_MAX_BYTES 100 /* of a path; the system takes 107 */

enum form {
    NAME,
    TEXT,
    TITLE,
    CODES,
    URL,
    URL_OR_NONE,
    ADDRESS,
    ADDRESS_OR_NONE,
    PORT,
    PORT_OR_NONE,
    YES_NO,
    FOLDER,
    SCANNER,
    DB
};
struct entry {
    const char *name;
    enum form form;
    bool must;
};
static const struct entry settings[] = {
    {"name", NAME, true},
    {"agency", TEXT, true},
    {"title", TITLE, true},
    {"members", CODES, true},
    {"systems", CODES, true},
    {"instance", TEXT, false},
    {"url", URL, true},
    {"exchange_url", URL_OR_NONE, false},
    {"identity_url", URL_OR_NONE, false},
    {"address", ADDRESS, false},
    {"exchange_address", ADDRESS_OR_NONE, false},
    {"port", PORT, true},
    {"exchange_port", PORT_OR_NONE, false},
    {"demo", YES_NO, false},
    {"second_factor", YES_NO, false},
    {"country", FOLDER, false},
    {"scanner", SCANNER, false},
    {"db", DB, false},
};
static const char *const wanted[] = {[NAME] = "\"…\" (1 … 60), no / \\ \"",
                                     [TEXT] = "\"…\"",
                                     [TITLE] = "{\"vi\": \"…\", \"en\": \"…\"}",
                                     [CODES] = "[\"…\", …]",
                                     [URL] = HOSTS,
                                     [URL_OR_NONE] = HOSTS " | \"\"",
                                     [ADDRESS] = "127.0.0.1 | 0.0.0.0 | ::1 | unix:/PATH …",
                                     [ADDRESS_OR_NONE] = "\"\" | 127.0.0.1 | 0.0.0.0 | ::1 …",
                                     [PORT] = "1 … 65535",
                                     [PORT_OR_NONE] = "0 … 65535",
                                     [YES_NO] = "true | false",
                                     [FOLDER] = "\"\" | /FOLDER",
                                     [SCANNER] = "\"\" | unix:/PATH | 127.0.0.1:PORT | [::1]:PORT",
                                     [DB] = "\"\" | sqlite:PATH | postgres:CONNINFO"};

/* ---- what fits ---- */

static bool is_name(const char *s)
{
    size_t n = strcspn(s, "/\\\"\r\n\t");
    return n > 0 && n <= NAME_MAX_BYTES && !s[n];
}

/* 127.0.0.0/8, ::1, localhost: a name of a host that only this machine answers to. */
static bool is_loopback(const char *host)
{
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    bool number = strspn(host, "0123456789.") == n;
    return (n == 9 && memcmp(host, "localhost", n) == 0) || (n == 5 && !memcmp(host, "[::1]", n)) ||
           (number && text_starts(host, "127."));
}

/* Without TLS nothing leaves the machine (ASVS 12.2.1): `http:` is taken for a loopback alone. */
static bool is_origin(const char *s)
{
    bool tls = text_starts(s, "https://");
    const char *host = tls ? s + strlen("https://") : "";
    if (text_starts(s, "http://"))
        host = s + strlen("http://");
    return *host && !strpbrk(host, "/?#@ ") && (tls || is_loopback(host));
}

static bool is_address(const char *s)
{
    return *s && strspn(s, "0123456789abcdefABCDEF.:") == strlen(s);
}

/* A socket of our own that only the front may open: there X-Real-IP is believed. */
static bool is_socket(const char *s)
{
    return text_starts(s, "unix:/") && strlen(s) <= strlen("unix:") + SOCKET_MAX_BYTES;
}

static bool is_list(const json_t *j)
{
    for (size_t i = 0; i < json_array_size(j); i++)
        if (text_empty(json_string_value(json_array_get(j, i))))
            return false;
    return json_is_array(j);
}

static bool is_between(const json_t *j, int64_t least, int64_t most)
{
    return json_is_integer(j) && json_integer_value(j) >= least && json_integer_value(j) <= most;
}

static bool fits(enum form form, const json_t *j)
{
    const char *text = json_is_string(j) ? json_string_value(j) : NULL;
    switch (form) {
    case NAME: return text && is_name(text);
    case TEXT: return !text_empty(text);
    case TITLE:
        return !text_empty(json_text_of(j, "vi", "")) && !text_empty(json_text_of(j, "en", ""));
    case CODES: return is_list(j);
    case URL: return text && is_origin(text);
    case URL_OR_NONE: return text && (!*text || is_origin(text));
    case ADDRESS: return text && (is_address(text) || is_socket(text));
    case ADDRESS_OR_NONE: return text && (!*text || is_address(text));
    case PORT: return is_between(j, 1, 65535);
    case PORT_OR_NONE: return is_between(j, 0, 65535);
    case YES_NO: return json_is_boolean(j);
    case FOLDER: return text != NULL;
    case SCANNER: return text && (!*text || scanner_address_sound(text));
    case DB:
        return text && (!*text || text_starts(text, "sqlite:") || text_starts(text, "postgres:"));
    }
    BUG("no such form");
}

/* ---- where it stands ---- */

/* The line of "name": in the file, by looking for it; 1 when it isn't there. */
static const char *line_of(struct ctx *c, struct bytes raw, const char *name)
{
    const char *key = arena_printf(c->arena, "\"%s\"", name);
    const char *start = (const char *)raw.ptr;
    const char *at = memmem(start, raw.len, key, strlen(key));
    int line = 1;
    for (const char *p = start; at && p < at; p++)
        line += *p == '\n';
    return arena_printf(c->arena, "%d", line);
}

static enum err bad(struct ctx *c, const struct config_file *f, const char *name, const char *want)
{
    ctx_clear_faults(c);
    return fail(c, ERR_NODE_SETTING, f->path, line_of(c, f->raw, name), name, want);
}

static const char *all_names(struct ctx *c)
{
    struct buf b = buf_new(c->arena, 1024);
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        buf_printf(&b, "%s%s", i ? " | " : "", settings[i].name);
    return b.ptr;
}

static bool is_setting(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        if (text_eq(settings[i].name, name))
            return true;
    return text_starts(name, "$");
}

/* Its own pages are `http:`, and others than this machine could ask for them. */
static bool in_the_clear(const json_t *o)
{
    const char *at = json_text_of(o, "address", "127.0.0.1");
    bool here = text_starts(at, "127.") || text_eq(at, "::1") || text_starts(at, "unix:");
    return text_starts(json_text_of(o, "url", ""), "http:") && !here;
}

const char *config_wrong(struct ctx *c, const json_t *o, const char **ret_want)
{
    const char *name;
    json_t *j;
    *ret_want = "{ … }";
    if (!json_is_object(o))
        return "";
    json_object_foreach((json_t *)(uintptr_t)o, name, j)
    {
        *ret_want = is_setting(name) ? "" : all_names(c);
        if (!is_setting(name))
            return arena_text(c->arena, name);
    }
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        j = json_object_get(o, settings[i].name);
        *ret_want = wanted[settings[i].form];
        if (j ? !fits(settings[i].form, j) : settings[i].must)
            return settings[i].name;
    }
    *ret_want = "127.0.0.1 | ::1 | unix:/PATH; https://HOST";
    return in_the_clear(o) ? "address" : NULL;
}

enum err config_check(struct ctx *c, const struct config_file *f)
{
    const char *want, *wrong = config_wrong(c, f->json, &want);
    return wrong ? bad(c, f, wrong, want) : OK;
}

static const char *all_systems(struct ctx *c)
{
    size_t n;
    const struct module *const *m = app_modules(&n);
    struct buf b = buf_new(c->arena, 1024);
    for (size_t i = 0; i < n; i++)
        if (!app_is_engine(m[i]->name))
            buf_printf(&b, "%s%s", b.len ? " | " : "", m[i]->name);
    return b.ptr;
}

static bool is_system(const char *name)
{
    size_t n;
    const struct module *const *m = app_modules(&n);
    for (size_t i = 0; i < n; i++)
        if (text_eq(m[i]->name, name) && !app_is_engine(name))
            return true;
    return false;
}

const char *config_wrong_name(struct ctx *c, const struct node *n, const char **ret_want)
{
    *ret_want = "country/vn/catalogues/agencies.json";
    if (!country_agency(n->country, n->agency))
        return "agency";
    for (size_t i = 0; n->members[i]; i++)
        if (!country_agency(n->country, n->members[i]))
            return "members";
    *ret_want = all_systems(c);
    for (size_t i = 0; n->systems[i]; i++)
        if (!is_system(n->systems[i]))
            return "systems";
    return NULL;
}

enum err config_check_names(struct ctx *c, const struct node *n)
{
    struct config_file f;
    const char *want, *wrong = config_wrong_name(c, n, &want);
    if (!wrong)
        return OK;
    enum err e = config_read(c, arena_printf(c->arena, "%s/node.json", n->data_dir), &f);
    if (e)
        return e;
    e = bad(c, &f, wrong, want);
    json_end(f.json);
    return e;
}
