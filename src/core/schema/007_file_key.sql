-- SPDX-License-Identifier: Apache-2.0
-- A file's content has a random key, sealed under whose file it is: the draft's, later the
-- dossier's. Those of before lie by their hash under the node's key.
ALTER TABLE core_file
    ADD COLUMN subject BIGINT NOT NULL DEFAULT 0; -- core_subject.number, 0: of before; plain
ALTER TABLE core_file
    ADD COLUMN key BLOB; -- key of the content, sealed, NULL: of before; secret
ALTER TABLE core_file
    ADD COLUMN content TEXT NOT NULL DEFAULT ''; -- name under files/, '': its sha256; plain
CREATE INDEX core_file_subject ON core_file (subject);
CREATE INDEX core_file_content ON core_file (content);
CREATE INDEX core_file_sha256 ON core_file (sha256);
