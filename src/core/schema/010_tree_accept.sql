-- SPDX-License-Identifier: Apache-2.0
-- expand: restored pasts of other nodes that an administrator here accepted; a program before them
-- goes on holding against such a node what it held before.
CREATE TABLE core_tree_accept (
    node TEXT NOT NULL, -- whose trail; plain
    number BIGINT NOT NULL, -- 1, 2 ... of that node; plain
    size BIGINT NOT NULL, -- of the head accepted; plain
    root TEXT NOT NULL, -- its root, 64 hex; plain
    above BIGINT NOT NULL, -- the last record that seals and heads held before spoke of; plain
    account TEXT NOT NULL, -- who accepted, an account of this node; plain
    reason TEXT NOT NULL, -- why, in words that name nobody; plain
    accepted_us BIGINT NOT NULL, -- when, microseconds UTC; plain
    CONSTRAINT core_tree_accept_pk PRIMARY KEY (node, number)
);

-- Heads of such a node from the accepted one on, each shown to go on from the one before; those of
-- before stay in core_tree_held.
CREATE TABLE core_tree_anew (
    peer TEXT NOT NULL, -- name of the node that signed; plain
    number BIGINT NOT NULL, -- since which acceptance; plain
    size BIGINT NOT NULL, -- records it covers; plain
    root TEXT NOT NULL, -- hash of the tree over them, 64 hex; plain
    at_us BIGINT NOT NULL, -- when signed, microseconds UTC by the peer's clock; plain
    signing_key TEXT NOT NULL, -- thumbprint of the peer's key, RFC 7638; plain
    signature TEXT NOT NULL, -- ECDSA P-256 r and s, 64 bytes in base64url; plain
    received_us BIGINT NOT NULL, -- when it came here, microseconds UTC; plain
    CONSTRAINT core_tree_anew_pk PRIMARY KEY (peer, number, size)
);

-- Alerts that are answered; one that is raised again after that is open again.
CREATE TABLE core_tree_settled (
    node TEXT NOT NULL, -- of an alert in core_tree_alert; plain
    witness TEXT NOT NULL, -- of that alert; plain
    kind TEXT NOT NULL, -- of that alert; plain
    held_size BIGINT NOT NULL, -- of that alert; plain
    held_root TEXT NOT NULL, -- of that alert; plain
    times BIGINT NOT NULL, -- how often it had been raised; plain
    number BIGINT NOT NULL, -- by which acceptance, 0: the witness holds a head of ours again; plain
    settled_us BIGINT NOT NULL, -- when, microseconds UTC; plain
    CONSTRAINT core_tree_settled_pk PRIMARY KEY (node, witness, kind, held_size, held_root, times)
);
