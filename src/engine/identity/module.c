/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/access.h"
#include "engine/identity/identity_admin_views.h"
#include "engine/identity/identity_factor_views.h"
#include "engine/identity/identity_private.h"
#include "engine/identity/identity_views.h"

struct access_ask {
    const char *person, *before;
};
SHAPE(identity_access_shape, struct access_ask,
      SHAPE_STRING(struct access_ask, person, KIND_PIN, TX(identity_field_person),
                   .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct access_ask, before, KIND_ID, TX(identity_field_before)));

static void look_json(struct buf *b, const struct access_look *k)
{
    const struct access_line *l = &k->first;
    const char *const pairs[] = {
        "id",           l->id,     "what",         l->what,   "record",       l->record, "reader",
        l->reader_name, "unit",    l->reader_unit, "role",    l->reader_role, "purpose", l->purpose,
        "matter",       l->matter, "fields",       l->fields, "late",         l->late};
    buf_printf(b, "{\"at_us\":%lld,\"last_us\":%lld,\"n\":%lld,\"own\":%s", (long long)l->at_us,
               (long long)k->last_us, (long long)k->n, l->own ? "true" : "false");
    for (size_t i = 0; i < ARRAY_LEN(pairs); i += 2) {
        buf_printf(b, ",\"%s\":", pairs[i]);
        buf_json(b, pairs[i + 1] ? pairs[i + 1] : "");
    }
    buf_text(b, ",\"times\":[");
    for (size_t i = 0; i < k->n_times; i++)
        buf_printf(b, "%s%lld", i ? "," : "", (long long)k->times[i]);
    buf_text(b, "]}");
}

/* Who read this person's data on this node: asked by the national portal for the person. */
static enum err serve_access(struct ctx *c, struct service_call *call)
{
    struct access_ask in = {.before = ""};
    struct access_look looks[ACCESS_LOOKS + 1];
    size_t n = 0;
    enum err e = shape_from_json(c, &identity_access_shape, call->body, &in);
    if (!e)
        e = access_looks(c, in.person, in.before, looks, ARRAY_LEN(looks), &n);
    if (e)
        return e;
    struct buf b = buf_new(c->arena, 4 * 1024 * 1024);
    buf_text(&b, "{\"lines\":[");
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_char(&b, ',');
        look_json(&b, &looks[i]);
    }
    buf_text(&b, "]}");
    call->answer = buf_bytes(&b);
    return OK;
}

static enum err clean(struct ctx *c, void *arg)
{
    (void)arg;
    int64_t removed;
    enum err e = identity_store_clean(c);
    return e ? e : web_clean(c, &removed);
}

static enum err clean_job(struct ctx *c)
{
    return db_write(c, c->node->db, clean, NULL);
}

static const struct route routes[] = {
    {.method = "GET",
     .path = "/dang-nhap",
     .query = "lai next",
     .permission = PUBLIC,
     .handler = identity_sign_in_page,
     .out = &identity_sign_in_shape,
     .title = TX(identity_sign_in_title)},
    {.method = "POST",
     .path = "/dang-nhap",
     .permission = PUBLIC,
     .handler = identity_sign_in,
     .prepare = identity_sign_in_prepare,
     .in = &identity_sign_in_shape,
     .again = identity_sign_in_again,
     .flags = ROUTE_WRITE | ROUTE_HEAVY,
     .per_minute = 60,
     .title = TX(identity_sign_in_title)},
    {.method = "GET",
     .path = "/dang-nhap/ma",
     .permission = PUBLIC,
     .handler = identity_second_page,
     .out = &identity_second_shape,
     .title = TX(identity_second_title)},
    {.method = "POST",
     .path = "/dang-nhap/ma",
     .permission = PUBLIC,
     .handler = identity_second,
     .prepare = identity_second_prepare,
     .in = &identity_code_shape,
     .again = identity_second_again,
     .flags = ROUTE_WRITE,
     .per_minute = 60,
     .title = TX(identity_second_title)},
    {.method = "GET",
     .path = "/dang-xuat",
     .permission = PUBLIC,
     .handler = identity_sign_out_page,
     .out = &identity_sign_out_shape,
     .title = TX(identity_sign_out)},
    {.method = "POST",
     .path = "/dang-xuat",
     .permission = SIGNED_IN,
     .handler = identity_sign_out,
     .flags = ROUTE_WRITE,
     .title = TX(identity_sign_out)},
    {.method = "GET",
     .path = "/tai-khoan",
     .query = "da-doi",
     .permission = SIGNED_IN,
     .handler = identity_account_page,
     .out = &identity_account_shape,
     .title = TX(identity_account_title)},
    {.method = "POST",
     .path = "/tai-khoan/chuc-danh",
     .permission = SIGNED_IN,
     .handler = identity_choose_post,
     .in = &identity_choice_shape,
     .flags = ROUTE_WRITE,
     .title = TX(identity_account_choose)},
    {.method = "GET",
     .path = "/tai-khoan/mat-khau",
     .permission = SIGNED_IN,
     .handler = identity_password_page,
     .out = &identity_password_page_shape,
     .title = TX(identity_password_title)},
    {.method = "POST",
     .path = "/tai-khoan/mat-khau",
     .permission = SIGNED_IN,
     .handler = identity_password,
     .prepare = identity_password_prepare,
     .in = &identity_password_shape,
     .again = identity_password_again,
     .flags = ROUTE_WRITE | ROUTE_HEAVY,
     .per_minute = 20,
     .title = TX(identity_password_title)},
    {.method = "GET",
     .path = "/tai-khoan/hai-lop",
     .query = "da-bo",
     .permission = SIGNED_IN,
     .handler = identity_factor_page,
     .out = &identity_factor_shape,
     .title = TX(identity_factor_title)},
    {.method = "POST",
     .path = "/tai-khoan/hai-lop",
     .query = "da-bo",
     .permission = SIGNED_IN,
     .handler = identity_factor_begin,
     .prepare = identity_factor_begin_prepare,
     .in = &identity_password_in_shape,
     .again = identity_factor_again,
     .flags = ROUTE_WRITE | ROUTE_HEAVY,
     .per_minute = 20,
     .title = TX(identity_factor_begin)},
    {.method = "POST",
     .path = "/tai-khoan/hai-lop/xac-nhan",
     .query = "da-bo",
     .permission = SIGNED_IN,
     .handler = identity_factor_first,
     .prepare = identity_factor_first_prepare,
     .in = &identity_code_shape,
     .out = &identity_recovery_shape,
     .again = identity_factor_again,
     .flags = ROUTE_WRITE | ROUTE_NO_KEY, /* the answer holds the codes: kept nowhere */
     .per_minute = 20,
     .title = TX(identity_factor_confirm)},
    {.method = "POST",
     .path = "/tai-khoan/hai-lop/ma-du-phong",
     .query = "da-bo",
     .permission = SIGNED_IN,
     .handler = identity_factor_renew,
     .prepare = identity_factor_both_prepare,
     .in = &identity_both_shape,
     .out = &identity_recovery_shape,
     .again = identity_factor_again,
     .flags = ROUTE_WRITE | ROUTE_HEAVY | ROUTE_NO_KEY, /* as above */
     .per_minute = 20,
     .title = TX(identity_recovery_renew)},
    {.method = "POST",
     .path = "/tai-khoan/hai-lop/bo",
     .query = "da-bo",
     .permission = SIGNED_IN,
     .handler = identity_factor_end,
     .prepare = identity_factor_both_prepare,
     .in = &identity_both_shape,
     .again = identity_factor_again,
     .flags = ROUTE_WRITE | ROUTE_HEAVY,
     .per_minute = 20,
     .title = TX(identity_factor_remove)},
    {.method = "POST",
     .path = "/tai-khoan/phien",
     .permission = SIGNED_IN,
     .handler = identity_end_session,
     .in = &identity_session_choice_shape,
     .flags = ROUTE_WRITE,
     .title = TX(identity_sessions_end)},
    {.method = "POST",
     .path = "/tai-khoan/phien/tat-ca",
     .permission = SIGNED_IN,
     .handler = identity_end_sessions,
     .flags = ROUTE_WRITE,
     .title = TX(identity_sessions_end_all)},
    {.method = "GET",
     .path = "/quan-tri/tai-khoan",
     .query = "loai truoc !tim",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_list,
     .out = &identity_admin_list_shape,
     .title = TX(identity_admin_title)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan",
     .permission = IDENTITY_ADMIN,
     .prepare = web_ask,
     .in = &identity_seeking_shape,
     .out = &location_shape,
     .flags = ROUTE_PREPARED,
     .title = TX(identity_admin_words)},
    {.method = "GET",
     .path = "/quan-tri/tai-khoan/{id}",
     .query = "xong",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_account,
     .out = &identity_admin_shape,
     .title = TX(identity_admin_one)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan/{id}/khoa",
     .query = "xong",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_lock,
     .in = &identity_reason_shape,
     .out = &location_shape,
     .again = identity_admin_again,
     .flags = ROUTE_WRITE,
     .title = TX(identity_admin_lock)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan/{id}/mo",
     .query = "xong",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_open,
     .in = &identity_reason_shape,
     .out = &location_shape,
     .again = identity_admin_again,
     .flags = ROUTE_WRITE,
     .title = TX(identity_admin_open)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan/{id}/phien",
     .query = "xong",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_sign_out,
     .in = &identity_reason_shape,
     .out = &location_shape,
     .again = identity_admin_again,
     .flags = ROUTE_WRITE,
     .title = TX(identity_admin_sign_out)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan/{id}/chuc-danh/{post}/thoi",
     .query = "xong",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_take,
     .in = &identity_reason_shape,
     .out = &location_shape,
     .again = identity_admin_again,
     .flags = ROUTE_WRITE,
     .title = TX(identity_admin_end)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan/{id}/mat-khau",
     .query = "xong",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_password,
     .prepare = identity_admin_password_prepare,
     .in = &identity_reason_shape,
     .out = &identity_once_shape,
     .again = identity_admin_again,
     .flags =
         ROUTE_WRITE | ROUTE_HEAVY | ROUTE_NO_KEY, /* the answer holds the password: kept nowhere */
     .per_minute = 20,
     .title = TX(identity_admin_once)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan/{id}/hai-lop",
     .query = "xong",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_unfactor,
     .in = &identity_reason_shape,
     .out = &location_shape,
     .again = identity_admin_again,
     .flags = ROUTE_WRITE,
     .title = TX(identity_admin_factor)},
    {.method = "GET",
     .path = "/quan-tri/tai-khoan/{id}/chuc-danh",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_post,
     .out = &identity_appoint_page_shape,
     .title = TX(identity_admin_give)},
    {.method = "POST",
     .path = "/quan-tri/tai-khoan/{id}/chuc-danh",
     .permission = IDENTITY_ADMIN,
     .handler = identity_admin_appoint,
     .in = &identity_appoint_shape,
     .out = &location_shape,
     .again = identity_admin_post_again,
     .flags = ROUTE_WRITE,
     .title = TX(identity_admin_give)},
    {.method = "GET",
     .path = "/dang-nhap/quoc-gia",
     .query = "lai next",
     .permission = PUBLIC,
     .handler = oidc_start,
     .out = &location_shape,
     .flags = ROUTE_WRITE | ROUTE_PROTOCOL,
     .title = TX(identity_sign_in_national)},
    {.method = "GET",
     .path = OIDC_CALLBACK,
     .query = "*",
     .permission = PUBLIC,
     .handler = oidc_back,
     .out = &location_shape,
     .prepare = oidc_back_prepare,
     .flags = ROUTE_WRITE | ROUTE_PROTOCOL,
     .title = TX(identity_sign_in_national)},
    {.method = "GET",
     .path = "/oidc/authorize",
     .query = "*",
     .permission = PUBLIC,
     .handler = oidc_authorize,
     .out = &location_shape,
     .flags = ROUTE_WRITE | ROUTE_PROTOCOL,
     .title = TX(identity_oidc_authorize)},
    {.method = "POST",
     .path = "/oidc/token",
     .permission = PUBLIC,
     .handler = oidc_token,
     .prepare = oidc_token_prepare,
     .flags = ROUTE_WRITE | ROUTE_NO_CSRF | ROUTE_NO_KEY,
     .title = TX(identity_oidc_token)},
    {.method = "GET",
     .path = "/oidc/userinfo",
     .permission = PUBLIC,
     .handler = oidc_userinfo,
     .flags = ROUTE_NO_CSRF,
     .title = TX(identity_oidc_userinfo)},
    {.method = "GET",
     .path = "/oidc/jwks",
     .permission = PUBLIC,
     .handler = oidc_keys,
     .flags = ROUTE_NO_DB,
     .title = TX(identity_oidc_keys)},
    {.method = "GET",
     .path = "/.well-known/openid-configuration",
     .permission = PUBLIC,
     .handler = oidc_discovery,
     .flags = ROUTE_NO_DB,
     .title = TX(identity_oidc_discovery)},
};
static const char *const access_purposes[] = {"own_data", NULL};
static const struct service services[] = {
    {.code = "identity.access",
     .title = TX(identity_service_access),
     .member = "*",
     .purposes = access_purposes,
     .serve = serve_access},
};
static const struct permission permissions[] = {{IDENTITY_ADMIN, TX(identity_admin_permission)}};
static const struct menu_item menu[] = {
    {"/quan-tri/tai-khoan", IDENTITY_ADMIN, TX(identity_admin_title)}};
static const struct job jobs[] = {
    {.name = "identity.clean", .every_us = HOUR_US, .run = clean_job},
};

const struct module identity_module = {.name = "identity",
                                       TABLE(routes, routes),
                                       TABLE(permissions, permissions),
                                       TABLE(menu, menu),
                                       TABLE(jobs, jobs),
                                       TABLE(services, services),
                                       .start = identity_words_fill};
