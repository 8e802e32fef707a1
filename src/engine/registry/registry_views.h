/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk's pages show. */
#ifndef DINH_ENGINE_REGISTRY_VIEWS_H
#define DINH_ENGINE_REGISTRY_VIEWS_H

#include "core/reading.h"
#include "engine/registry/registry.h"
#include "web/page.h"

struct registry_asking {
    const char *purpose, *matter, *words, *after;
};
struct registry_hit {
    const char *id, *title, *more, *href;
};
struct registry_desk_view {
    const char *path, *label, *next;
    struct registry_asking asking;
    const struct choice *purposes;
    size_t n_purposes;
    bool asked;                 /* a search was made: say when it found nothing */
    struct reading_state state; /* how much the official has read: warned near the limit */
    struct list rows;           /* struct registry_hit */
};
struct registry_value {
    const char *name, *label, *value;
};
struct registry_past {
    int64_t version;
    const char *known, *valid, *reason, *changed; /* changed: labels of fields that differ */
};
struct registry_record_view {
    const char *id, *label, *title, *caption, *back;
    int64_t version, cancelled;
    struct list fields, past; /* struct registry_value, struct registry_past */
};

#endif
