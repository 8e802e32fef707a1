-- SPDX-License-Identifier: Apache-2.0
-- Health cards issued for other agencies' dossiers: one a dossier; whose card it is stands in the
-- register, sealed.
CREATE TABLE insurance_card (
    client TEXT NOT NULL, -- agency code that asked, plain
    dossier TEXT NOT NULL, -- its dossier's code, plain
    record TEXT NOT NULL, -- id of the register's record, plain
    unit TEXT NOT NULL, -- agency code of the office that issued it, plain
    day BIGINT NOT NULL, -- day of issue, days since 1970-01-01 in Viet Nam, plain
    at_us BIGINT NOT NULL, -- when it was issued, microseconds UTC, plain
    CONSTRAINT insurance_card_pk PRIMARY KEY (client, dossier),
    CONSTRAINT insurance_card_record UNIQUE (record)
);
CREATE INDEX insurance_card_day ON insurance_card (day, record);
