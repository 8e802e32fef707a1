/* SPDX-License-Identifier: Apache-2.0 */
/* The people, accounts and rights of the demonstration (country/vn/people, demo). All made up. */
#include "app/app.h"
#include "app/demo.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/exchange/exchange.h"
#include "engine/identity/identity.h"
#include "engine/registry/registry.h"
#include "web/json.h"

struct seed {
    json_t *people, *accounts, *nation;
    const char *phc;
};

static const json_t *person_of(const json_t *people, const char *key)
{
    const json_t *rows = json_list_of(people, "people");
    for (size_t i = 0; rows && i < json_array_size(rows); i++)
        if (text_eq(json_text_of(json_array_get(rows, i), "key", ""), key))
            return json_array_get(rows, i);
    return NULL;
}

static enum err add_record(struct ctx *c, const struct registry *r, const json_t *fields)
{
    void *data = registry_blank(c->arena, r);
    enum err e =
        shape_from_json(c, registry_shape(r), bytes_of(json_out(c->arena, fields, false)), data);
    const char *id;
    return e ? e : registry_add(c, r, data, c->now_us, text_key(TX(app_seed_reason)), &id);
}

static enum err seed_registers(struct ctx *c, const json_t *people)
{
    const json_t *rows = json_list_of(people, "people");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *registers = json_object_get(json_array_get(rows, i), "registers"), *fields;
        const char *name;
        json_object_foreach(registers, name, fields)
        {
            const struct registry *r = registry_find(c, name);
            enum err e = r ? add_record(c, r, fields) : OK;
            if (e)
                return e;
        }
    }
    return OK;
}

static bool lives_here(const struct node *n, const json_t *doc, const char *place)
{
    if (text_eq(place, "all"))
        return true;
    const json_t *rows = json_list_of(doc, "nodes");
    for (size_t i = 0; rows && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (text_eq(json_text_of(row, "code", ""), place))
            return text_eq(json_text_of(row, "agency", ""), n->agency);
    }
    return false;
}

static const char *pin_of(const json_t *people, const char *key)
{
    const json_t *registers = json_object_get(person_of(people, key), "registers");
    return json_text_of(json_object_get(registers, "population"), "pin", "");
}

static enum err add_posts(struct ctx *c, const json_t *row, const char *account)
{
    const json_t *posts = json_list_of(row, "posts");
    for (size_t i = 0; posts && i < json_array_size(posts); i++) {
        const json_t *post = json_array_get(posts, i);
        const char *unit = json_text_of(post, "unit", "");
        struct identity_grant g = {.account = account,
                                   .role = json_text_of(post, "role", ""),
                                   .unit = unit,
                                   .from_us = c->now_us - DAY_US};
        if (text_eq(g.role, "citizen"))
            continue;
        if (text_empty(unit))
            g.unit = c->node->agency;
        enum err e = identity_grant_add(c, &g);
        if (e)
            return e;
    }
    return OK;
}

static enum err seed_accounts(struct ctx *c, const struct seed *s)
{
    const json_t *rows = json_list_of(s->accounts, "accounts");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!lives_here(c->node, s->accounts, json_text_of(row, "node", "")))
            continue;
        bool citizen = text_eq(json_text_of(row, "kind", ""), "citizen");
        struct identity_account a = {
            .username = json_text_of(row, "user", ""),
            .name = json_text_of(row, "display_name", ""),
            .kind = citizen ? ACTOR_CITIZEN : ACTOR_OFFICIAL,
            .assurance = 2,
            .person = citizen ? pin_of(s->people, json_text_of(row, "person", "")) : ""};
        const char *id;
        enum err e = identity_account_add(c, &a, s->phc, &id);
        if (!e)
            e = add_posts(c, row, id);
        if (e)
            return e;
    }
    return OK;
}

static enum err seed_rights(struct ctx *c, const json_t *nation)
{
    const json_t *rows = json_list_of(nation, "rights");
    for (size_t i = 0; rows && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *member = json_text_of(row, "member", "");
        if (!node_carries(c->node, member))
            continue;
        enum err e = exchange_allow(c, json_text_of(row, "client", ""), member,
                                    json_text_of(row, "service", ""));
        if (e)
            return e;
    }
    return OK;
}

static enum err seed_all(struct ctx *c, void *arg)
{
    const struct seed *s = arg;
    enum err e = seed_registers(c, s->people);
    if (!e)
        e = seed_accounts(c, s);
    return e ? e : seed_rights(c, s->nation);
}

enum err seed_node(struct ctx *c, struct node *n)
{
    struct seed s = {0};
    const char *mark = arena_printf(c->arena, "%s/seeded", n->data_dir);
    if (sys_exists(mark))
        return OK;
    const struct actor *before = c->actor;
    c->actor = identity_system(c->arena, "seed", n->agency);
    enum err e = demo_document(c, "people/demo_people.json", &s.people);
    if (!e)
        e = demo_document(c, "people/demo_accounts.json", &s.accounts);
    if (!e)
        e = demo_document(c, "demo/nation.json", &s.nation);
    if (!e)
        e = password_hash(c, json_text_of(s.accounts, "password", ""), &s.phc);
    if (!e)
        e = db_write(c, n->db, seed_all, &s);
    if (!e)
        e = sys_write_file(c, mark, bytes_of("1\n"), 0600);
    json_end(s.people);
    json_end(s.accounts);
    json_end(s.nation);
    c->actor = before;
    return e;
}
