/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of the running web as Prometheus text. */
#include <inttypes.h>
#include <string.h>

#include "base/child.h"
#include "base/text.h"
#include "base/time.h"
#include "net/http_stats.h"
#include "web/web_call.h"

static const int statuses[N_STATUSES] = {200, 201, 204, 303, 304, 400, 401, 403, 404, 405,
                                         406, 409, 413, 415, 422, 429, 500, 502, 503, 0};
static const int64_t bounds_us[N_BUCKETS] = {1000,   2500,   5000,   10000,   25000,  50000,
                                             100000, 250000, 500000, 1000000, 5000000};

void figures_add(struct web_route *at, int status, int64_t us)
{
    size_t s = 0, b = 0;
    while (s + 1 < N_STATUSES && statuses[s] != status)
        s++;
    while (b < N_BUCKETS && us > bounds_us[b])
        b++;
    atomic_fetch_add_explicit(&at->status[s], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->bucket[b], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&at->total_us, us, memory_order_relaxed);
}

static void put_labels(struct buf *b, const struct web_route *at)
{
    buf_printf(b, "module=\"%s\",method=\"%s\",route=\"%s\"", at->module,
               at->row ? at->row->method : "", at->row ? at->row->path : "");
}

static int64_t seen(const struct web_route *at)
{
    int64_t n = 0;
    for (size_t i = 0; i < N_STATUSES; i++)
        n += atomic_load_explicit(&at->status[i], memory_order_relaxed);
    return n;
}

static void put_statuses(struct buf *b, const struct web_route *at)
{
    for (size_t i = 0; i < N_STATUSES; i++) {
        int64_t n = atomic_load_explicit(&at->status[i], memory_order_relaxed);
        if (n == 0)
            continue;
        buf_text(b, "dinh_http_requests_total{");
        put_labels(b, at);
        if (statuses[i])
            buf_printf(b, ",status=\"%d\"} %" PRId64 "\n", statuses[i], n);
        else
            buf_printf(b, ",status=\"other\"} %" PRId64 "\n", n);
    }
}

static void put_seconds(struct buf *b, int64_t us)
{
    buf_printf(b, "%" PRId64 ".%06" PRId64, us / SECOND_US, us % SECOND_US);
}

static void put_times(struct buf *b, const struct web_route *at)
{
    int64_t sum = 0;
    for (size_t i = 0; i <= N_BUCKETS; i++) {
        sum += atomic_load_explicit(&at->bucket[i], memory_order_relaxed);
        buf_text(b, "dinh_http_request_seconds_bucket{");
        put_labels(b, at);
        buf_text(b, ",le=\"");
        if (i < N_BUCKETS)
            put_seconds(b, bounds_us[i]);
        else
            buf_text(b, "+Inf");
        buf_printf(b, "\"} %" PRId64 "\n", sum);
    }
    buf_text(b, "dinh_http_request_seconds_sum{");
    put_labels(b, at);
    buf_text(b, "} ");
    put_seconds(b, atomic_load_explicit(&at->total_us, memory_order_relaxed));
    buf_text(b, "\ndinh_http_request_seconds_count{");
    put_labels(b, at);
    buf_printf(b, "} %" PRId64 "\n", sum);
}

static void put_head(struct buf *b, const char *name, const char *kind, const char *help)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void put_one(struct buf *b, const char *name, const char *kind, const char *help,
                    int64_t value)
{
    put_head(b, name, kind, help);
    buf_printf(b, "%s %" PRId64 "\n", name, value);
}

static void put_waiting(struct buf *b, const struct web *w)
{
    put_head(b, "dinh_http_waiting", "gauge", "Requests that wait their turn, by what for");
    buf_printf(b, "dinh_http_waiting{for=\"worker\"} %d\n", pool_waiting(w->pool));
    buf_printf(b, "dinh_http_waiting{for=\"processor\"} %d\n", pool_waiting(w->heavy));
    buf_printf(b, "dinh_http_waiting{for=\"writer\"} %d\n", gate_waiting(w->gate));
}

static void put_db(struct buf *b, const struct web *w)
{
    struct db_stats s = db_stats(w->o.db);
    put_one(b, "dinh_db_writes_total", "counter", "Write transactions committed", s.writes);
    put_one(b, "dinh_db_batches_total", "counter", "Group commits", s.batches);
    put_one(b, "dinh_db_reads_total", "counter", "Read snapshots", s.reads);
    put_one(b, "dinh_db_statements_total", "counter", "Statements run", s.statements);
    put_one(b, "dinh_db_writer_queue", "gauge", "Writes waiting for the writer", s.queue);
    put_one(b, "dinh_db_slowest_commit_microseconds", "gauge", "Slowest group commit so far",
            s.slowest_commit_us);
}

/* The keeper, the openers and whatever else runs beside the node. */
static void put_children(struct buf *b)
{
    static const struct {
        const char *name, *help;
        size_t at;
    } figures[] = {
        {"requests", "Requests to children", offsetof(struct child_stats, asked)},
        {"messages", "Messages these took", offsetof(struct child_stats, messages)},
        {"starts", "Starts of children, the first ones too", offsetof(struct child_stats, starts)},
        {"lost", "Children that ended unasked", offsetof(struct child_stats, lost)},
    };
    struct child_stats all[CHILDREN_MAX];
    size_t n = child_stats(all, ARRAY_LEN(all));
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        buf_printf(b, "# HELP dinh_child_%s_total %s\n# TYPE dinh_child_%s_total counter\n",
                   figures[i].name, figures[i].help, figures[i].name);
        for (size_t k = 0; k < n; k++) {
            int64_t value;
            memcpy(&value, (const char *)&all[k] + figures[i].at, sizeof value);
            buf_printf(b, "dinh_child_%s_total{child=\"%s\"} %" PRId64 "\n", figures[i].name,
                       all[k].name, value);
        }
    }
}

/* What came to the doors, what was refused before anybody looked, what they hold. */
static void put_doors(struct buf *b)
{
    static const struct {
        const char *name, *kind, *help, *labels;
        size_t at;
    } figures[] = {
#define AT(member) offsetof(struct http_stats, member)
        {"requests_total", "counter", "Requests whose line came in", "", AT(requests)},
        {"connections", "gauge", "Connections now", "", AT(connections_now)},
        {"refused_total", "counter", "Refused before anybody looked, by why", ",why=\"framing\"",
         AT(refused_framing)},
        {"refused_total", NULL, NULL, ",why=\"slow\"", AT(refused_slow)},
        {"refused_total", NULL, NULL, ",why=\"room\"", AT(refused_room)},
        {"bytes_total", "counter", "Bytes of bodies and answers", ",way=\"in\"", AT(bytes_in)},
        {"bytes_total", NULL, NULL, ",way=\"out\"", AT(bytes_out)},
        {"waiting_bytes", "gauge", "Answers in memory, bodies on the disk, on their way",
         ",of=\"answers\"", AT(held)},
        {"waiting_bytes", NULL, NULL, ",of=\"bodies\"", AT(spooled)},
#undef AT
    };
    struct http_stats all[HTTP_SERVERS_MAX];
    size_t n = http_all_stats(all, ARRAY_LEN(all));
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        if (figures[i].kind)
            buf_printf(b, "# HELP dinh_door_%s %s\n# TYPE dinh_door_%s %s\n", figures[i].name,
                       figures[i].help, figures[i].name, figures[i].kind);
        for (size_t k = 0; k < n; k++) {
            int64_t value;
            memcpy(&value, (const char *)&all[k] + figures[i].at, sizeof value);
            buf_printf(b, "dinh_door_%s{door=\"%s\"%s} %" PRId64 "\n", figures[i].name, all[k].name,
                       figures[i].labels, value);
        }
    }
}

void web_metrics(struct buf *b, const struct web *w)
{
    put_head(b, "dinh_http_requests_total", "counter", "Requests by route and status");
    for (size_t i = 0; i < w->n_routes; i++)
        put_statuses(b, w->routes[i]);
    put_statuses(b, &w->other);
    put_head(b, "dinh_http_request_seconds", "histogram", "Time from whole request to reply");
    for (size_t i = 0; i < w->n_routes; i++) {
        if (seen(w->routes[i]) > 0)
            put_times(b, w->routes[i]);
    }
    put_waiting(b, w);
    put_db(b, w);
    put_children(b);
    put_doors(b);
}

void web_metrics_alerts(struct buf *b, const struct web_alerts *a)
{
    put_head(b, "dinh_trail_alerts", "gauge",
             "Contradictions of a trail that nobody has answered yet, by whose trail");
    buf_printf(b, "dinh_trail_alerts{of=\"own\"} %" PRId64 "\n", a->own);
    buf_printf(b, "dinh_trail_alerts{of=\"peer\"} %" PRId64 "\n", a->open - a->own);
}

void web_metrics_sealing(struct buf *b, const struct web_sealing *s)
{
    put_one(b, "dinh_root_keys_older", "gauge", "Root keys before the newest that still open",
            s->older_keys);
    put_one(b, "dinh_reseal_columns", "gauge", "Columns that a root key may seal", s->columns);
    put_one(b, "dinh_reseal_columns_done", "gauge", "Of them looked through under the newest",
            s->done);
    put_one(b, "dinh_reseal_fields", "gauge", "Fields sealed anew under the newest", s->anew);
    put_one(b, "dinh_reseal_stands", "gauge", "Fields that stay under an older one", s->stands);
}
