/* SPDX-License-Identifier: Apache-2.0 */
/* A record of the trail and its canonical form; only the audit*.c files and their tests include
   this. docs/audit-format.md is the authority. */
#ifndef DINH_CORE_AUDIT_INSIDE_H
#define DINH_CORE_AUDIT_INSIDE_H

#include "core/audit.h"
#include "crypto/hash.h"

#define AUDIT_NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define AUDIT_ACCESS  "core.access" /* action of the record that a line of access leaves */

struct audit_record {
    int64_t seq, at_us;
    const char *actor, *account, *person, *unit, *role, *action, *kind, *object, *matter, *request,
        *detail;
    const char *prev, *hash; /* 64 hex */
};
/* One line a field, "name:length:value"; first is the line that begins it, with its line feed. */
struct audit_field {
    const char *name, *value;
    size_t value_len;
};
struct bytes audit_join(struct arena *a, const char *first, const struct audit_field *f, size_t n);
/* The bytes that are hashed after prev. */
struct bytes audit_canonical(struct arena *a, const struct audit_record *r);
/* SHA-256(prev || canonical) in hex; NULL when prev isn't 64 hex digits. */
const char *audit_hash(struct arena *a, const struct audit_record *r);
/* What a seal's signature covers. */
/* Does c's time lie within the node's signing certificate? Outside it no seal and no head is made:
   whoever verifies would have to call them wrong for good. Acts go on; the next one covers them. */
bool audit_may_seal(const struct ctx *c);
struct bytes audit_seal_text(struct arena *a, const struct audit_seal *s);
bool audit_seal_signed(struct arena *a, const struct audit_seal *s, struct bytes public_point);
/* By a key of p's that stood at its time? */
bool audit_seal_by(struct arena *a, const struct audit_seal *s, const struct node_peer *p);
/* Signed by the peer it names, as the federation file knows it? */
bool audit_seal_of_peer(struct ctx *c, const struct audit_seal *s);
/* Seals of the peer up to this record aren't kept or judged any more: they, or others for the same
   records, spoke of a past before the accepted one (core/tree.h), whose heads speak alone so far.
   0: all are. */
MUST_CHECK enum err audit_seals_after(struct ctx *c, const char *peer, int64_t *ret_seq);
/* Our authority's, with our number? The time is the caller's to compare. */
bool audit_cert_ours(struct ctx *c, const struct cert *x);
/* The certificate that signs now, kept in core_cert for those who check later; its SHA-256 hex. */
enum err audit_keep_cert(struct ctx *c, const char **ret_fingerprint);
const struct node_peer *audit_peer(const struct node *n, const char *name); /* NULL: none */
const char *audit_actor_name(enum actor_kind kind);
/* The seal in the row's first columns: node (or peer), seq, hash, at_us, signature. */
struct audit_seal audit_seal_row(const struct db_row *r);

/* Reads one page; *ret_more: it was full. */
typedef enum err (*audit_page_fn)(struct ctx *c, void *arg, bool *ret_more);
/* Page after page, each in memory of its own: a trail may be longer than any arena. The faults of
   the page that failed outlive it. */
enum err audit_pages(struct ctx *c, audit_page_fn page, void *arg);

#endif
