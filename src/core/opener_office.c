/* SPDX-License-Identifier: Apache-2.0 */
/* Word, Excel (ECMA-376) and OpenDocument texts: taken as they are, or refused for what would act
   by itself or fetch: macros, controls, files inside, other documents linked in, DDE. A link that
   somebody has to click is let be. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/files.h"
#include "core/opener_inside.h"

#define SEEN 32

static const char *const taken[] = {FILE_WORD, FILE_SHEET};

struct office {
    struct arena *a;
    struct xml_reader *xml;
    const char *part;
    const char *type;
    bool begun, active, locked;
    char mime[64];
    size_t mime_len;
    char seen[SEEN]; /* the last letters of a field's instruction, which may come in pieces */
    enum err why;
};

static bool ends(const char *text, const char *with)
{
    size_t n = strlen(text), m = strlen(with);
    return n >= m && strcmp(text + n - m, with) == 0;
}

static bool among(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(text, list[i]))
            return true;
    return false;
}

/* By their folders: what holds programs, or files of others (lower case). */
static bool acts(const char *part)
{
    static const char *const bad[] = {"vbaproject",    "vbadata",   "activex/",  "embeddings/",
                                      "externallinks", "customui/", "basic/",    "scripts/",
                                      "webextensions", "ctrlprops", "attachedt", "macrosheets"};
    return among(part, bad, ARRAY_LEN(bad)) ||
           (ends(part, ".bin") && !strstr(part, "printersettings"));
}

/* ---- elements ---- */

static const char *value_of(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2) {
        const char *colon = strrchr(*attributes, ':');
        if (strcmp(colon ? colon + 1 : *attributes, name) == 0)
            return attributes[1];
    }
    return "";
}

static void see_type(struct office *o, const char **attributes)
{
    static const char *const bad[] = {"macroEnabled", "vbaProject", "activeX", "oleObject",
                                      "externalLink"};
    const char *type = value_of(attributes, "ContentType");
    o->active = o->active || among(type, bad, ARRAY_LEN(bad));
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        if (text_starts(type, taken[i]) && strcmp(type + strlen(taken[i]), ".main+xml") == 0)
            o->type = taken[i];
}

/* Whatever is opened with the file: all that lies outside but links to click. */
static void see_relation(struct office *o, const char **attributes)
{
    bool outside = text_eq(value_of(attributes, "TargetMode"), "External");
    o->active = o->active || (outside && !ends(value_of(attributes, "Type"), "/hyperlink"));
}

static void see_instruction(struct office *o, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memmove(o->seen, o->seen + 1, SEEN - 2);
        o->seen[SEEN - 2] = (char)toupper((unsigned char)text[i]);
        o->active = o->active || ends(o->seen, "DDEAUTO") || ends(o->seen, " DDE ");
    }
}

/* Prefixes are the writer's choice: by local names. */
static void see_opendocument(struct office *o, const char *name, const char **attributes)
{
    static const char *const bad[] = {"event-listener", "script",         "object-ole", "plugin",
                                      "applet",         "dde-connection", "dde-source", "altChunk"};
    const char *href = value_of(attributes, "href");
    bool clicked = text_eq(name, "a") || text_eq(name, "template");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        o->active = o->active || text_eq(name, bad[i]);
    o->active = o->active || (strchr(href, ':') && !clicked) ||
                text_starts(href, "vnd.sun.star.script:") || text_starts(href, "macro:");
    o->locked = o->locked || text_eq(name, "encryption-data");
}

static void see_element(void *arg, const char *name, const char **attributes)
{
    struct office *o = arg;
    const char *colon = strrchr(name, ':'), *local = colon ? colon + 1 : name;
    if (ends(o->part, "[content_types].xml"))
        see_type(o, attributes);
    else if (ends(o->part, ".rels") && text_eq(local, "Relationship"))
        see_relation(o, attributes);
    else
        see_opendocument(o, local, attributes);
    if (text_eq(local, "fldSimple")) {
        const char *text = value_of(attributes, "instr");
        see_instruction(o, " ", 1);
        see_instruction(o, text, strlen(text));
    }
}

static void see_text(void *arg, const char *name, const char *text, size_t len)
{
    const char *colon = strrchr(name, ':');
    if (text_eq(colon ? colon + 1 : name, "instrText"))
        see_instruction(arg, text, len);
}

/* ---- parts ---- */

struct office *office_new(struct arena *a)
{
    struct office *o = ARENA_NEW(a, struct office);
    *o = (struct office){.a = a, .part = ""};
    memset(o->seen, ' ', SEEN - 1);
    return o;
}

void office_part(struct office *o, const char *name)
{
    char *low = arena_text(o->a, name);
    for (char *p = low; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    o->part = low;
    o->begun = false;
    o->xml = NULL;
    o->active = o->active || acts(low);
    if (!ends(low, ".xml") && !ends(low, ".rels") && !ends(low, ".rdf"))
        return;
    o->xml = xml_begin(o->a, &(struct xml_sees){see_element, see_text, o});
    if (!o->xml)
        o->why = ERR_TOO_MANY;
}

/* Other files within: archives, programs, older office files, PDF. */
static bool is_file(struct bytes b)
{
    static const struct bytes bad[] = {{(const uint8_t *)"PK\3\4", 4},
                                       {(const uint8_t *)"MZ", 2},
                                       {(const uint8_t *)"\x7f"
                                                         "ELF",
                                        4},
                                       {(const uint8_t *)"\xd0\xcf\x11\xe0", 4},
                                       {(const uint8_t *)"\x1f\x8b", 2},
                                       {(const uint8_t *)"%PDF", 4},
                                       {(const uint8_t *)"Rar!", 4},
                                       {(const uint8_t *)"7z\xbc\xaf", 4}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (b.len >= bad[i].len && memcmp(b.ptr, bad[i].ptr, bad[i].len) == 0)
            return true;
    return false;
}

static void see_mime(struct office *o, struct bytes piece)
{
    size_t room = sizeof o->mime - 1 - o->mime_len, n = piece.len < room ? piece.len : room;
    memcpy(o->mime + o->mime_len, piece.ptr, n);
    o->mime_len += n;
    if (strcmp(o->mime, FILE_ODT) == 0)
        o->type = FILE_ODT;
}

void office_feed(struct office *o, struct bytes piece, bool last)
{
    if (o->xml) {
        xml_feed(o->xml, piece, last);
        if (last) {
            enum err e = xml_end(o->xml);
            o->why = o->why ? o->why : e;
            o->xml = NULL;
        }
        return;
    }
    if (text_eq(o->part, "mimetype") && piece.len)
        see_mime(o, piece);
    if (!o->begun && piece.len)
        o->active = o->active || is_file(piece);
    o->begun = o->begun || piece.len;
}

enum err office_end(struct office *o, const char **ret_type)
{
    enum err half = o->xml ? xml_end(o->xml) : OK; /* of a part that broke off */
    o->why = o->why ? o->why : half;
    o->xml = NULL;
    if (o->locked)
        return ERR_FILE_LOCKED;
    if (o->active)
        return ERR_FILE_ACTIVE;
    if (o->why)
        return o->why;
    *ret_type = o->type;
    return o->type ? OK : ERR_FILE_TYPE;
}
