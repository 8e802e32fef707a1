/* SPDX-License-Identifier: Apache-2.0 */
/* Papers owed become papers made: drawn and signed outside any transaction, then stored with the
   case in one. Made twice by two threads, the first stays: a paper handed out never changes. */
#include "base/text.h"
#include "core/access.h"
#include "core/paper.h"
#include "core/subject.h"
#include "engine/identity/identity.h"
#include "systems/civilstatus/civilstatus.h"
#include "systems/onestop/onestop_private.h"

#define BATCH         16
#define MAX_DOCUMENTS 16

struct batch {
    const char *code;
    struct onestop_owed owed[BATCH];
    size_t n;
};

static enum err read_batch(struct ctx *c, void *arg)
{
    struct batch *b = arg;
    return onestop_store_owed(c, b->code, b->owed, BATCH, &b->n);
}

struct making {
    struct onestop_source source;
    struct paper *paper;
    struct bytes pdf; /* of another agency: as it came, with its seal */
    struct file file;
};

static enum err read_card(struct ctx *c, const char *code, struct bytes *ret_pdf)
{
    const char *text;
    enum err e = casework_fact(c, code, CARD_PDF, &text);
    if (!e && !base64url_decode(c->arena, text, ret_pdf))
        e = fail(c, ERR_FILE_DAMAGED, CARD_PDF);
    return e;
}

static enum err read_source(struct ctx *c, void *arg)
{
    struct making *m = arg;
    struct onestop_source *s = &m->source;
    const char *code = s->owed.code;
    enum err e = casework_get(c, code, &s->k);
    if (e)
        return e;
    s->procedure = procedure_find(c, s->k.procedure);
    if (text_eq(s->owed.kind, ONESTOP_CONTROL_SHEET)) {
        int64_t at_us; /* it says when it is drawn */
        if ((e = onestop_store_asked(c, code, s->owed.kind, &at_us, &s->owed.number)))
            return e;
    }
    if (text_eq(s->owed.kind, "birth_certificate"))
        return civilstatus_certificate(c, code, &m->paper);
    if (text_eq(s->owed.kind, "health_card"))
        return read_card(c, code, &m->pdf);
    return onestop_draw(c, s, &m->paper);
}

static bool is_result(const char *kind)
{
    return text_eq(kind, "birth_certificate") || text_eq(kind, "health_card");
}

static enum err store(struct ctx *c, void *arg)
{
    struct making *m = arg;
    const char *code = m->source.owed.code, *kind = m->source.owed.kind;
    struct casework_document d = {.kind = kind, .file = m->file.id, .result = is_result(kind)};
    const struct subject_wish wish = {SUBJECT_CASE, code, "", ""};
    int64_t subject;
    enum err e = subject_of(c, &wish, &subject);
    if (!e)
        e = file_add(c, &m->file, subject);
    if (!e)
        e = casework_document_add(c, code, &d);
    if (!e)
        e = onestop_store_made(c, code, kind);
    if (!e && text_eq(kind, "health_card")) /* it lies in the file now */
        e = casework_fact_set(c, code, CARD_PDF, "");
    return e ? e : access_commit(c);
}

static enum err make_one(struct ctx *c, const struct onestop_owed *owed)
{
    struct making m = {.source = {.owed = *owed}};
    c->matter = owed->code;
    enum err e = db_read(c, c->node->db, read_source, &m);
    if (!e && m.paper)
        e = paper_finish(c, m.paper, onestop_paper_title(c, owed->kind), &m.pdf);
    if (e || !m.pdf.len) /* another thread was quicker with the card */
        return e;
    const char *name = arena_printf(c->arena, "%s-%s.pdf", owed->code, owed->kind);
    e = file_take_own(c, "paper", name, m.pdf, &m.file);
    return e ? e : db_write(c, c->node->db, store, &m);
}

enum err onestop_make_papers(struct ctx *c, const char *code)
{
    const struct actor *actor = c->actor;
    const char *purpose = c->purpose, *matter = c->matter;
    struct access_line *access = c->access;
    struct batch b = {.code = code};
    enum err e = db_read(c, c->node->db, read_batch, &b);
    c->actor = identity_system(c->arena, "onestop", c->node->agency);
    c->purpose = PURPOSE_HANDLING;
    for (size_t i = 0; i < b.n && !e; i++) {
        c->access = NULL;
        e = make_one(c, &b.owed[i]);
    }
    c->access = access;
    c->actor = actor;
    c->purpose = purpose;
    c->matter = matter;
    return e;
}

/* ---- reading one ---- */

struct looking {
    const char *code, *kind;
    struct file file;
};

static enum err look(struct ctx *c, void *arg)
{
    struct looking *l = arg;
    struct casework_case k;
    struct casework_document d[MAX_DOCUMENTS];
    size_t n = 0;
    enum err e = casework_get(c, l->code, &k);
    if (!e)
        e = casework_documents(c, l->code, d, MAX_DOCUMENTS, &n);
    for (size_t i = 0; i < n && !e; i++)
        if (text_eq(d[i].kind, l->kind))
            return file_get(c, d[i].file, &l->file);
    return e ? e : fail(c, ERR_NOT_FOUND, "kind", l->kind);
}

/* The control sheet travels within the office and is never handed out: it is drawn anew for the
   official who asks, as things stand. */
static enum err control_sheet(struct ctx *c, const char *code, struct file *ret_file,
                              struct bytes *ret_content)
{
    struct making m = {.source.owed = {.code = code,
                                       .kind = ONESTOP_CONTROL_SHEET,
                                       .actor_name = "",
                                       .reason = "",
                                       .asked_us = c->now_us}};
    enum err e = db_read(c, c->node->db, read_source, &m);
    if (e)
        return e;
    *ret_file =
        (struct file){.name = arena_printf(c->arena, "%s-" ONESTOP_CONTROL_SHEET ".pdf", code),
                      .type = "application/pdf"};
    return paper_finish(c, m.paper, onestop_paper_title(c, ONESTOP_CONTROL_SHEET), ret_content);
}

enum err onestop_paper(struct ctx *c, const char *code, const char *kind, struct file *ret_file,
                       struct bytes *ret_content)
{
    struct looking l = {.code = code, .kind = kind};
    if (text_eq(kind, ONESTOP_CONTROL_SHEET) && c->actor->kind == ACTOR_OFFICIAL)
        return control_sheet(c, code, ret_file, ret_content);
    enum err e = db_read(c, c->node->db, look, &l);
    if (e == ERR_NOT_FOUND) { /* owed, perhaps, and not made yet */
        ctx_clear_faults(c);
        e = onestop_make_papers(c, code);
        if (!e)
            e = db_read(c, c->node->db, look, &l);
    }
    if (!e)
        e = file_content(c, &l.file, ret_content);
    if (!e)
        *ret_file = l.file;
    return e;
}
