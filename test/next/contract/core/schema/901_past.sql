-- SPDX-License-Identifier: Apache-2.0
-- contract: what the program after the next one takes away, once nobody may go back.
DROP INDEX core_outbox_next;
ALTER TABLE core_outbox DROP COLUMN next_round;
DROP TABLE core_next;
