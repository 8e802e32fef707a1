/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh init` on a terminal, without what a node needs: each question with a line of why, its
   default, an answer judged at once; a summary, and only then is anything made. What was answered
   becomes the options that could have been given. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/country.h"
#include "crypto/keystore.h"

#define LINE_MAX_BYTES 4096
#define OWN_ROOT       "1"
#define AUTHORITY      "2"
#define IN_CLEAR       "-"
#define MATCHES        8

/* In the order of the table below. */
enum asked {
    DATA,
    AGENCY,
    NAME,
    TITLE,
    TITLE_EN,
    MEMBERS,
    SYSTEMS,
    IDENTITY,
    URL,
    ADDRESS,
    EXCHANGE_ADDRESS,
    EXCHANGE_PORT,
    EXCHANGE_URL,
    REQUESTS,
    KEY_SECRET,
    DB,
    ADMIN,
    QUESTIONS
};

struct talk {
    struct ctx *c;
    const char *answer[QUESTIONS]; /* NULL: not yet, or the option isn't to be given */
    bool given[QUESTIONS];         /* on the command line: not asked */
    const char *rest[4];           /* what isn't asked, as it was given */
    size_t n_rest;
    const struct country *country;
    bool gone; /* end of input or Ctrl-C */
};

struct question {
    const char *option;
    enum text what, why;
    const char *(*suggest)(const struct talk *t); /* NULL: there is no default */
    enum err (*check)(struct talk *t, const char *answer);
    const char *stand_in; /* while it isn't answered and a later rule looks at it */
};

static void on_interrupt(int signal)
{
    (void)signal; /* reading ends: the talk is over */
}

/* ---- defaults ---- */

static const char *nothing(const struct talk *t)
{
    (void)t;
    return "";
}

static const char *folder(const struct talk *t)
{
    (void)t;
    return "/var/lib/dinh";
}

static const char *short_name(const struct talk *t)
{
    char *name = text_fold(t->c->arena, t->answer[AGENCY]);
    for (char *p = name; *p; p++)
        *p = *p == ' ' ? '-' : *p;
    return name;
}

static const char *title(const struct talk *t)
{
    return country_agency_name(t->country, t->answer[AGENCY], LANG_VI);
}

static const char *title_en(const struct talk *t)
{
    return country_agency_name(t->country, t->answer[AGENCY], LANG_EN);
}

static const char *agency(const struct talk *t)
{
    return t->answer[AGENCY];
}

static const char *systems(const struct talk *t)
{
    (void)t;
    return INIT_SYSTEMS;
}

static const char *front_socket(const struct talk *t)
{
    (void)t;
    return "unix:/run/dinh/http.sock";
}

static const char *everywhere(const struct talk *t)
{
    (void)t;
    return "0.0.0.0";
}

static const char *exchange_port(const struct talk *t)
{
    (void)t;
    return "8810";
}

static const char *exchange_url(const struct talk *t)
{
    const char *host = app_host(t->c, t->answer[URL]);
    bool v6 = strchr(host, ':');
    return arena_printf(t->c->arena, v6 ? "https://[%s]:%s" : "https://%s:%s", host,
                        t->answer[EXCHANGE_PORT]);
}

static const char *own_root(const struct talk *t)
{
    (void)t;
    return OWN_ROOT;
}

static const char *secret_file(const struct talk *t)
{
    (void)t;
    return "/etc/credstore/" KEY_CREDENTIAL;
}

static const char *administrator(const struct talk *t)
{
    (void)t;
    return "quantri";
}

/* ---- what the options' own rules don't see ---- */

static const char *parent_of(struct ctx *c, const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n && path[n - 1] != '/')
        n--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n ? arena_text_n(c->arena, path, n) : ".";
}

/* The folder that will hold it is there, and may be written to. */
static enum err may_be_made(struct ctx *c, const char *path)
{
    const char *dir = parent_of(c, path);
    if (!sys_exists(dir))
        return fail(c, ERR_NOT_FOUND, dir, "ENOENT");
    return sys_may_write(dir) ? OK : fail(c, ERR_NOT_WRITABLE, dir);
}

static enum err check_data(struct talk *t, const char *dir)
{
    if (sys_exists(arena_printf(t->c->arena, "%s/node.json", dir)))
        return fail(t->c, ERR_NODE_EXISTS, "data", dir);
    if (!sys_exists(dir))
        return may_be_made(t->c, dir);
    return sys_may_write(dir) ? OK : fail(t->c, ERR_NOT_WRITABLE, dir);
}

/* Whoever doesn't know the code types a part of the name. */
static enum err check_agency(struct talk *t, const char *answer)
{
    size_t n, shown = 0;
    const struct agency *all = country_agencies(t->country, &n);
    const char *part = text_fold(t->c->arena, answer);
    if (country_agency(t->country, answer))
        return OK;
    for (size_t i = 0; i < n && shown < MATCHES && *part; i++) {
        const char *name = all[i].name[t->c->lang];
        if (!strstr(text_fold(t->c->arena, name), part))
            continue;
        printf("  %-12s %s\n", all[i].code, name);
        shown++;
    }
    return fail(t->c, ERR_OPTION_VALUE, "--agency", answer, "country/vn/catalogues/agencies.json");
}

static enum err check_requests(struct talk *t, const char *answer)
{
    if (text_eq(answer, OWN_ROOT) || text_eq(answer, AUTHORITY))
        return OK;
    return fail(t->c, ERR_OPTION_VALUE, "--requests", answer, OWN_ROOT " | " AUTHORITY);
}

/* A file that is there holds a secret; one that isn't can be made, and not beside the keys. */
static enum err check_secret(struct talk *t, const char *from)
{
    struct ctx *c = t->c;
    const char *inside = arena_printf(c->arena, "%s/", t->answer[DATA]);
    if (text_eq(from, IN_CLEAR))
        return OK;
    if (text_starts(from, inside))
        return fail(c, ERR_OPTION_VALUE, "--key-secret", from,
                    arena_printf(c->arena, "≠ %s…", inside));
    if (!text_starts(from, "fd:") && !sys_exists(from))
        return may_be_made(c, from);
    return key_secret_check(c, from);
}

/* A server that is named is asked, so that its refusal is read now. */
static enum err check_db(struct talk *t, const char *url)
{
    struct db *db;
    if (!text_starts(url, "postgres:"))
        return OK;
    enum err e = db_open(t->c, url, &db);
    if (!e)
        db_close(db);
    return e;
}

static enum err check_admin(struct talk *t, const char *name)
{
    return text_empty(name) ? OK : app_check_username(t->c, "--admin", name);
}

#define ASK(option, key) (option), TX(app_ask_##key), TX(app_why_##key)
/* clang-format off */
static const struct question questions[QUESTIONS] = {
    [DATA] = {ASK("data", data), folder, check_data, "."},
    [AGENCY] = {ASK("agency", agency), NULL, check_agency, ""},
    [NAME] = {ASK("name", name), short_name, NULL, "n"},
    [TITLE] = {ASK("title", title), title, NULL, NULL},
    [TITLE_EN] = {ASK("title-en", title_en), title_en, NULL, NULL},
    [MEMBERS] = {ASK("members", members), agency, NULL, NULL},
    [SYSTEMS] = {ASK("systems", systems), systems, NULL, NULL},
    [IDENTITY] = {ASK("identity", identity), nothing, NULL, NULL},
    [URL] = {ASK("url", url), NULL, NULL, "https://localhost"},
    [ADDRESS] = {ASK("address", address), front_socket, NULL, NULL},
    [EXCHANGE_ADDRESS] = {ASK("exchange-address", exchange_address), everywhere, NULL, NULL},
    [EXCHANGE_PORT] = {ASK("exchange-port", exchange_port), exchange_port, NULL, NULL},
    [EXCHANGE_URL] = {ASK("exchange-url", exchange_url), exchange_url, NULL, "https://localhost"},
    [REQUESTS] = {ASK("requests", requests), own_root, check_requests, NULL},
    [KEY_SECRET] = {ASK("key-secret", key_secret), secret_file, check_secret, NULL},
    [DB] = {ASK("db", db), nothing, check_db, NULL},
    [ADMIN] = {ASK("admin", admin), administrator, check_admin, NULL},
};
/* clang-format on */

/* ---- answers as options ---- */

/* Where the requests for certificates will lie; the secret that isn't wanted; who isn't. */
static const char *as_option(const struct talk *t, size_t i)
{
    const char *a = t->answer[i];
    if (!a || t->given[i])
        return a;
    if (i == REQUESTS)
        return text_eq(a, OWN_ROOT) ? NULL
                                    : arena_printf(t->c->arena, "%s/requests", t->answer[DATA]);
    if (i == KEY_SECRET && text_eq(a, IN_CLEAR))
        return NULL;
    return i == ADMIN && text_empty(a) ? NULL : a;
}

static char **options_of(const struct talk *t, bool stand_ins, int *ret_argc)
{
    char **argv = ARENA_ARRAY(t->c->arena, QUESTIONS + ARRAY_LEN(t->rest) + 1, char *);
    int n = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        const char *value = as_option(t, i);
        if (!t->answer[i] && stand_ins)
            value = questions[i].stand_in;
        if (value)
            argv[n++] = arena_printf(t->c->arena, "--%s=%s", questions[i].option, value);
    }
    for (size_t i = 0; i < t->n_rest; i++)
        argv[n++] = arena_text(t->c->arena, t->rest[i]);
    *ret_argc = n;
    return argv;
}

/* ---- one question ---- */

static enum err form_fits(struct talk *t, size_t i, const char *answer)
{
    char *one[] = {arena_printf(t->c->arena, "--%s=%s", questions[i].option, answer)};
    const struct command init = {.name = "init", .options = init_options};
    return options_check(t->c, &init, 1, one);
}

/* All that is known so far makes a node, as far as this answer goes. */
static enum err whole_fits(struct talk *t, size_t i)
{
    int argc;
    char **argv = options_of(t, true, &argc);
    const char *mine = arena_printf(t->c->arena, "--%s", questions[i].option);
    enum err e = i == DATA ? OK : init_check(t->c, argc, argv);
    if (e && (e != ERR_OPTION_VALUE || ctx_fault_of(t->c, mine)))
        return e;
    ctx_clear_faults(t->c);
    return OK;
}

static bool fits(struct talk *t, size_t i, const char *answer)
{
    const struct question *q = &questions[i];
    enum err e = form_fits(t, i, answer);
    if (!e && q->check)
        e = q->check(t, answer);
    const char *before = t->answer[i];
    t->answer[i] = answer;
    if (!e)
        e = whole_fits(t, i);
    if (!e)
        return true;
    t->answer[i] = before;
    for (size_t k = 0; k < t->c->n_faults; k++)
        printf("  ✗ %s\n", app_fault_text(t->c, &t->c->faults[k], t->c->lang));
    ctx_clear_faults(t->c);
    return false;
}

/* A terminal hands over a line at a time. Ctrl-C is let in only where waiting ends by it. */
static ssize_t wait_for_line(char *line, size_t max)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t none;
    sigemptyset(&none);
    return ppoll(&in, 1, NULL, &none) == 1 ? read(STDIN_FILENO, line, max) : -1;
}

/* Without its end and the blanks around it; NULL: nobody is there. */
static const char *read_answer(struct talk *t)
{
    char line[LINE_MAX_BYTES];
    fflush(stdout);
    ssize_t n = wait_for_line(line, sizeof line - 1);
    t->gone = n <= 0;
    if (t->gone)
        return NULL;
    line[n] = '\0';
    char *from = line + strspn(line, " \t"), *to = line + strlen(line);
    while (to > from && strchr(" \t\r\n", to[-1]))
        to--;
    return arena_text_n(t->c->arena, from, (size_t)(to - from));
}

static const char *say_text(const struct talk *t, enum text text)
{
    return text_get(text, t->c->lang);
}

static void ask(struct talk *t, size_t i)
{
    const struct question *q = &questions[i];
    const char *usual = t->answer[i];
    if (!usual && q->suggest)
        usual = q->suggest(t);
    printf("\n%s\n", say_text(t, q->why));
    for (;;) {
        printf(text_empty(usual) ? "%s: " : "%s [%s]: ", say_text(t, q->what), usual);
        const char *answer = read_answer(t);
        if (!answer)
            return;
        if (!*answer && usual)
            answer = usual;
        if (fits(t, i, answer))
            return;
    }
}

/* ---- all of it ---- */

/* PostgreSQL's tables are made by their owner first, accounts after them. */
static bool to_be_asked(const struct talk *t, size_t i)
{
    bool elsewhere = i == ADMIN && t->answer[DB] && text_starts(t->answer[DB], "postgres:");
    bool handed_over = i == KEY_SECRET && config_keys(t->c, "", "").secret && !t->answer[i];
    return !t->given[i] && !elsewhere && !handed_over;
}

static void summary(const struct talk *t)
{
    printf("\n%s\n", say_text(t, TX(app_ask_summary)));
    for (size_t i = 0; i < QUESTIONS; i++)
        if (t->answer[i])
            printf("%3zu. %s: %s\n", i + 1, say_text(t, questions[i].what), t->answer[i]);
    printf("%s ", say_text(t, TX(app_ask_sure)));
}

/* "có", "co", "c"; "yes", "y" */
static bool is_yes(struct talk *t, const char *answer)
{
    const char *folded = text_fold(t->c->arena, answer);
    const char *const yes[] = {"co", "c", "yes", "y"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (text_eq(folded, yes[i]))
            return true;
    return false;
}

/* Until it is yes, no, or nobody: a number asks that question again. */
static bool agreed(struct talk *t)
{
    for (;;) {
        int64_t number;
        summary(t);
        const char *answer = read_answer(t);
        if (!answer || !text_to_int(answer, &number))
            return answer && is_yes(t, answer);
        if (number >= 1 && number <= QUESTIONS && to_be_asked(t, (size_t)number - 1))
            ask(t, (size_t)number - 1);
        if (t->gone)
            return false;
    }
}

/* What stands on the command line isn't asked, unless it can't be. */
static void take_given(struct talk *t, int argc, char **argv)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        const char *value = option(argc, argv, questions[i].option, NULL);
        t->given[i] = value && (i == REQUESTS || fits(t, i, value));
        if (t->given[i])
            t->answer[i] = value;
    }
    if (option_given(argc, argv, "port"))
        t->rest[t->n_rest++] =
            arena_printf(t->c->arena, "--port=%s", option(argc, argv, "port", ""));
    if (option_given(argc, argv, "check"))
        t->rest[t->n_rest++] = "--check";
}

static void ask_all(struct talk *t)
{
    for (size_t i = 0; i < QUESTIONS && !t->gone; i++)
        if (to_be_asked(t, i))
            ask(t, i);
}

/* The secret's file, where it lies from now on. */
static enum err take_secret(struct talk *t, bool make)
{
    const char *from = as_option(t, KEY_SECRET);
    if (!from)
        return OK;
    config_key_secret(from);
    if (!make || text_starts(from, "fd:") || sys_exists(from))
        return OK;
    return key_secret_make(t->c, from);
}

bool app_may_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

enum err app_ask(struct ctx *c, int *argc, char ***argv, bool *ret_yes)
{
    struct talk *t = ARENA_NEW(c->arena, struct talk);
    struct sigaction stop = {.sa_handler = on_interrupt};
    sigset_t interrupt;
    t->c = c;
    enum err e = country_load(c, c->arena, NULL, &t->country);
    if (e)
        return e;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigaction(SIGINT, &stop, NULL);
    sigprocmask(SIG_BLOCK, &interrupt, NULL);
    take_given(t, *argc, *argv);
    printf("%s\n", say_text(t, TX(app_ask_begin)));
    ask_all(t);
    *ret_yes = !t->gone && agreed(t);
    if (!*ret_yes) {
        printf("\n%s\n", say_text(t, TX(app_ask_nothing)));
        return OK;
    }
    bool only_checked = option_given(*argc, *argv, "check");
    *argv = options_of(t, false, argc);
    return take_secret(t, !only_checked);
}
