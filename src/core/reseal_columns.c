/* SPDX-License-Identifier: Apache-2.0 */
/* Core's columns that keys of columns seal, and those of before subjects had keys. */
#include "core/reseal_inside.h"

RESEAL_COLUMN(asked, "core_permit", "id", "target", "asked", text)
RESEAL_COLUMN(decided, "core_permit", "id", "target", "decided", text)
RESEAL_COLUMN(reviewed, "core_permit", "id", "target", "reviewed", text)
RESEAL_COLUMN(reader, "core_reading_alert", "id", "id", "reader", text)
RESEAL_COLUMN(words, "core_reading_alert", "id", "id", "words", text)
RESEAL_COLUMN(placed, "core_hold", "id", "id", "placed", text)
RESEAL_COLUMN(released, "core_hold", "id", "id", "released", text)
RESEAL_COLUMN(body, "core_outbox", "id", "id", "body", text)
RESEAL_COLUMN(file_name, "core_file", "id", "id", "name", text)
RESEAL_COLUMN(file_key, "core_file", "id", "id", "key", text)
RESEAL_COLUMN(answer, "web_answer", "owner", "key", "body", text)
RESEAL_COUNT(line, "core_access", "line") /* the trail has their hashes */

/* A file's content of before files had keys lies under the column's. */
static enum err content_count(struct ctx *c, struct bytes newest, int64_t *ret_n)
{
    (void)newest;
    return db_int(c, ret_n, "SELECT count(*) FROM core_file WHERE key IS NULL");
}

static const struct reseal_column own[] = {
    RESEAL_ROW(asked, "core_permit.asked", SECRET_ACCESS, "core_permit.asked|{1}|{2}"),
    RESEAL_ROW(decided, "core_permit.decided", SECRET_ACCESS, "core_permit.decided|{1}|{2}"),
    RESEAL_ROW(reviewed, "core_permit.reviewed", SECRET_ACCESS, "core_permit.reviewed|{1}|{2}"),
    RESEAL_ROW(reader, "core_reading_alert.reader", SECRET_ACCESS, "core_reading_alert.reader|{1}"),
    RESEAL_ROW(words, "core_reading_alert.words", SECRET_ACCESS, "core_reading_alert.words|{1}"),
    RESEAL_ROW(placed, "core_hold.placed", SECRET_ACCESS, "core_hold.placed|{1}"),
    RESEAL_ROW(released, "core_hold.released", SECRET_ACCESS, "core_hold.released|{1}"),
    RESEAL_ROW(body, "core_outbox.body", SECRET_OUTBOX, "core_outbox.body|{1}"),
    RESEAL_ROW(file_name, "core_file.name", SECRET_FILE, "core_file.name|{1}"),
    RESEAL_ROW(file_key, "core_file.key", SECRET_FILE, "core_file.key|{1}"),
    RESEAL_ROW(answer, "web_answer.body", SECRET_ANSWER, "web_answer.body|{1}|{2}"),
    RESEAL_COUNTED(line, "core_access.line"),
    RESEAL_COUNTED(content, "core_file.content")};

void reseal_own(void)
{
    reseal_columns(own, ARRAY_LEN(own));
}
