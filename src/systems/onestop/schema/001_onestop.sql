-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE onestop_paper (
    code TEXT NOT NULL, -- dossier code, plain
    kind TEXT NOT NULL, -- paper owed: form_01, birth_certificate ..., plain
    asked_us BIGINT NOT NULL, -- owed since, microseconds UTC, plain
    actor_name BLOB NOT NULL, -- official who made it due, sealed, personal
    reason BLOB NOT NULL, -- reasons to print, sealed, personal
    made BIGINT NOT NULL, -- 1 when it lies with the case, plain
    CONSTRAINT onestop_paper_pk PRIMARY KEY (code, kind)
);
CREATE INDEX onestop_paper_due ON onestop_paper (made, asked_us);
CREATE TABLE onestop_book (
    unit TEXT NOT NULL, -- agency code, plain
    year BIGINT NOT NULL, -- calendar year, plain
    number BIGINT NOT NULL, -- running number in the book (form 06), plain
    code TEXT NOT NULL, -- dossier code, plain
    procedure TEXT NOT NULL, -- national procedure code, plain
    received_us BIGINT NOT NULL, -- entered at, microseconds UTC, plain
    due_us BIGINT NOT NULL, -- appointment given, microseconds UTC, plain
    returned_us BIGINT NOT NULL, -- result returned at, 0 = not yet, plain
    CONSTRAINT onestop_book_pk PRIMARY KEY (unit, year, number),
    CONSTRAINT onestop_book_code UNIQUE (code)
);
