/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public-service portal (S11, S13): one address to find, file, follow, receive and rate any
 * service; what the state knows is filled in by itself. Runs on the national node and on each
 * province's: dossiers are filed where the receiving commune is carried. Law: NĐ 61/2018/NĐ-CP
 * (one-stop, art. 31 rating), NĐ 45/2020/NĐ-CP (online procedures), TT 18/2019/TT-BTTTT (national
 * portal), TT 22/2019/TT-BTTTT (criteria of portals), NĐ 13/2023/NĐ-CP (own data).
 */
#ifndef DINH_SYSTEMS_PORTAL_H
#define DINH_SYSTEMS_PORTAL_H

#include "core/module.h"

extern const struct module portal_module;

#endif
