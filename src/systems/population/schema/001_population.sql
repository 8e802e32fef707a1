-- SPDX-License-Identifier: Apache-2.0
-- Personal numbers given: once for a dossier, and never again to anybody else, whatever becomes of
-- the record.
CREATE TABLE population_assignment (
    client TEXT NOT NULL, -- agency code that asked, plain
    dossier TEXT NOT NULL, -- its dossier's code, plain
    number TEXT NOT NULL, -- keyed token of the personal number, plain
    record TEXT NOT NULL, -- id of the register's record, plain
    at_us BIGINT NOT NULL, -- when it was given, microseconds UTC, plain
    CONSTRAINT population_assignment_pk PRIMARY KEY (client, dossier),
    CONSTRAINT population_assignment_number UNIQUE (number)
);
