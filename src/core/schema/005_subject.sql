-- SPDX-License-Identifier: Apache-2.0
-- Whose data is sealed under a key of its own: what is thrown away together has one key, a subject
-- (docs/adr/0008). The keys aren't here: they follow from number by keys/subjects.key.
CREATE TABLE core_subject (
    number BIGINT NOT NULL, -- names its key, class * 2^32 + serial; plain
    class TEXT NOT NULL, -- case, draft, account, record, looks, message; plain
    object TEXT NOT NULL, -- dossier code, account id, record ...; plain
    kind TEXT NOT NULL, -- what its retention goes by: procedure, register, service; plain
    person TEXT NOT NULL, -- keyed token of the person it is about, '' while unknown; plain
    made_us BIGINT NOT NULL, -- when, microseconds UTC; plain
    clock_us BIGINT NOT NULL, -- retention counts from, microseconds UTC, 0 while in use; plain
    destroyed_us BIGINT NOT NULL, -- when its end was decided, microseconds UTC, 0: lives; plain
    shredded_us BIGINT NOT NULL, -- when the key was gone from this node, 0: not yet; plain
    CONSTRAINT core_subject_pk PRIMARY KEY (number),
    CONSTRAINT core_subject_object UNIQUE (class, object)
);
CREATE INDEX core_subject_person ON core_subject (person, number);
CREATE INDEX core_subject_clock ON core_subject (class, kind, clock_us, number)
    WHERE clock_us > 0 AND destroyed_us = 0;
CREATE INDEX core_subject_shred ON core_subject (shredded_us, number) WHERE destroyed_us > 0;
