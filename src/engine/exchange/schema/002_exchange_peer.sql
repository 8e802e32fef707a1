-- SPDX-License-Identifier: Apache-2.0
-- What this node remembers of each peer as its witness.
CREATE TABLE exchange_peer (
    name TEXT NOT NULL, -- name of the peer's node, plain
    seal_seq BIGINT NOT NULL, -- newest seal of ours that it took, 0: none; plain
    tried_us BIGINT NOT NULL, -- last handed over at, microseconds UTC; plain
    heard_us BIGINT NOT NULL, -- last answered at, microseconds UTC, 0: never; plain
    problem TEXT NOT NULL, -- name of the last error, empty when none; plain
    CONSTRAINT exchange_peer_pk PRIMARY KEY (name)
);
