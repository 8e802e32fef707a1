-- SPDX-License-Identifier: Apache-2.0
-- The answer to a request for supplement is a draft as a first filing is.
ALTER TABLE portal_draft
    ADD COLUMN supplements TEXT NOT NULL DEFAULT ''; -- dossier it adds to, empty: a new one, plain
CREATE INDEX portal_draft_supplements ON portal_draft (supplements, owner);
