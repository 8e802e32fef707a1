/* SPDX-License-Identifier: Apache-2.0 */
#include "test/sim/sim_quick.h"

#include <cairo-pdf.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "core/pack.h"
#include "core/paper.h"
#include "crypto/keys.h"
#include "db/db_sqlite.h"
#include "engine/casework/casework_private.h"
#include "test/harness/cut.h"

#define DEFINITIONS 256
#define CERTS       64
#define SIGNATURES  (1u << 16)
#define PAPER_BYTES 65536
#define CONNECTIONS 4 /* of a node at once */

int __real_sqlite3_open_v2(const char *path, sqlite3 **ret, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret, int flags, const char *vfs);

/* ---- definitions of the built-in pack, known by where they lie ---- */

static struct definition {
    struct bytes text;
    json_t *root;
    struct procedure *procedure;
} definitions[DEFINITIONS];
static size_t n_definitions;

static struct definition *definition_of(struct bytes text)
{
    for (size_t i = 0; i < n_definitions; i++)
        if (definitions[i].text.ptr == text.ptr && definitions[i].text.len == text.len)
            return &definitions[i];
    return NULL;
}

enum err __real_json_definition(struct ctx *c, const char *file, struct bytes in, json_t **ret);
enum err __wrap_json_definition(struct ctx *c, const char *file, struct bytes in, json_t **ret);
enum err __wrap_json_definition(struct ctx *c, const char *file, struct bytes in, json_t **ret)
{
    const struct definition *d = definition_of(in);
    if (!d)
        return __real_json_definition(c, file, in, ret);
    *ret = json_incref(d->root);
    return OK;
}

enum err __real_casework_procedure_load(struct ctx *c, struct arena *a, const struct pack_file *f,
                                        struct procedure **ret);
enum err __wrap_casework_procedure_load(struct ctx *c, struct arena *a, const struct pack_file *f,
                                        struct procedure **ret);
enum err __wrap_casework_procedure_load(struct ctx *c, struct arena *a, const struct pack_file *f,
                                        struct procedure **ret)
{
    const struct definition *d = definition_of(f->text);
    if (!d || !d->procedure)
        return __real_casework_procedure_load(c, a, f, ret);
    *ret = d->procedure;
    return OK;
}

static enum err keep_definition(struct ctx *c, struct pack_file *f)
{
    struct definition *d = &definitions[n_definitions];
    if (n_definitions == DEFINITIONS || definition_of(f->text))
        return OK;
    *d = (struct definition){.text = f->text, .root = json_incref(f->root)};
    n_definitions++;
    if (strstr(f->name, "procedures/"))
        return __real_casework_procedure_load(c, c->arena, f, &d->procedure);
    return OK;
}

static enum err keep_definitions(struct ctx *c)
{
    static const char *const folders[] = {"procedures", "registers", "forms"};
    static const char *const files[] = {"indicators.json", "catalogues/satisfaction.json"};
    struct pack_file f;
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(folders) && !e; i++)
        e = pack_each(c, NULL, folders[i], keep_definition);
    for (size_t i = 0; i < ARRAY_LEN(files) && !e; i++) {
        e = pack_open(c, NULL, files[i], &f);
        if (e)
            return e;
        e = keep_definition(c, &f);
        pack_close(&f);
    }
    return e;
}

/* ---- certificates ---- */

static struct {
    struct bytes text; /* DER or PEM */
    X509 *x509;
} certs[CERTS];
static size_t n_certs;
static struct arena *ours;

static X509 *cert_kept(const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n_certs; i++)
        if (certs[i].text.len == n && memcmp(certs[i].text.ptr, text, n) == 0) {
            X509_up_ref(certs[i].x509);
            return certs[i].x509;
        }
    return NULL;
}

static X509 *cert_keep(const uint8_t *text, size_t n, X509 *x509)
{
    if (!x509 || !ours || n_certs == CERTS)
        return x509;
    X509_up_ref(x509);
    certs[n_certs].text = arena_bytes(ours, text, n);
    certs[n_certs++].x509 = x509;
    return x509;
}

X509 *__real_d2i_X509(X509 **to, const uint8_t **at, long n);
X509 *__wrap_d2i_X509(X509 **to, const uint8_t **at, long n);
X509 *__wrap_d2i_X509(X509 **to, const uint8_t **at, long n)
{
    const uint8_t *from = *at;
    X509 *x509 = to ? NULL : cert_kept(from, (size_t)n);
    if (x509) {
        *at += n;
        return x509;
    }
    x509 = __real_d2i_X509(to, at, n);
    return to || *at != from + n ? x509 : cert_keep(from, (size_t)n, x509);
}

X509 *__real_PEM_read_bio_X509(BIO *bio, X509 **to, pem_password_cb *ask, void *arg);
X509 *__wrap_PEM_read_bio_X509(BIO *bio, X509 **to, pem_password_cb *ask, void *arg);
X509 *__wrap_PEM_read_bio_X509(BIO *bio, X509 **to, pem_password_cb *ask, void *arg)
{
    char *text = NULL;
    long n = BIO_get_mem_data(bio, &text);
    X509 *x509 = to || n <= 0 ? NULL : cert_kept((const uint8_t *)text, (size_t)n);
    if (x509)
        return x509;
    x509 = __real_PEM_read_bio_X509(bio, to, ask, arg);
    return to || n <= 0 ? x509 : cert_keep((const uint8_t *)text, (size_t)n, x509);
}

static enum err keep_certs(struct ctx *c, const struct sim *s)
{
    enum err e = OK;
    for (int i = 0; i < SIM_NODES; i++) {
        const struct node *n = s->node[i].n;
        const struct cert *all[] = {n->tls_cert, n->sign_cert, n->ca_cert};
        for (size_t k = 0; k < ARRAY_LEN(all) && !e; k++) {
            struct cert *x;
            e = cert_parse(c, cert_der(c->arena, all[k]), &x);
            if (!e)
                cert_end(x);
            e = e ? e : cert_parse(c, bytes_of(cert_pem(c->arena, all[k])), &x);
            if (!e)
                cert_end(x);
        }
    }
    return e;
}

/* ---- signatures that fit, known to all processes of the worker; a torn one is another hash ----
 */

static struct sha256 *fits;

bool __real_key_verify(struct bytes point, struct bytes in, struct bytes signature);
bool __wrap_key_verify(struct bytes point, struct bytes in, struct bytes signature);
bool __wrap_key_verify(struct bytes point, struct bytes in, struct bytes signature)
{
    static uint8_t all[256];
    struct sha256 of = sha256(in);
    uint32_t at;
    if (!fits || sizeof of + point.len + signature.len > sizeof all)
        return __real_key_verify(point, in, signature);
    memcpy(all, &of, sizeof of);
    memcpy(all + sizeof of, point.ptr, point.len);
    memcpy(all + sizeof of + point.len, signature.ptr, signature.len);
    of = sha256((struct bytes){all, sizeof of + point.len + signature.len});
    memcpy(&at, &of, sizeof at);
    struct sha256 *slot = &fits[at % SIGNATURES];
    if (memcmp(slot, &of, sizeof of) == 0)
        return true;
    if (!__real_key_verify(point, in, signature))
        return false;
    *slot = of;
    return true;
}

/* ---- papers ---- */

static struct bytes blank;
static bool drawn = true;

static cairo_status_t take(void *arg, const unsigned char *data, unsigned n)
{
    buf_add(arg, data, n);
    return CAIRO_STATUS_SUCCESS;
}

static void make_blank(struct arena *a)
{
    struct buf b = buf_new(a, PAPER_BYTES);
    cairo_surface_t *page = cairo_pdf_surface_create_for_stream(take, &b, 595, 842);
    cairo_pdf_surface_set_metadata(page, CAIRO_PDF_METADATA_CREATE_DATE, "2026-06-03T00:00:00Z");
    cairo_surface_show_page(page);
    cairo_surface_destroy(page);
    blank = buf_bytes(&b);
}

enum err __real_paper_finish(struct ctx *c, struct paper *p, const char *reason, struct bytes *ret);
enum err __wrap_paper_finish(struct ctx *c, struct paper *p, const char *reason, struct bytes *ret);
enum err __wrap_paper_finish(struct ctx *c, struct paper *p, const char *reason, struct bytes *ret)
{
    const struct node *n = c->node;
    if (drawn)
        return __real_paper_finish(c, p, reason, ret);
    return pdf_sign(c, n->sign_key, n->sign_cert, n->ca_cert,
                    cert_subject(c->arena, n->sign_cert, "CN"), reason, blank, ret);
}

/* ---- connections that know the schema; what the disk holds they read anew (cut_sleep()) ---- */

static struct opened {
    sqlite3 *handle; /* NULL: taken */
    const char *path;
    int flags;
} opened[SIM_NODES * CONNECTIONS];

static int open_one(struct arena *a, struct opened *o, const char *dir)
{
    o->path = arena_printf(a, "%s/dinh.db", dir);
    o->flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = __real_sqlite3_open_v2(o->path, &o->handle, o->flags, lite_vfs());
    return rc ? rc
              : sqlite3_exec(o->handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret, int flags, const char *vfs)
{
    for (size_t i = 0; i < ARRAY_LEN(opened); i++) {
        struct opened *o = &opened[i];
        if (!o->handle || o->flags != flags || strcmp(o->path, path) != 0)
            continue;
        *ret = o->handle;
        o->handle = NULL;
        return SQLITE_OK;
    }
    return __real_sqlite3_open_v2(path, ret, flags, vfs);
}

static enum err open_all(struct ctx *c, const struct sim *s)
{
    int rc = SQLITE_OK;
    cut_alone();
    for (size_t i = 0; i < ARRAY_LEN(opened) && !rc; i++)
        rc = open_one(ours, &opened[i], s->node[i % SIM_NODES].dir);
    cut_sleep();
    return rc ? fail(c, ERR_DB_OPEN, "database", opened[0].path, sqlite3_errstr(rc)) : OK;
}

void sim_quick_seed(uint64_t seed)
{
    drawn = seed % SIM_QUICK_DRAWN == 0;
}

enum err sim_quick(struct ctx *c, const struct sim *s)
{
    ours = arena_new((size_t)1 << 26);
    make_blank(ours);
    fits = mmap(NULL, SIGNATURES * sizeof *fits, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    if (fits == MAP_FAILED)
        return fail(c, ERR_INTERNAL, "memory");
    c->node = s->node[0].n;
    enum err e = keep_certs(c, s);
    e = e ? e : keep_definitions(c);
    return e ? e : open_all(c, s);
}
