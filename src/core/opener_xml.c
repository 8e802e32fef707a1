/* SPDX-License-Identifier: Apache-2.0 */
/* XML that strangers wrote, by expat, which is loaded in the child that needs it. What declares a
   document type is refused before anything in it is read: entities, inner or outer, don't exist. */
#include <dlfcn.h>
#include <expat.h>
#include <string.h>

#include "base/sys.h"
#include "core/opener_inside.h"

#define MAX_DEPTH    256
#define MAX_ELEMENTS 8000000
#define MAX_TOKEN    (1024 * 1024) /* expat keeps and walks an unfinished one anew each time */
#define NAME_BYTES   64

#define EXPAT_CALLS(X)                                                                             \
    X(XML_ParserCreate)                                                                            \
    X(XML_ParserFree)                                                                              \
    X(XML_SetHashSalt)                                                                             \
    X(XML_SetUserData)                                                                             \
    X(XML_SetElementHandler)                                                                       \
    X(XML_SetCharacterDataHandler)                                                                 \
    X(XML_SetStartDoctypeDeclHandler)                                                              \
    X(XML_StopParser)                                                                              \
    X(XML_GetCurrentByteIndex)                                                                     \
    X(XML_Parse)

#define MEMBER(name) __typeof__(&(name)) name;
static struct {
    EXPAT_CALLS(MEMBER)
} expat;
#undef MEMBER
static unsigned long salt; /* asked for before the sandbox closes */

bool opener_xml_load(void)
{
    static bool good;
    if (good)
        return true;
    void *library = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL), *call;
    good = library != NULL;
#define FIND(name)                                                                                 \
    call = good ? dlsym(library, #name) : NULL;                                                    \
    good = call != NULL;                                                                           \
    memcpy(&expat.name, &call, sizeof call);
    EXPAT_CALLS(FIND)
#undef FIND
    sys_random(&salt, sizeof salt);
    salt |= 1;
    return good;
}

struct xml_reader {
    XML_Parser p;
    struct xml_sees sees;
    char name[NAME_BYTES]; /* of the element begun last */
    size_t depth, elements;
    int64_t fed;
    enum err why;
};

static void stop(struct xml_reader *x, enum err why)
{
    x->why = x->why ? x->why : why;
    expat.XML_StopParser(x->p, XML_FALSE);
}

static void XMLCALL element_begins(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_reader *x = arg;
    size_t n = strlen(name);
    if (++x->depth > MAX_DEPTH || ++x->elements > MAX_ELEMENTS) {
        stop(x, ERR_FILE_SWOLLEN);
        return;
    }
    n = n < NAME_BYTES ? n : NAME_BYTES - 1;
    memcpy(x->name, name, n);
    x->name[n] = '\0';
    if (x->sees.element)
        x->sees.element(x->sees.arg, name, attributes);
}

static void XMLCALL element_ends(void *arg, const XML_Char *name)
{
    struct xml_reader *x = arg;
    (void)name;
    x->depth--;
    x->name[0] = '\0';
}

static void XMLCALL text_comes(void *arg, const XML_Char *text, int len)
{
    struct xml_reader *x = arg;
    if (x->sees.text && x->name[0] && len > 0)
        x->sees.text(x->sees.arg, x->name, text, (size_t)len);
}

static void XMLCALL type_is_declared(void *arg, const XML_Char *name, const XML_Char *system,
                                     const XML_Char *public, int inner)
{
    (void)name, (void)system, (void)public, (void)inner;
    stop(arg, ERR_FILE_UNREADABLE);
}

struct xml_reader *xml_begin(struct arena *a, const struct xml_sees *sees)
{
    struct xml_reader *x = ARENA_NEW(a, struct xml_reader);
    *x = (struct xml_reader){.sees = *sees, .p = expat.XML_ParserCreate(NULL)};
    if (!x->p)
        return NULL;
    expat.XML_SetHashSalt(x->p, salt);
    expat.XML_SetUserData(x->p, x);
    expat.XML_SetElementHandler(x->p, element_begins, element_ends);
    expat.XML_SetCharacterDataHandler(x->p, text_comes);
    expat.XML_SetStartDoctypeDeclHandler(x->p, type_is_declared);
    return x;
}

void xml_feed(struct xml_reader *x, struct bytes part, bool last)
{
    while (!x->why) {
        size_t n = part.len < MAX_TOKEN / 16 ? part.len : MAX_TOKEN / 16;
        bool end = last && n == part.len;
        if (expat.XML_Parse(x->p, (const char *)part.ptr, (int)n, end) != XML_STATUS_OK && !x->why)
            x->why = ERR_FILE_UNREADABLE;
        x->fed += (int64_t)n;
        if (!x->why && !end && x->fed - expat.XML_GetCurrentByteIndex(x->p) > MAX_TOKEN)
            x->why = ERR_FILE_SWOLLEN;
        part = (struct bytes){part.ptr + n, part.len - n};
        if (!part.len)
            break;
    }
}

enum err xml_end(struct xml_reader *x)
{
    expat.XML_ParserFree(x->p);
    return x->why;
}

enum err opener_xml(struct ctx *c, struct bytes in)
{
    struct xml_reader *x = xml_begin(c->arena, &(struct xml_sees){0});
    if (!x)
        return fail(c, ERR_TOO_MANY, "");
    xml_feed(x, in, true);
    enum err e = xml_end(x);
    return e ? fail(c, e, "") : OK;
}
