/* SPDX-License-Identifier: Apache-2.0 */
/* The 11,000 administrative units: one copy of the table's text, cut in place, so that they cost
   little more than the file. */
#include <string.h>

#include "base/text.h"
#include "core/country_inside.h"

#define LEVELS     "123" /* province, district, commune */
#define UNITS_FILE "catalogues/admin_units.tsv"
#define UNITS_HEAD "code\tparent\tlevel\tkind\tname\tname_en\n"

enum { COL_CODE, COL_PARENT, COL_LEVEL, COL_KIND, COL_NAME, COL_NAME_EN, COLUMNS };

static enum err bad_line(struct country_reading *r, size_t line, const char *reason)
{
    return json_bad(r->c, UNITS_FILE, arena_printf(r->c->arena, "line %zu", line), reason);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p; p++)
        n += *p == '\n';
    return n;
}

/* Cuts one line into its cells; false when there are more or fewer. */
static bool cut_line(char *line, const char *cells[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        cells[i] = line;
        line += strcspn(line, "\t");
        if ((*line == '\t') != (i + 1 < COLUMNS))
            return false;
        if (*line)
            *line++ = '\0';
    }
    return true;
}

static enum err read_line(struct country_reading *r, size_t number, char *line,
                          struct code_row *ret, char *ret_level)
{
    const char *cells[COLUMNS];
    if (!cut_line(line, cells))
        return bad_line(r, number, "needs six cells parted by tabs");
    if (text_empty(cells[COL_CODE]) || text_empty(cells[COL_NAME]) ||
        text_empty(cells[COL_NAME_EN]))
        return bad_line(r, number, "needs a code and both names");
    *ret_level = cells[COL_LEVEL][0];
    if (!strchr(LEVELS, *ret_level) || !*ret_level || cells[COL_LEVEL][1])
        return bad_line(r, number, "needs a level of 1, 2 or 3");
    *ret = (struct code_row){.code = cells[COL_CODE],
                             .name = {cells[COL_NAME], cells[COL_NAME_EN]},
                             .parent = cells[COL_PARENT],
                             .from = "",
                             .until = ""};
    return OK;
}

/* A province stands alone; a district or commune lies in a unit of a higher level. */
static enum err check_parents(struct country_reading *r, const struct catalogue *units,
                              const char *levels)
{
    const struct country one = {.catalogues = (struct catalogue *)units, .n_catalogues = 1};
    for (size_t i = 0; i < units->n; i++) {
        const char *parent = units->rows[i].parent;
        const struct code_row *row = *parent ? country_code(&one, ADMIN_UNITS, parent) : NULL;
        if (*parent && !row)
            return bad_line(r, i + 2, "its parent is missing");
        if (row ? levels[row - units->rows] >= levels[i] : levels[i] != '1')
            return bad_line(r, i + 2, "its level isn't below that of its parent");
    }
    return OK;
}

enum err country_read_units(struct country_reading *r, struct catalogue *ret)
{
    struct bytes raw;
    enum err e = pack_read(r->c, r->country->dir, UNITS_FILE, &raw);
    return e ? e : country_parse_units(r, raw, ret);
}

enum err country_parse_units(struct country_reading *r, struct bytes raw, struct catalogue *ret)
{
    enum err e = OK;
    char *text = arena_text_n(r->arena, (const char *)raw.ptr, raw.len);
    if (!text_starts(text, UNITS_HEAD) || !text_ends(text, "\n") || !text_is_utf8(raw))
        return bad_line(r, 1, "needs UTF-8 lines under the head " UNITS_HEAD);
    ret->name = ADMIN_UNITS;
    size_t n_lines = count_lines(text);
    ret->rows = ARENA_ARRAY(r->arena, n_lines, struct code_row);
    char *levels = arena_alloc(r->c->arena, n_lines + 1);
    char *line = text + strlen(UNITS_HEAD);
    const char *stop = text + strlen(text);
    while (*line && !e) {
        char *end = memchr(line, '\n', (size_t)(stop - line)); /* there: it ends with one */
        *end = '\0';
        e = read_line(r, ret->n + 2, line, &ret->rows[ret->n], &levels[ret->n]);
        ret->n++;
        line = end + 1;
    }
    const char *twice = e ? NULL : country_index(r->arena, ret);
    if (twice)
        return bad_line(r, 1, arena_printf(r->c->arena, "the code %s occurs twice", twice));
    return e ? e : check_parents(r, ret, levels);
}
