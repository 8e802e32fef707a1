/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The insurance database (S12, QĐ 1351/QĐ-BHXH 2015): issues the health card of a child under six.
 * Reached by its service only, on this node as over the exchange: insurance.issue, see README.md.
 */
#ifndef DINH_SYSTEMS_INSURANCE_H
#define DINH_SYSTEMS_INSURANCE_H

#include "core/module.h"

extern const struct module insurance_module;

#endif
