-- SPDX-License-Identifier: Apache-2.0
-- expand: a sign-in has a name that other nodes know it by, and may end from there.
ALTER TABLE web_session
    ADD COLUMN sid TEXT NOT NULL DEFAULT ''; -- that name, '' when nobody else knows it; plain
ALTER TABLE web_session
    ADD COLUMN ended_us BIGINT NOT NULL DEFAULT 0; -- ended from elsewhere, us UTC, 0 = not; plain
