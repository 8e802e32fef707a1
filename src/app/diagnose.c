/* SPDX-License-Identifier: Apache-2.0 */
#include "app/diagnose.h"

#include <stdio.h>

#include "base/text.h"

static const struct {
    const char *code;
    enum text title, remedy;
} topics[] = {
#define TOPIC(name, code, title, remedy) {code, TX(title), TX(remedy)},
    TOPICS(TOPIC)
#undef TOPIC
};
static const char *const states[] = {"ok", "look", "broken"};

void diagnose_found(struct diagnosis *d, enum topic topic, enum finding_state state,
                    const char *fact)
{
    ASSERT(d->n_found < N_TOPICS);
    d->found[d->n_found++] = (struct finding){topic, state, fact};
}

void diagnose_fault(struct diagnosis *d, enum topic topic, enum finding_state state)
{
    struct ctx *c = d->c;
    const struct fault *f = c->n_faults ? &c->faults[c->n_faults - 1] : NULL;
    const char *fact = err_row(ERR_INTERNAL)->name;
    if (f)
        fact =
            arena_printf(c->arena, "%s: %s", err_row(f->err)->name, app_fault_text(c, f, c->lang));
    ctx_clear_faults(c);
    diagnose_found(d, topic, state, fact);
}

static void folder(struct diagnosis *d)
{
    struct node *n;
    if (config_load(d->c, d->dir, &n)) {
        diagnose_fault(d, TOPIC_FOLDER, FINDING_BROKEN);
        return;
    }
    d->n = n;
    d->c->node = n;
    diagnose_found(d, TOPIC_FOLDER, FINDING_OK,
                   arena_printf(d->c->arena, "%s, %s", n->name, d->dir));
}

/* A file that reads may say something else than what was accepted. */
static void settings(struct diagnosis *d)
{
    const char *what;
    if (settings_changed(d->c, d->dir, &what))
        diagnose_fault(d, TOPIC_SETTINGS, FINDING_BROKEN);
    else
        diagnose_found(d, TOPIC_SETTINGS, *what ? FINDING_LOOK : FINDING_OK,
                       *what ? what : "as accepted");
}

static enum finding_state worst(const struct diagnosis *d)
{
    enum finding_state s = FINDING_OK;
    for (size_t i = 0; i < d->n_found; i++)
        s = d->found[i].state > s ? d->found[i].state : s;
    return s;
}

static void print_json(const struct diagnosis *d)
{
    struct buf b = buf_new(d->c->arena, 256 * 1024);
    buf_printf(&b, "{\"state\":\"%s\",\"findings\":[", states[worst(d)]);
    for (size_t i = 0; i < d->n_found; i++) {
        const struct finding *f = &d->found[i];
        buf_printf(&b, "%s{\"code\":\"%s\",\"state\":\"%s\",\"fact\":", i ? "," : "",
                   topics[f->topic].code, states[f->state]);
        buf_json(&b, f->fact);
        for (enum lang l = LANG_VI; l <= LANG_EN && f->state; l++) {
            buf_text(&b, l == LANG_VI ? ",\"remedy\":{\"vi\":" : ",\"en\":");
            buf_json(&b, text_get(topics[f->topic].remedy, l));
        }
        buf_text(&b, f->state ? "}}" : "}");
    }
    buf_text(&b, "]}");
    printf("%s\n", b.ptr);
}

static void print_text(const struct diagnosis *d)
{
    static const enum text words[] = {TX(app_diagnose_ok), TX(app_diagnose_look),
                                      TX(app_diagnose_broken)};
    enum lang lang = d->c->lang;
    for (size_t i = 0; i < d->n_found; i++) {
        const struct finding *f = &d->found[i];
        printf("[%s] %s: %s\n", text_get(words[f->state], lang),
               text_get(topics[f->topic].title, lang), f->fact);
        for (enum lang l = LANG_VI; l <= LANG_EN && f->state; l++)
            printf("    %s\n", text_get(topics[f->topic].remedy, l));
    }
}

int cmd_diagnose(struct ctx *c, int argc, char **argv)
{
    struct diagnosis d = {.c = c, .dir = option(argc, argv, "data", NULL)};
    if (!d.dir)
        return app_say_usage(c, TX(app_diagnose_usage));
    diagnose_program(&d);
    folder(&d);
    settings(&d);
    diagnose_sandbox(&d);
    diagnose_machine(&d);
    if (d.n) {
        diagnose_node(&d);
        diagnose_store(&d);
        node_close(d.n);
    }
    if (option_given(argc, argv, "json"))
        print_json(&d);
    else
        print_text(&d);
    return (int)worst(&d);
}
