/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The country's catalogues behind the KIND_CODE fields of shapes and forms: names, choices in order
 * and in force on the day, and what a typed name means, with marks or without. Administrative units
 * are named by their full place ("Phường Thuận Thành, Thành phố Huế, Tỉnh Thừa Thiên Huế"); they
 * are too many to be offered or searched here.
 */
#ifndef DINH_CORE_CHOICES_H
#define DINH_CORE_CHOICES_H

#include "web/shape.h"

void choices_use_country(void); /* once at start; looks at c->node->country in each call */

#endif
