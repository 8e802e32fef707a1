-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE portal_draft (
    id TEXT NOT NULL, -- sortable id, plain
    owner TEXT NOT NULL, -- token of the person who fills it in, plain
    procedure TEXT NOT NULL, -- national procedure code, plain
    version BIGINT NOT NULL, -- rises by one with each page saved, plain
    created_us BIGINT NOT NULL, -- begun at, microseconds UTC, plain
    saved_us BIGINT NOT NULL, -- last saved at, microseconds UTC, plain
    expires_us BIGINT NOT NULL, -- thrown away at, microseconds UTC, plain
    done TEXT NOT NULL, -- groups of the form that were gone through, blank-separated, plain
    unreachable BIGINT NOT NULL, -- 1 when the population register did not answer, plain
    code TEXT NOT NULL, -- dossier it became, empty while a draft, plain
    form BLOB NOT NULL, -- values so far, JSON, sealed, personal
    known BLOB NOT NULL, -- values as the register gave them, JSON, sealed, personal
    CONSTRAINT portal_draft_pk PRIMARY KEY (id)
);
CREATE INDEX portal_draft_owner ON portal_draft (owner, id);
CREATE INDEX portal_draft_expires ON portal_draft (expires_us);

-- What the national portal keeps of each dossier (TT 18/2019/TT-BTTTT: DongBoHoSoMC).
CREATE TABLE portal_dossier (
    code TEXT NOT NULL, -- dossier code, plain
    owner TEXT NOT NULL, -- token of the person it belongs to, plain
    procedure TEXT NOT NULL, -- national procedure code, plain
    procedure_name TEXT NOT NULL, -- its Vietnamese name, plain
    unit TEXT NOT NULL, -- agency code that handles it, plain
    unit_name TEXT NOT NULL, -- its name, plain
    version BIGINT NOT NULL, -- of the newest status, plain
    status BIGINT NOT NULL, -- national dossier status 1 to 10, plain
    filed_us BIGINT NOT NULL, -- filed at, microseconds UTC, plain
    due_us BIGINT NOT NULL, -- result due at, microseconds UTC, plain
    at_us BIGINT NOT NULL, -- of the newest status, microseconds UTC, plain
    CONSTRAINT portal_dossier_pk PRIMARY KEY (code)
);
CREATE INDEX portal_dossier_owner ON portal_dossier (owner, filed_us, code);
CREATE TABLE portal_dossier_event (
    code TEXT NOT NULL, -- the dossier, plain
    version BIGINT NOT NULL, -- of the dossier after the act, plain
    status BIGINT NOT NULL, -- national dossier status 1 to 10, plain
    label TEXT NOT NULL, -- the state in Vietnamese, plain
    label_en TEXT NOT NULL, -- the state in English, plain
    at_us BIGINT NOT NULL, -- when, microseconds UTC, plain
    reason BLOB NOT NULL, -- reason given, sealed, personal
    CONSTRAINT portal_dossier_event_pk PRIMARY KEY (code, version)
);

-- NĐ 61/2018/NĐ-CP art. 31, once a dossier.
CREATE TABLE portal_rating (
    code TEXT NOT NULL, -- the dossier, plain
    unit TEXT NOT NULL, -- agency that handled it, plain
    procedure TEXT NOT NULL, -- national procedure code, plain
    score BIGINT NOT NULL, -- sum of the criteria, plain
    answers TEXT NOT NULL, -- criterion and points, "a=2 b=1", plain
    comment BLOB NOT NULL, -- in the person's own words, sealed, personal
    at_us BIGINT NOT NULL, -- when, microseconds UTC, plain
    CONSTRAINT portal_rating_pk PRIMARY KEY (code)
);
