-- SPDX-License-Identifier: Apache-2.0
-- What the registry engine keeps about its registers. The typed table of each register,
-- registry_r_NAME, is made from its definition (registry_table.c).
CREATE TABLE registry_column (
    register TEXT NOT NULL, -- register's name, plain
    name TEXT NOT NULL, -- column of registry_r_NAME that exists, plain
    added_us BIGINT NOT NULL, -- when it was added, microseconds UTC, plain
    CONSTRAINT registry_column_pk PRIMARY KEY (register, name)
);
CREATE TABLE registry_word (
    register TEXT NOT NULL, -- register's name, plain
    token TEXT NOT NULL, -- keyed token of one folded word of a name field, plain
    record TEXT NOT NULL, -- record id, plain
    CONSTRAINT registry_word_pk PRIMARY KEY (register, token, record)
);
CREATE INDEX registry_word_record ON registry_word (register, record);
