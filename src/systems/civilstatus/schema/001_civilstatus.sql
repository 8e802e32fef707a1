-- SPDX-License-Identifier: Apache-2.0
-- Where each entry of the birth book stands; who it is about is in the register (registry_r_
-- civil_status_birth), sealed.
CREATE TABLE civilstatus_entry (
    unit TEXT NOT NULL, -- agency code of the commune that registered, plain
    year BIGINT NOT NULL, -- year of the entry, Viet Nam's calendar, plain
    number BIGINT NOT NULL, -- số, from 1 within unit and year, plain
    book TEXT NOT NULL, -- quyển số, "01/2020", plain
    page BIGINT NOT NULL, -- trang số within the book, plain
    dossier TEXT NOT NULL, -- code of the case, plain
    record TEXT NOT NULL, -- id of the register's record, plain
    revoked BIGINT NOT NULL, -- 1: the entry was revoked, it and its number stay, plain
    at_us BIGINT NOT NULL, -- when it was entered, microseconds UTC, plain
    CONSTRAINT civilstatus_entry_pk PRIMARY KEY (unit, year, number),
    CONSTRAINT civilstatus_entry_record UNIQUE (record),
    CONSTRAINT civilstatus_entry_revoked CHECK (revoked IN (0, 1))
);
CREATE UNIQUE INDEX civilstatus_entry_dossier ON civilstatus_entry (dossier) WHERE revoked = 0;
