/* SPDX-License-Identifier: Apache-2.0 */
/* What has been kept long enough: found by the node, proposed by one official, approved by another,
   destroyed by the node after a waiting time. Terms and holds are core/retention.h. */
#ifndef DINH_SYSTEMS_RETENTION_H
#define DINH_SYSTEMS_RETENTION_H

#include "core/module.h"

extern const struct module retention_module;

/* By a decision (a court's, or the person's own request), before its time: a list of one, looked
   at, proposed and approved as any other. Write transaction. ERR_RETENTION_KEEP: the law keeps it
   for ever; ERR_NOT_FOUND; ERR_RETENTION_LISTED: it is on a list already; ERR_RETENTION_USED: a
   dossier that is still handled. */
MUST_CHECK enum err retention_order(struct ctx *c, const char *of, const char *object,
                                    const char *law, const char *words, const char **ret_id);

#endif
