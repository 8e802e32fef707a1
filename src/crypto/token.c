/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/token.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs11.h>
#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/keystore_inside.h"

#define MODULE_PATH "module-path="
#define PIN_MAX     255
#define POINT_DER   (2 + POINT_LEN)

struct token {
    gnutls_privkey_t key;
    char pin[PIN_MAX + 1];
};

static const char *const names[2] = {"sign ", "tls "};

/* ---- what is kept ---- */

static bool take(struct ctx *c, const char *line, struct token_wish *w)
{
    if (text_starts(line, "pin "))
        w->pin = arena_text(c->arena, line + strlen("pin "));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (text_starts(line, names[i]))
            w->uri[i] = arena_text(c->arena, line + strlen(names[i]));
    return text_starts(line, "pin ") || text_starts(line, names[0]) || text_starts(line, names[1]);
}

enum err token_wish_read(struct ctx *c, const struct keystore *s, const char *dir,
                         struct token_wish *ret)
{
    const char *path = arena_printf(c->arena, "%s/" TOKEN_FILE, dir);
    struct bytes in;
    size_t n;
    *ret = (struct token_wish){.pin = NULL};
    if (!sys_exists(path))
        return OK;
    enum err e = keystore_read(c, s, TOKEN_FILE, &in);
    if (e)
        return e;
    const char **lines =
        text_split(c->arena, arena_text_n(c->arena, (const char *)in.ptr, in.len), '\n', &n);
    for (size_t i = 1; i < n; i++) /* the first is its head */
        if (*lines[i] && !take(c, lines[i], ret))
            return fail(c, ERR_KEY_BAD, "key", path);
    return ret->pin ? OK : fail(c, ERR_KEY_BAD, "key", path);
}

enum err token_wish_write(struct ctx *c, const struct keystore *s, const struct token_wish *w)
{
    struct buf b = buf_new(c->arena, 8192);
    buf_text(&b, TOKEN_HEAD "\n");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (w->uri[i])
            buf_printf(&b, "%s%s\n", names[i], w->uri[i]);
    buf_printf(&b, "pin %s\n", w->pin);
    enum err e = keystore_write(c, s, TOKEN_FILE, buf_bytes(&b));
    OPENSSL_cleanse(b.ptr, b.len);
    return e;
}

/* ---- the token ---- */

/* GnuTLS asks again after a wrong one: not a second time, tokens lock themselves. */
static int give_pin(void *arg, int attempt, const char *url, const char *label, unsigned flags,
                    char *pin, size_t max)
{
    const struct token *t = arg;
    (void)url, (void)label;
    if (attempt > 0 || (flags & GNUTLS_PIN_WRONG) || strlen(t->pin) >= max)
        return GNUTLS_E_PKCS11_PIN_ERROR;
    memcpy(pin, t->pin, strlen(t->pin) + 1);
    return 0;
}

static enum err bad(struct ctx *c, const char *uri, const char *why)
{
    size_t n = strcspn(uri, "?");
    return fail(c, ERR_KEY_TOKEN, "key", arena_text_n(c->arena, uri, n), why);
}

/* Only the module that the URI names, nothing that the machine has set up for all. */
static enum err load_module(struct ctx *c, const char *uri)
{
    static char *loaded;
    const char *at = strstr(uri, MODULE_PATH);
    if (!text_starts(uri, "pkcs11:") || !at || !at[strlen(MODULE_PATH)])
        return bad(c, uri, "module-path=?");
    at += strlen(MODULE_PATH);
    const char *path = arena_text_n(c->arena, at, strcspn(at, "&"));
    if (text_eq(loaded, path))
        return OK;
    int e = gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL);
    if (e >= 0 && !loaded)
        e = gnutls_pkcs11_add_provider(path, NULL);
    if (e < 0 || loaded)
        return bad(c, uri, loaded ? "module-path: 2" : gnutls_strerror(e));
    loaded = sys_malloc(strlen(path) + 1);
    if (!loaded)
        BUG("out of memory");
    memcpy(loaded, path, strlen(path) + 1);
    return OK;
}

static bool point_of(gnutls_privkey_t key, uint8_t ret[POINT_LEN])
{
    gnutls_pubkey_t pub;
    gnutls_ecc_curve_t curve;
    gnutls_datum_t x = {0}, y = {0};
    bool good = gnutls_pubkey_init(&pub) >= 0;
    if (!good)
        return false;
    good = gnutls_pubkey_import_privkey(pub, key, 0, 0) >= 0 &&
           gnutls_pubkey_export_ecc_raw2(pub, &curve, &x, &y, GNUTLS_EXPORT_FLAG_NO_LZ) >= 0 &&
           curve == GNUTLS_ECC_CURVE_SECP256R1 && x.size <= 32 && y.size <= 32;
    if (good) {
        memset(ret, 0, POINT_LEN);
        ret[0] = 4;
        memcpy(ret + 1 + 32 - x.size, x.data, x.size);
        memcpy(ret + 33 + 32 - y.size, y.data, y.size);
    }
    gnutls_free(x.data);
    gnutls_free(y.data);
    gnutls_pubkey_deinit(pub);
    return good;
}

static bool token_try(const struct token *t, struct sha256 digest, uint8_t der[KEY_DER_MAX],
                      size_t *ret_len, int *ret_error)
{
    gnutls_datum_t hash = {digest.b, SHA256_LEN}, sig = {0};
    *ret_error = gnutls_privkey_sign_hash2(t->key, GNUTLS_SIGN_ECDSA_SHA256, 0, &hash, &sig);
    bool good = *ret_error >= 0 && sig.size <= KEY_DER_MAX;
    if (good)
        memcpy(der, sig.data, *ret_len = sig.size);
    gnutls_free(sig.data);
    return good;
}

size_t token_sign(const struct token *t, struct sha256 digest, uint8_t der[KEY_DER_MAX])
{
    int why;
    size_t len = 0;
    if (token_try(t, digest, der, &len, &why))
        return len;
    log_error("crypto", "the token doesn't sign: %s", gnutls_strerror(why));
    BUG("the token of the keys is gone");
}

void token_end(struct token *t)
{
    if (!t)
        return;
    if (t->key)
        gnutls_privkey_deinit(t->key);
    OPENSSL_cleanse(t, sizeof *t);
    sys_free(t);
}

static enum err import(struct ctx *c, const char *uri, struct token *t, uint8_t point[POINT_LEN])
{
    uint8_t der[KEY_DER_MAX];
    size_t len;
    int e = gnutls_privkey_init(&t->key);
    if (e < 0)
        return bad(c, uri, gnutls_strerror(e));
    gnutls_privkey_set_pin_function(t->key, give_pin, t);
    if ((e = gnutls_privkey_import_url(t->key, uri, GNUTLS_PKCS11_OBJ_FLAG_LOGIN)) < 0)
        return bad(c, uri, gnutls_strerror(e));
    if (!point_of(t->key, point))
        return bad(c, uri, "P-256?");
    return token_try(t, sha256(bytes_of(uri)), der, &len, &e) ? OK
                                                              : bad(c, uri, gnutls_strerror(e));
}

enum err token_key(struct ctx *c, const char *uri, const char *pin, struct key **ret)
{
    uint8_t point[POINT_LEN];
    if (strlen(pin) > PIN_MAX)
        return bad(c, uri, "PIN");
    enum err e = load_module(c, uri);
    if (e)
        return e;
    struct token *t = sys_zeroed(sizeof *t);
    if (!t)
        BUG("out of memory");
    memcpy(t->pin, pin, strlen(pin) + 1);
    if ((e = import(c, uri, t, point))) {
        token_end(t);
        return e;
    }
    *ret = own_key_of(NULL, 0, point);
    (*ret)->token = t;
    return OK;
}
