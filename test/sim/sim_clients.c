/* SPDX-License-Identifier: Apache-2.0 */
/* People at their browsers: mothers who begin and file, officials who look and decide. Who hears
   nothing asks again with the same key. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "test/sim/sim_book.h"
#include "web/json.h"

#define HOME    1 /* their node: the province's */
#define BIRTH   "1.001193"
#define WARD    "H57.31.08"
#define DOUBLES 6 /* percent of acts sent twice at once */

const struct sim_person sim_people[] = {
    {"Nguyễn Thị Lan", "citizen", "", "lan"},
    {"Lê Thị Hòa", "citizen", "", "hoa"},
    {"Hồ Thị Thảo", "citizen", "", "thao"},
    {"Phan Thị Thu Hà", "commune_clerk", WARD, NULL},
    {"Phan Thị Thu", "commune_clerk", WARD, NULL},
    {"Ngô Đức Thịnh", "civil_status_officer", WARD, NULL},
    {"Tôn Thất Vinh", "commune_chairman", WARD, NULL},
};
const size_t sim_n_people = ARRAY_LEN(sim_people);

void sim_clients_begin(struct sim *s)
{
    s->n_clients = sim_n_people;
    s->clients = ARENA_ARRAY(s->c->arena, s->n_clients, struct sim_client);
    s->book = ARENA_NEW(s->c->arena, struct sim_book);
    for (size_t i = 0; i < s->n_clients; i++)
        s->clients[i] = (struct sim_client){
            .person = &sim_people[i], .cookies = "", .token = "", .door = DOOR_POST};
}

/* ---- a request ---- */

static void send_once(struct sim *s, size_t i)
{
    struct sim_client *x = &s->clients[i];
    struct sim_frame f = {.kind = SIM_CALL, .who = ++s->n_calls, .n = 6};
    const char *key = x->deed ? x->deed->key : "";
    struct sim_sent *note = ARENA_NEW(s->c->arena, struct sim_sent);
    *note = (struct sim_sent){.next = s->book->sent,
                              .number = f.who,
                              .who = i,
                              .deed = x->door == DOOR_PASSED ? x->deed : NULL};
    s->book->sent = note;
    if (x->door == DOOR_POST)
        memcpy(
            f.word,
            (const char *[]){"POST", arena_printf(s->c->arena, SIM_DOOR "?%zu", i), "", "", "", ""},
            6 * sizeof(const char *));
    else if (x->door == DOOR_GET)
        memcpy(f.word, (const char *[]){"GET", SIM_DOOR, x->cookies, "", "", ""},
               6 * sizeof(const char *));
    else
        memcpy(f.word, (const char *[]){x->method, x->path, x->cookies, x->token, key, x->body},
               6 * sizeof(const char *));
    s->counts.calls++;
    sim_order(s, HOME, f);
}

static void send_it(struct sim *s, size_t i)
{
    struct sim_client *x = &s->clients[i];
    bool errand = x->door == DOOR_PASSED, twice = errand && x->deed && sim_chance(s, DOUBLES);
    x->waits = true;
    x->tries += errand;
    s->counts.again += errand && x->tries > 1;
    if (errand && x->deed)
        x->deed->tried = true;
    send_once(s, i);
    if (!twice || !s->node[HOME].up || x->door != DOOR_PASSED || !x->open)
        return;
    s->counts.doubled++;
    send_once(s, i);
}

static void ask(struct sim *s, size_t i, const char *method, const char *path, const char *body,
                struct sim_deed *deed)
{
    struct sim_client *x = &s->clients[i];
    x->method = method;
    x->path = arena_text(s->c->arena, path);
    x->body = arena_text(s->c->arena, body);
    x->deed = deed;
    x->tries = 0;
    x->open = true;
    x->since = s->n_calls + 1;
    send_it(s, i);
}

static struct sim_deed *deed_new(struct sim *s, size_t i, enum sim_what what, const char *object)
{
    struct sim_book *b = s->book;
    struct sim_deed *d = ARENA_NEW(s->c->arena, struct sim_deed);
    *d = (struct sim_deed){.next = b->deeds,
                           .what = what,
                           .who = i,
                           .key = arena_printf(s->c->arena, "key-%zu-%d-%016llx", i, b->n_keys++,
                                               (unsigned long long)sim_dice(s, UINT64_MAX)),
                           .object = arena_text(s->c->arena, object),
                           .action = "",
                           .led_to = ""};
    return b->deeds = d;
}

/* ---- what they want ---- */

static bool is_between(const struct sim_code *k, int from, int to)
{
    return k->stage >= from && k->stage <= to;
}

static struct sim_code *code_at(struct sim *s, int from, int to)
{
    size_t n = 0;
    for (struct sim_code *k = s->book->codes; k; k = k->next)
        n += is_between(k, from, to);
    size_t skip = n ? sim_dice(s, n) : 0;
    for (struct sim_code *k = s->book->codes; k; k = k->next)
        if (is_between(k, from, to) && skip-- == 0)
            return k;
    return NULL;
}

static void official_acts(struct sim *s, size_t i)
{
    struct sim_client *x = &s->clients[i];
    const char *role = x->person->role;
    int from = text_eq(role, "commune_clerk") ? 0 : text_eq(role, "commune_chairman") ? 3 : 1;
    struct sim_code *k = code_at(s, from, from == 1 ? 2 : from);
    if (!k)
        return;
    x->code = k;
    ask(s, i, "GET", arena_printf(s->c->arena, "/mot-cua/%s", k->code), "", NULL);
}

static void mother_acts(struct sim *s, size_t i)
{
    struct sim_book *b = s->book;
    if (sim_dice(s, 10) == 0) { /* another child */
        ask(s, i, "POST", "/dich-vu/" BIRTH "/nop", "{\"requester_relation\":\"mother\"}",
            deed_new(s, i, DEED_BEGIN, ""));
        return;
    }
    for (size_t k = 0; k < b->n_drafts; k++) {
        struct sim_draft *f = &b->drafts[k];
        if (f->owner != i || f->asked)
            continue;
        f->asked = true;
        ask(s, i, "POST", arena_printf(s->c->arena, "/ban-nhap/%s/nop", f->id), "{}",
            deed_new(s, i, DEED_FILE, f->id));
        return;
    }
    struct sim_code *k = code_at(s, 0, 9);
    if (k && k->owner == i)
        ask(s, i, "GET", arena_printf(s->c->arena, "/ho-so/%s", k->code), "", NULL);
}

void sim_client_acts(struct sim *s, size_t i)
{
    struct sim_client *x = &s->clients[i];
    if (x->waits || !s->node[HOME].up)
        return;
    if (x->open || x->door != DOOR_PASSED)
        send_it(s, i); /* the same, with the same key */
    else if (s->calm)
        return; /* only what was begun is brought to its end */
    else if (x->person->key)
        mother_acts(s, i);
    else
        official_acts(s, i);
}

/* ---- what they hear ---- */

static void took_door(struct sim *s, struct sim_client *x, const struct sim_frame *f)
{
    struct arena *a = s->c->arena;
    if (f->a >= 400)
        return; /* once more, later */
    x->since = s->n_calls + 1;
    if (x->door == DOOR_POST) {
        x->cookies = arena_text_n(a, f->word[0], strcspn(f->word[0], ";"));
        x->door = *x->cookies ? DOOR_GET : DOOR_POST;
        return;
    }
    x->token = arena_text(a, f->word[4]);
    x->door = DOOR_PASSED;
}

static const char *const steps[] = {"accept", "start_review", "propose", "sign"};

/* What the page offers says where the dossier stands. */
static void took_look(struct sim *s, size_t i, const struct sim_frame *f)
{
    struct sim_client *x = &s->clients[i];
    struct arena *a = s->c->arena;
    json_t *doc;
    int at = 9;
    if (x->person->key || json_in(s->c, "page", bytes_of(f->word[4]), &doc))
        return;
    const json_t *acts = json_list_of(doc, "acts");
    int64_t version = json_int_of(doc, "version", 0);
    for (size_t k = 0; k < json_array_size(acts); k++)
        for (int n = 0; n < (int)ARRAY_LEN(steps); n++)
            if (text_eq(json_text_of(json_array_get(acts, k), "name", ""), steps[n]))
                at = n;
    json_end(doc);
    if (at == 9) { /* not this one's to do now: the next in line will see */
        x->code->stage = x->code->stage < 3 ? x->code->stage + 1 : 9;
        return;
    }
    struct sim_deed *d = deed_new(s, i, DEED_ACT, x->code->code);
    x->code->stage = at;
    d->action = steps[at];
    d->version = version;
    x->method = "POST";
    x->path = arena_printf(a, "/mot-cua/%s/viec/%s", d->object, d->action);
    x->body = arena_printf(a, "{\"version\":%lld}", (long long)version);
    x->deed = d;
    x->tries = 0;
    x->open = true;
    x->since = s->n_calls + 1;
}

static void note_code(struct sim *s, const struct sim_deed *d)
{
    struct sim_code *k = ARENA_NEW(s->c->arena, struct sim_code);
    const char *code = d->led_to + strlen("/ho-so/");
    *k = (struct sim_code){.next = s->book->codes,
                           .code = arena_text_n(s->c->arena, code, strcspn(code, "/?")),
                           .owner = d->who};
    s->book->codes = k;
}

static const char *location_in(struct sim *s, const char *body)
{
    json_t *doc;
    if (json_in(s->c, "answer", bytes_of(body), &doc)) {
        ctx_clear_faults(s->c);
        return "";
    }
    const char *to = arena_text(s->c->arena, json_text_of(doc, "location", ""));
    json_end(doc);
    return to;
}

/* The same key must be answered alike, whatever was lost between. */
static void took_deed(struct sim *s, struct sim_deed *d, const struct sim_frame *f, bool first)
{
    const char *to = location_in(s, f->word[4]);
    bool good = f->a == 200 && *to;
    if (good && d->acked && !text_eq(to, d->led_to))
        sim_fail(s, "key %s was answered with %s, then with %s", d->key, d->led_to, to);
    if (good && d->refused)
        sim_fail(s, "key %s was refused, then done", d->key);
    if (!good && d->acked)
        sim_fail(s, "key %s was done, then answered %lld", d->key, (long long)f->a);
    if (!first || d->acked || !good) {
        d->refused = d->refused || (first && !good);
        return;
    }
    d->acked = true;
    d->led_to = to;
    s->counts.acts++;
    if (d->what == DEED_FILE)
        note_code(s, d);
}

static void advance(struct sim_client *x)
{
    if (x->deed->what == DEED_ACT && x->code && text_eq(x->code->code, x->deed->object))
        x->code->stage = x->code->stage == 3 ? 9 : x->code->stage + 1;
}

static void took_errand(struct sim *s, size_t i, const struct sim_frame *f)
{
    struct sim_client *x = &s->clients[i];
    if (f->a == 401 || f->a == 403) { /* the session is over */
        x->door = DOOR_POST;
        x->since = s->n_calls + 1;
        return;
    }
    if (f->a >= 500 || f->a == 429)
        return; /* nobody knows, or later: the same again */
    x->open = false;
    if (!x->deed && f->a == 200)
        took_look(s, i, f);
    else if (x->deed) {
        took_deed(s, x->deed, f, true);
        advance(x);
        if (x->deed->refused && f->a != 409)
            sim_fail(s, "%s %s: %lld %s", x->method, x->path, (long long)f->a, f->word[4]);
    } else
        sim_fail(s, "%s %s: %lld %s", x->method, x->path, (long long)f->a, f->word[4]);
}

static struct { /* an answer that is waited for: sim_ask_now() */
    bool wanted, there;
    struct sim_frame f;
} now;

struct sim_frame sim_ask_now(struct sim *s, size_t i)
{
    struct sim_frame done = {.kind = SIM_DONE};
    enum sim_door door = *s->clients[i].token ? DOOR_PASSED : DOOR_POST;
    for (; door != DOOR_PASSED; door = s->clients[i].door) {
        s->clients[i].door = door;
        send_it(s, i);
        while (s->clients[i].waits && done.kind == SIM_DONE)
            done = sim_order(s, HOME, (struct sim_frame){.kind = SIM_STEP});
    }
    now.wanted = true;
    now.there = false;
    send_it(s, i);
    while (!now.there && done.kind == SIM_DONE)
        done = sim_order(s, HOME, (struct sim_frame){.kind = SIM_STEP});
    now.wanted = false;
    return now.f;
}

static const struct sim_sent *sent(const struct sim *s, int32_t number)
{
    const struct sim_sent *note = s->book->sent;
    while (note && note->number != number)
        note = note->next;
    if (!note)
        BUG("an answer to no call");
    return note;
}

/* Of two at once the second, or one that was given up. */
static void came_late(struct sim *s, const struct sim_sent *note, const struct sim_frame *f)
{
    sim_say(s, "%s: late -> %lld", s->clients[note->who].person->name, (long long)f->a);
    if (note->deed && f->a < 300)
        took_deed(s, note->deed, f, false);
}

void sim_answered(struct sim *s, const struct sim_frame *f)
{
    const struct sim_sent *note = sent(s, f->who);
    size_t i = note->who;
    struct sim_client *x = &s->clients[i];
    if (now.wanted) {
        now.there = true;
        now.f = *f;
        return;
    }
    if (!x->waits || f->who < x->since) {
        came_late(s, note, f);
        return;
    }
    sim_say(s, "%s: %s %s -> %lld %s", x->person->name, x->door == DOOR_PASSED ? x->method : "door",
            x->door == DOOR_PASSED ? x->path : "", (long long)f->a, f->a >= 400 ? f->word[4] : "");
    x->waits = false;
    if (x->door == DOOR_PASSED && sim_chance(s, 5)) {
        s->counts.lost_answers++;
        return; /* it never arrives */
    }
    if (x->door != DOOR_PASSED)
        took_door(s, x, f);
    else
        took_errand(s, i, f);
}

void sim_node_went(struct sim *s, int node)
{
    for (size_t i = 0; i < s->n_clients && node == HOME; i++)
        s->clients[i].waits = false;
}

bool sim_clients_idle(const struct sim *s)
{
    bool idle = true;
    for (size_t i = 0; i < s->n_clients; i++)
        idle = idle && !s->clients[i].waits && !s->clients[i].open;
    return idle;
}
