-- SPDX-License-Identifier: Apache-2.0
-- A case with its history, facts and papers is sealed under a key of its own (core/subject.h).
-- Those of before are sealed anew by the job casework.reseal.
ALTER TABLE casework_case
    ADD COLUMN subject BIGINT NOT NULL DEFAULT 0; -- core_subject.number, 0: a column's key, plain
CREATE INDEX casework_case_reseal ON casework_case (id) WHERE subject = 0;
