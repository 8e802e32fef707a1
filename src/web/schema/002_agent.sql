-- SPDX-License-Identifier: Apache-2.0
-- So that people tell their own sessions apart.
ALTER TABLE web_session
    ADD COLUMN agent TEXT NOT NULL DEFAULT ''; -- User-Agent at sign-in, 200 characters; plain
