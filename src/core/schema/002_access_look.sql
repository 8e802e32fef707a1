-- SPDX-License-Identifier: Apache-2.0
-- Equal looks of one reader on one day are shown as one: a flood doesn't bury an earlier look.
ALTER TABLE core_access
    ADD COLUMN look TEXT NOT NULL DEFAULT ''; -- keyed token of reader, why, what and day; plain
UPDATE core_access SET look = id;
DROP INDEX core_access_person;
CREATE INDEX core_access_look ON core_access (person, look, id);
