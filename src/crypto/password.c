/* SPDX-License-Identifier: Apache-2.0 */
#include <argon2.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "crypto/hash.h"

/* RFC 9106 parameters in the size the OWASP cheat sheet and our own measurement settled on. */
#define MEMORY_KIB 19456
#define PASSES     2
#define LANES      1
#define SALT_LEN   16
#define HASH_LEN   32
#define PHC_MAX    128
#define KEY_KIB    65536
#define KEY_PASSES 3

enum err password_hash(struct ctx *c, const char *password, const char **ret_phc)
{
    uint8_t salt[SALT_LEN];
    char *phc = arena_alloc(c->arena, PHC_MAX);
    sys_random(salt, sizeof(salt));
    int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt,
                                   sizeof(salt), HASH_LEN, phc, PHC_MAX);
    /* The only reason left: 19 MiB could not be had just now. */
    if (rc != ARGON2_OK)
        return fail(c, ERR_TOO_MANY, "password");
    *ret_phc = phc;
    return OK;
}

enum err password_key(struct ctx *c, const char *passphrase, struct bytes salt,
                      struct bytes *ret_key)
{
    uint8_t *key = arena_alloc(c->arena, HASH_LEN);
    enum err e = password_key_at(c, bytes_of(passphrase), salt, KEY_KIB, KEY_PASSES, key);
    if (!e)
        *ret_key = (struct bytes){key, HASH_LEN};
    return e;
}

enum err password_key_at(struct ctx *c, struct bytes passphrase, struct bytes salt, uint32_t kib,
                         uint32_t passes, uint8_t ret_key[SHA256_LEN])
{
    int rc = argon2id_hash_raw(passes, kib, LANES, passphrase.ptr, passphrase.len, salt.ptr,
                               salt.len, ret_key, HASH_LEN);
    return rc == ARGON2_OK ? OK : fail(c, ERR_TOO_MANY, "passphrase");
}

/* Reads "m=19456," at *at. */
static bool cost(const char **at, const char *name, uint32_t max, char after)
{
    const char *p = *at;
    uint32_t value = 0;
    if (!text_starts(p, name))
        return false;
    for (p += strlen(name); *p >= '0' && *p <= '9'; p++) {
        value = value * 10 + (uint32_t)(*p - '0');
        if (value > max)
            return false;
    }
    *at = p + 1;
    return value > 0 && *p == after;
}

/* A stored hash that asks for gigabytes or minutes would be an attack from the database. */
static bool affordable(const char *phc)
{
    const char *at = phc + strlen("$argon2id$v=19$");
    return strlen(phc) < 2 * PHC_MAX && text_starts(phc, "$argon2id$v=19$") &&
           cost(&at, "m=", 1 << 18, ',') && cost(&at, "t=", 16, ',') && cost(&at, "p=", 4, '$');
}

bool password_check(const char *password, const char *phc)
{
    if (!password || !phc || strlen(phc) < strlen("$argon2id$v=19$") || !affordable(phc))
        return false;
    return argon2id_verify(phc, password, strlen(password)) == ARGON2_OK;
}
