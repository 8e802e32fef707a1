-- SPDX-License-Identifier: Apache-2.0
-- What must not be destroyed while somebody with a right to it needs it: an investigation, a suit,
-- an inspection. On one subject, or on all that is kept of a person.
CREATE TABLE core_hold (
    id TEXT NOT NULL, -- sortable id, plain
    number BIGINT NOT NULL, -- the subject, 0: of a person, plain
    class TEXT NOT NULL, -- the subject's class, '' of a person, plain
    object TEXT NOT NULL, -- the subject's object, '' of a person, plain
    person TEXT NOT NULL, -- keyed token of the person, '' of one subject, plain
    account TEXT NOT NULL, -- who placed it, plain
    placed_us BIGINT NOT NULL, -- when, microseconds UTC, plain
    releaser TEXT NOT NULL, -- account that lifted it, '' while it holds, plain
    released_us BIGINT NOT NULL, -- when, microseconds UTC, 0 while it holds, plain
    placed BLOB NOT NULL, -- who, about whom, law, document and words, JSON, sealed, personal
    released BLOB NOT NULL, -- who and in which words, JSON, sealed, personal
    CONSTRAINT core_hold_pk PRIMARY KEY (id)
);
CREATE INDEX core_hold_number ON core_hold (number) WHERE released_us = 0;
CREATE INDEX core_hold_person ON core_hold (person) WHERE released_us = 0;
