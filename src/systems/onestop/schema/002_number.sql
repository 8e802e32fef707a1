-- SPDX-License-Identifier: Apache-2.0
-- Each form has a series of its own in its unit and year (TT 01/2018/TT-VPCP: "Số: .../BPTNTKQ").
ALTER TABLE onestop_paper
    ADD COLUMN unit TEXT NOT NULL DEFAULT ''; -- agency whose series the number is of, plain
ALTER TABLE onestop_paper
    ADD COLUMN year BIGINT NOT NULL DEFAULT 0; -- calendar year of the series, plain
ALTER TABLE onestop_paper
    ADD COLUMN number BIGINT NOT NULL DEFAULT 0; -- running number in the series, 0 = none, plain
CREATE UNIQUE INDEX onestop_paper_number ON onestop_paper (kind, unit, year, number)
    WHERE number > 0;
