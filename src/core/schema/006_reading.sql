-- SPDX-License-Identifier: Apache-2.0
-- How much an official reads is counted by look-ups of rows, never over all lines.
CREATE TABLE core_reading (
    account TEXT NOT NULL, -- the official's account, plain
    kind TEXT NOT NULL, -- hour, day, places or searches, plain
    span BIGINT NOT NULL, -- number of the hour, day or minute since 1970 that is counted, plain
    n BIGINT NOT NULL, -- so far in it, plain
    usual BIGINT NOT NULL, -- hundredths, running mean of the spans before it, plain
    CONSTRAINT core_reading_pk PRIMARY KEY (account, kind)
);
CREATE TABLE core_reading_seen (
    account TEXT NOT NULL, -- the official's account, plain
    kind TEXT NOT NULL, -- hour, day or places, plain
    what TEXT NOT NULL, -- keyed token of the record or place, plain
    span BIGINT NOT NULL, -- the last hour or day it was counted in, plain
    CONSTRAINT core_reading_seen_pk PRIMARY KEY (account, kind, what)
);
CREATE INDEX core_reading_seen_old ON core_reading_seen (kind, span);
-- Somebody read more than is usual: a supervisor looks at it and says what it was.
CREATE TABLE core_reading_alert (
    id TEXT NOT NULL, -- sortable id, plain
    account TEXT NOT NULL, -- the official's account, plain
    unit TEXT NOT NULL, -- agency code acted for, plain
    role TEXT NOT NULL, -- role acted in, plain
    kind TEXT NOT NULL, -- hour, day, places or searches, plain
    span BIGINT NOT NULL, -- number of the hour, day or minute since 1970, plain
    level BIGINT NOT NULL, -- 1 warned, 2 stopped, plain
    n BIGINT NOT NULL, -- how many when it was told last, plain
    most BIGINT NOT NULL, -- the limit that was reached, plain
    usual BIGINT NOT NULL, -- hundredths, running mean of the spans before it, plain
    at_us BIGINT NOT NULL, -- told last at, microseconds UTC, plain
    reader BLOB NOT NULL, -- name of the official, sealed, personal
    resolver TEXT NOT NULL, -- account that resolved it, empty while open, plain
    resolved_us BIGINT NOT NULL, -- resolved at, microseconds UTC, 0 while open, plain
    words BLOB NOT NULL, -- what the resolver wrote, sealed, personal
    CONSTRAINT core_reading_alert_pk PRIMARY KEY (id),
    CONSTRAINT core_reading_alert_once UNIQUE (account, kind, span)
);
CREATE INDEX core_reading_alert_open ON core_reading_alert (resolved_us, id);
-- What an official may only do when a second one allows it: emergency access, an export, telling
-- the person later.
CREATE TABLE core_permit (
    id TEXT NOT NULL, -- sortable id, plain
    kind TEXT NOT NULL, -- emergency, delay or export, plain
    state TEXT NOT NULL, -- asked, given or refused, plain
    account TEXT NOT NULL, -- who asks, plain
    unit TEXT NOT NULL, -- agency code acted for, plain
    role TEXT NOT NULL, -- role acted in, plain
    target TEXT NOT NULL, -- keyed token of the person, or what is exported, plain
    asked_us BIGINT NOT NULL, -- asked at, microseconds UTC, plain
    until_us BIGINT NOT NULL, -- it holds until, microseconds UTC, 0 before it is given, plain
    tell_us BIGINT NOT NULL, -- the person is told from then on, microseconds UTC, 0 at once, plain
    decider TEXT NOT NULL, -- account that allowed or refused it, empty before, plain
    decided_us BIGINT NOT NULL, -- when, microseconds UTC, 0 before, plain
    reviewer TEXT NOT NULL, -- account that looked at it afterwards, empty before, plain
    reviewed_us BIGINT NOT NULL, -- when, microseconds UTC, 0 before, plain
    proper BIGINT NOT NULL, -- 1 when the reviewer found it proper, plain
    asked BLOB NOT NULL, -- who, about whom, why, basis and document, JSON, sealed, personal
    decided BLOB NOT NULL, -- who and in which words, JSON, sealed, personal
    reviewed BLOB NOT NULL, -- who and in which words, JSON, sealed, personal
    CONSTRAINT core_permit_pk PRIMARY KEY (id)
);
CREATE INDEX core_permit_account ON core_permit (account, kind, target);
CREATE INDEX core_permit_unit ON core_permit (unit, id);
-- A line that the person is told of later, by a permit: the time is bound into the sealed line.
ALTER TABLE core_access
    ADD COLUMN shown_us BIGINT NOT NULL DEFAULT 0; -- shown from then on, microseconds UTC, plain
