-- SPDX-License-Identifier: Apache-2.0
-- expand: a pushed request leads to one code, however often its sealed address is walked.
CREATE TABLE identity_walk (
    hash TEXT NOT NULL, -- SHA-256 of the pushed request's name, hex, plain
    until_us BIGINT NOT NULL, -- its sealed address holds until then at most, us UTC, plain
    CONSTRAINT identity_walk_pk PRIMARY KEY (hash)
);
CREATE INDEX identity_walk_until ON identity_walk (until_us);
