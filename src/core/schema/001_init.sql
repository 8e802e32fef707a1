-- SPDX-License-Identifier: Apache-2.0
-- Every change, in a chain; docs/audit-format.md is the format that outsiders check.
CREATE TABLE core_audit (
    seq BIGINT NOT NULL, -- 1, 2, 3 ... without gaps; plain
    at_us BIGINT NOT NULL, -- when, microseconds UTC; plain
    actor TEXT NOT NULL, -- who acted: nobody, citizen, official, system, agency; plain
    account TEXT NOT NULL, -- account id on this node, or module of a system actor; plain
    person TEXT NOT NULL, -- keyed token of the actor's personal number, '' when none; plain
    unit TEXT NOT NULL, -- agency code acted for; plain
    role TEXT NOT NULL, -- role code acted in; plain
    action TEXT NOT NULL, -- what was done, module.verb; plain
    kind TEXT NOT NULL, -- of the object; plain
    object TEXT NOT NULL, -- id or code of the object; plain
    matter TEXT NOT NULL, -- case the act belongs to, '' when none; plain
    request TEXT NOT NULL, -- request id, 26 characters; plain
    detail TEXT NOT NULL, -- JSON of what changed, no personal data in clear; plain
    prev TEXT NOT NULL, -- hash of the record before, 64 hex; zeros for the first; plain
    hash TEXT NOT NULL, -- SHA-256 of prev and the canonical record, 64 hex; plain
    CONSTRAINT core_audit_pk PRIMARY KEY (seq)
);
CREATE INDEX core_audit_object ON core_audit (kind, object, seq);

-- Heads of the chain signed by this node.
CREATE TABLE core_seal (
    seq BIGINT NOT NULL, -- record that was the head; plain
    hash TEXT NOT NULL, -- its hash, 64 hex; plain
    node TEXT NOT NULL, -- name of the node that signed; plain
    at_us BIGINT NOT NULL, -- when signed, microseconds UTC; plain
    signature TEXT NOT NULL, -- ECDSA P-256 r and s, 64 bytes in base64url; plain
    cert TEXT NOT NULL, -- SHA-256 hex of the signing certificate, in core_cert; plain
    CONSTRAINT core_seal_pk PRIMARY KEY (seq)
);

-- Certificates that seals name.
CREATE TABLE core_cert (
    fingerprint TEXT NOT NULL, -- SHA-256 hex of the DER; plain
    pem TEXT NOT NULL, -- the X.509 certificate in PEM; plain
    CONSTRAINT core_cert_pk PRIMARY KEY (fingerprint)
);

-- Seals of other nodes, kept for them: their cut or forked chain is seen from here.
CREATE TABLE core_witness (
    peer TEXT NOT NULL, -- name of the node that signed; plain
    seq BIGINT NOT NULL, -- record that was its head; plain
    hash TEXT NOT NULL, -- the record's hash, 64 hex; plain
    at_us BIGINT NOT NULL, -- when signed, microseconds UTC by the peer's clock; plain
    signature TEXT NOT NULL, -- ECDSA P-256 r and s, 64 bytes in base64url; plain
    received_us BIGINT NOT NULL, -- when it came here, microseconds UTC; plain
    CONSTRAINT core_witness_pk PRIMARY KEY (peer, seq)
);

-- Reads of personal data, one line each, for the person read about.
CREATE TABLE core_access (
    id TEXT NOT NULL, -- sortable id, 26 characters; plain
    person TEXT NOT NULL, -- keyed token of the personal number read about; plain
    at_us BIGINT NOT NULL, -- when, microseconds UTC; plain
    line BLOB NOT NULL, -- who read what and why, sealed JSON; personal
    CONSTRAINT core_access_pk PRIMARY KEY (id)
);
CREATE INDEX core_access_person ON core_access (person, id);

CREATE TABLE core_counter (
    name TEXT NOT NULL, -- what is counted; plain
    scope TEXT NOT NULL, -- unit, day or book it is counted in; plain
    value BIGINT NOT NULL, -- the last number given; plain
    CONSTRAINT core_counter_pk PRIMARY KEY (name, scope)
);

-- Effects that leave the node after commit.
CREATE TABLE core_outbox (
    id TEXT NOT NULL, -- message id and idempotency key, sortable; plain
    channel TEXT NOT NULL, -- who sends it: exchange; plain
    client TEXT NOT NULL, -- agency in whose name it leaves; plain
    dest TEXT NOT NULL, -- agency it goes to; plain
    what TEXT NOT NULL, -- service code; plain
    matter TEXT NOT NULL, -- case it belongs to, '' when none; plain
    purpose TEXT NOT NULL, -- why personal data travels, '' when none does; plain
    order_key TEXT NOT NULL, -- items of one key leave one after another; '' = none; plain
    body BLOB NOT NULL, -- what is sent, sealed; personal
    state BIGINT NOT NULL, -- 0 waiting, 1 done, 2 refused, 3 dead; plain
    attempts BIGINT NOT NULL, -- tries so far, since the last resend; plain
    next_try_us BIGINT NOT NULL, -- not before, microseconds UTC; plain
    created_us BIGINT NOT NULL, -- when it was put, microseconds UTC; plain
    since_us BIGINT NOT NULL, -- start of the seven days: put or resent, microseconds UTC; plain
    status BIGINT NOT NULL, -- status of the answer, 0 before; plain
    last_error TEXT NOT NULL, -- name of the last error, '' when none; plain
    CONSTRAINT core_outbox_pk PRIMARY KEY (id),
    CONSTRAINT core_outbox_state_ck CHECK (state IN (0, 1, 2, 3))
);
CREATE INDEX core_outbox_due ON core_outbox (state, next_try_us, id);
CREATE INDEX core_outbox_order ON core_outbox (order_key, id) WHERE state IN (0, 3);

-- Attachments; the content lies sealed in the files folder.
CREATE TABLE core_file (
    id TEXT NOT NULL, -- 26 characters; plain
    name BLOB NOT NULL, -- name given by the sender, sealed; personal
    type TEXT NOT NULL, -- media type told by the content; plain
    sha256 TEXT NOT NULL, -- of the content after cleaning, 64 hex; plain
    bytes BIGINT NOT NULL, -- length of the content, bytes; plain
    owner TEXT NOT NULL, -- account id or keyed token of a person; plain
    added_us BIGINT NOT NULL, -- when, microseconds UTC; plain
    CONSTRAINT core_file_pk PRIMARY KEY (id)
);

CREATE TABLE core_setting (
    name TEXT NOT NULL, -- declared by a module, module.name; plain
    value TEXT NOT NULL, -- in the declared unit; plain
    changed_us BIGINT NOT NULL, -- when, microseconds UTC; plain
    CONSTRAINT core_setting_pk PRIMARY KEY (name)
);

-- Words that objects are found by, without marks and case.
CREATE TABLE core_search (
    module TEXT NOT NULL, -- whose objects; plain
    object TEXT NOT NULL, -- id or code of the object; plain
    word TEXT NOT NULL, -- a folded word, or ~ and the keyed token of a personal one; plain
    unit TEXT NOT NULL, -- agency code the object belongs to; plain
    owner TEXT NOT NULL, -- keyed token of the person it belongs to, '' when none; plain
    CONSTRAINT core_search_pk PRIMARY KEY (module, word, object)
);
CREATE INDEX core_search_object ON core_search (module, object);
