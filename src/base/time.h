/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time is int64 microseconds UTC; a civil day is an int of days since 1970-01-01. Viet Nam is
 * UTC+7 without summer time (Quyết định 134/2002/QĐ-TTg), so local time is a constant shift.
 */
#ifndef DINH_BASE_TIME_H
#define DINH_BASE_TIME_H

#include "base/ctx.h"

#define SECOND_US       INT64_C(1000000)
#define MINUTE_US       (60 * SECOND_US)
#define HOUR_US         (60 * MINUTE_US)
#define DAY_US          (24 * HOUR_US)
#define LOCAL_OFFSET_US (7 * HOUR_US)

struct civil {
    int year, month, day; /* 1-based month and day */
    int hour, minute, second;
};

int day_from_civil(int year, int month, int day); /* proleptic Gregorian; must be a real date */
bool date_is_real(int year, int month, int day);
struct civil civil_from_us(int64_t us, int64_t offset_us);
int64_t us_from_civil(struct civil t, int64_t offset_us);
int local_day(int64_t us);           /* the civil day in Viet Nam */
int64_t local_day_start_us(int day); /* 00:00 in Viet Nam */
int weekday(int day);                /* 0 Monday .. 6 Sunday */

/* Dates people and partners write: dd/MM/yyyy, d-M-yyyy, d.M.yyyy, yyyy-MM-dd, yyyy/MM/dd,
   yyyyMMdd, ddMMyyyy (never ambiguous in these years), blanks ignored; a partial date also MM/yyyy,
   yyyy-MM, yyyy. Out: ISO text "2020-05-17", "2020-05" or "2020". ERR_BAD_DATE names the field.
   Years 1850-2200. */
UNTRUSTED MUST_CHECK enum err date_parse(struct ctx *c, const char *field, const char *in,
                                         bool partial, const char **ret_iso);
int day_from_iso(const char *iso); /* of a whole date as date_parse gives it; INT_MIN otherwise */
char *date_show(struct arena *a, const char *iso); /* 17/05/2020, 05/2020, 2020 */
/* "Ngày mười bảy tháng năm năm hai nghìn không trăm hai mươi"; iso as date_parse gives it. */
char *date_words_vi(struct arena *a, const char *iso);
char *date_words_en(struct arena *a,
                    const char *iso);            /* "The seventeenth of May, two thousand ..." */
char *time_iso(struct arena *a, int64_t us);     /* 2020-05-17T08:30:00.123456Z */
char *time_show(struct arena *a, int64_t us);    /* 15:30 17/05/2020, local */
char *day_show(struct arena *a, int day);        /* 17/05/2020 */
char *time_compact(struct arena *a, int64_t us); /* yyyyMMddHHmmss, local */
/* RFC 3339 in UTC or with offset; digits past the microsecond are cut off. ERR_BAD_DATE. */
UNTRUSTED MUST_CHECK enum err time_parse(struct ctx *c, const char *field, const char *in,
                                         int64_t *ret_us);
char *money_show(struct arena *a, int64_t vnd); /* 1.250.000 ₫ */

#endif
