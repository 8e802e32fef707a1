-- SPDX-License-Identifier: Apache-2.0
-- Which root key this database was begun with: another one would read none of what is sealed, and
-- what it sealed and named by tokens would stand beside the rest as if it were others'.
CREATE TABLE core_key (
    name TEXT NOT NULL, -- of the key: root; plain
    token TEXT NOT NULL, -- keyed hash that only this key gives, 64 hex; plain
    CONSTRAINT core_key_pk PRIMARY KEY (name)
);
