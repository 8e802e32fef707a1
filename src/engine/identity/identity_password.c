/* SPDX-License-Identifier: Apache-2.0 */
/* Which passwords are refused: length decides, not composition (ASVS 6.2, SP 800-63B). */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "engine/identity/identity_private.h"
#include "gen/usual.h"

#define PASSWORD_CHARS     10
#define PASSWORD_DIFFERENT 5
#define NAME_IN_PASSWORD   3 /* shorter user names may stand in a password by chance */
#define LETTERS_BESIDE     5 /* of one's own, beside the words below */

/* What anybody tries first at a state's portal; without marks, as folded. */
static const char *const words[] = {
    "dichvucong", "matkhau", "password", "vneid",    "vietnam",      "chinhphu", "hanhchinh",
    "canbo",      "congdan", "congchuc", "motcua",   "uybannhandan", "tiepnhan", "hosodientu",
    "quantri",    "admin",   "hotich",   "danhtinh", "thuathienhue", "baohiem",  "xinchao"};

static size_t different(const char *text)
{
    bool seen[256] = {false};
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        n += !seen[*p];
        seen[*p] = true;
    }
    return n;
}

/* How many characters follow the one before them: 9 in "1234567890" and "qwertyuiop". */
static size_t in_a_row(const char *text)
{
    static const char rows[] = "01234567890\1"
                               "9876543210\1"
                               "abcdefghijklmnopqrstuvwxyz\1"
                               "qwertyuiop\1"
                               "asdfghjkl\1"
                               "zxcvbnm";
    size_t n = 0;
    for (const char *p = text; p[0] && p[1]; p++)
        n += strstr(rows, (const char[]){p[0], p[1], '\0'}) != NULL;
    return n;
}

/* Letters of the password that belong to none of the words; -1 when no word stands in it. */
static int letters_beside_words(struct arena *a, const char *password)
{
    char *rest = text_fold(a, password);
    size_t n = 0;
    bool any = false;
    for (const char *p = rest; *p; p++)
        if (islower((unsigned char)*p))
            rest[n++] = *p;
    rest[n] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (char *at = strstr(rest, words[i]); at; at = strstr(rest, words[i])) {
            memmove(at, at + strlen(words[i]), strlen(at + strlen(words[i])) + 1);
            any = true;
        }
    return any ? (int)strlen(rest) : -1;
}

static bool is_usual(const char *low)
{
    uint32_t h = UINT32_C(0x811c9dc5);
    for (const unsigned char *p = (const unsigned char *)low; *p; p++)
        h = (h ^ *p) * UINT32_C(0x01000193);
    size_t from = 0, to = usual_passwords_n;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (usual_passwords[middle] == h)
            return true;
        if (usual_passwords[middle] < h)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

enum err identity_password_good(struct ctx *c, const char *field, const char *username,
                                const char *password)
{
    char *low = arena_text(c->arena, password);
    for (char *p = low; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    bool named = strlen(username) >= NAME_IN_PASSWORD && strstr(low, username);
    size_t n = strlen(low);
    int beside = letters_beside_words(c->arena, password);
    if (text_chars(password) < PASSWORD_CHARS || different(low) < PASSWORD_DIFFERENT || named ||
        in_a_row(low) * 2 > n || (beside >= 0 && beside < LETTERS_BESIDE) || is_usual(low))
        return fail(c, ERR_PASSWORD_WEAK, field);
    return OK;
}
