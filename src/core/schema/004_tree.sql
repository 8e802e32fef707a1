-- SPDX-License-Identifier: Apache-2.0
-- The Merkle tree over the audit chain; docs/audit-format.md tells its bytes.
-- Its full subtrees of 256, 256 * 256 ... records, so that a head or a proof reads few rows.
CREATE TABLE core_tree (
    level BIGINT NOT NULL, -- 1: of 256 records, 2: of 65536 ...; plain
    position BIGINT NOT NULL, -- 0, 1, 2 ... from the left; plain
    hash TEXT NOT NULL, -- of the subtree, 64 hex; plain
    CONSTRAINT core_tree_pk PRIMARY KEY (level, position)
);

-- Heads of the tree signed by this node.
CREATE TABLE core_tree_head (
    size BIGINT NOT NULL, -- records it covers, from the first; plain
    root TEXT NOT NULL, -- hash of the tree over them, 64 hex; plain
    node TEXT NOT NULL, -- name of the node that signed; plain
    at_us BIGINT NOT NULL, -- when signed, microseconds UTC; plain
    signing_key TEXT NOT NULL, -- thumbprint of the signing key, RFC 7638; plain
    signature TEXT NOT NULL, -- ECDSA P-256 r and s, 64 bytes in base64url; plain
    cert TEXT NOT NULL, -- SHA-256 hex of the signing certificate, in core_cert; plain
    CONSTRAINT core_tree_head_pk PRIMARY KEY (size)
);

-- Heads of other nodes, each shown to go on from the one before.
CREATE TABLE core_tree_held (
    peer TEXT NOT NULL, -- name of the node that signed; plain
    size BIGINT NOT NULL, -- records it covers; plain
    root TEXT NOT NULL, -- hash of the tree over them, 64 hex; plain
    at_us BIGINT NOT NULL, -- when signed, microseconds UTC by the peer's clock; plain
    signing_key TEXT NOT NULL, -- thumbprint of the peer's key, RFC 7638; plain
    signature TEXT NOT NULL, -- ECDSA P-256 r and s, 64 bytes in base64url; plain
    received_us BIGINT NOT NULL, -- when it came here, microseconds UTC; plain
    CONSTRAINT core_tree_held_pk PRIMARY KEY (peer, size)
);

-- Evidence: two signed heads of one node that don't belong to one trail.
CREATE TABLE core_tree_alert (
    node TEXT NOT NULL, -- whose trail; plain
    witness TEXT NOT NULL, -- node that held the first head; plain
    kind TEXT NOT NULL, -- fork, rolled_back, unproved; plain
    held_size BIGINT NOT NULL, -- of the head held before; plain
    held_root TEXT NOT NULL, -- its root, 64 hex; plain
    held_at_us BIGINT NOT NULL, -- when signed, microseconds UTC; plain
    held_key TEXT NOT NULL, -- thumbprint of the signing key; plain
    held_signature TEXT NOT NULL, -- 64 bytes in base64url; plain
    size BIGINT NOT NULL, -- of the head shown instead, 0: none; plain
    root TEXT NOT NULL, -- its root, 64 hex; plain
    at_us BIGINT NOT NULL, -- when signed, microseconds UTC; plain
    signing_key TEXT NOT NULL, -- thumbprint of the signing key; plain
    signature TEXT NOT NULL, -- 64 bytes in base64url; plain
    first_us BIGINT NOT NULL, -- first seen, microseconds UTC; plain
    last_us BIGINT NOT NULL, -- last seen, microseconds UTC; plain
    times BIGINT NOT NULL, -- how often; plain
    CONSTRAINT core_tree_alert_pk PRIMARY KEY (node, witness, kind, held_size, held_root)
);
