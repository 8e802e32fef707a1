/* SPDX-License-Identifier: Apache-2.0 */
/* The service portal.status: what one-stop shops tell the national portal of each dossier
   (TT 18/2019/TT-BTTTT: DongBoHoSoMC, CapNhatTienDoHoSoMC). Whatever order messages come in, the
   newest version shows; the same one twice changes nothing. */
#include "base/text.h"
#include "systems/portal/portal_services.h"
#include "systems/portal/portal_views.h"

struct status_in {
    const char *code, *procedure, *procedure_name, *person, *unit, *unit_name, *label, *label_en,
        *reason, *url;
    int64_t status, version, filed_us, due_us, at_us;
};

#define MAX_US INT64_C(9000000000000000)
#define S_TEXT(member, n, ...)                                                                     \
    SHAPE_TEXT(struct status_in, member, TX(portal_field_##member), .max = (n), __VA_ARGS__)
#define S_INT(member, least, most)                                                                 \
    SHAPE_INT(struct status_in, member, TX(portal_field_##member), .min = (least), .max = (most))

SHAPE(portal_status_shape, struct status_in, S_TEXT(code, 60, .flags = F_REQUIRED),
      S_TEXT(procedure, 60, .flags = F_REQUIRED), S_TEXT(procedure_name, 300),
      SHAPE_STRING(struct status_in, person, KIND_PIN, TX(portal_field_person),
                   .flags = F_REQUIRED | F_PERSONAL),
      S_TEXT(unit, 60, .flags = F_REQUIRED), S_TEXT(unit_name, 300), S_TEXT(label, 200),
      S_TEXT(label_en, 200),
      SHAPE_STRING(struct status_in, reason, KIND_LONG_TEXT, TX(portal_field_reason), .max = 2000,
                   .flags = F_PERSONAL),
      S_TEXT(url, 500), S_INT(status, 1, 10), S_INT(version, 1, 1000000),
      S_INT(filed_us, 0, MAX_US), S_INT(due_us, 0, MAX_US), S_INT(at_us, 0, MAX_US));

static bool is_of(const char *unit, const char *client)
{
    return text_starts(unit, client) &&
           (unit[text_chars(client)] == '.' || unit[text_chars(client)] == 0);
}

enum err portal_serve_status(struct ctx *c, struct service_call *call)
{
    struct status_in in = {0};
    enum err e = shape_from_json(c, &portal_status_shape, call->body, &in);
    if (e)
        return e;
    if (!is_of(in.unit, call->client)) /* nobody speaks for another agency's units */
        return fail(c, ERR_FORBIDDEN, "unit");
    struct portal_dossier d = {.code = in.code,
                               .person = in.person,
                               .procedure = in.procedure,
                               .procedure_name = in.procedure_name,
                               .unit = in.unit,
                               .unit_name = in.unit_name,
                               .label = {in.label, in.label_en},
                               .reason = in.reason,
                               .status = in.status,
                               .version = in.version,
                               .filed_us = in.filed_us,
                               .due_us = in.due_us,
                               .at_us = in.at_us};
    e = portal_store_status(c, &d);
    if (e)
        return e;
    portal_live_mark(in.code);
    call->answer = bytes_of("{\"kept\":true}");
    return OK;
}
