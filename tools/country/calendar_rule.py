# SPDX-License-Identifier: Apache-2.0
"""Public holidays of a year that the Prime Minister has not announced yet.

The rule itself is data (calendar/holidays.json, "other_years"); this expands it, so that
provisional years can be written into the file and checked against it.
"""
import datetime


def _date(year, month_day):
    return datetime.date(year, int(month_day[:2]), int(month_day[3:]))


def _legal_days(year, rule, lunar):
    days = [(_date(year, f["month_day"]), f["label"]) for f in rule["fixed"]]
    extra = rule["national_day_extra"]
    if str(year) >= extra["valid_from"][:4]:
        day = _date(year, extra["month_day"])
        if day.weekday() >= 5:
            day = _date(year, extra["when_weekend"])
        days.append((day, extra["label"]))
    if lunar:
        new_year = datetime.date.fromisoformat(lunar["new_year"])
        tet = rule["lunar_new_year"]
        offsets = tet["offsets_when_tuesday"] if new_year.weekday() == 1 else tet["offsets"]
        days += [(new_year + datetime.timedelta(o), tet["label"]) for o in offsets]
        kings = datetime.date.fromisoformat(lunar["hung_kings"])
        days.append((kings, rule["hung_kings"]["label"]))
    return sorted(days, key=lambda d: d[0])


def expand(year, rule, lunar):
    """The day rows of year; lunar is its row of the lunar table or None (solar days only)."""
    legal = _legal_days(year, rule, lunar)
    taken = {day for day, _ in legal}
    rows = [(day, "holiday", label) for day, label in legal]
    for day, label in legal:
        if day.weekday() < 5:
            continue
        off = day
        while off.weekday() >= 5 or off in taken:
            off += datetime.timedelta(1)
        taken.add(off)
        instead = {"vi": "Nghỉ bù " + label["vi"], "en": "Day off in lieu of " + label["en"]}
        rows.append((off, "compensatory_off", instead))
    return [{"date": day.isoformat(), "kind": kind, "label": label, "confidence": "K-L",
             "source": rule["source"]} for day, kind, label in sorted(rows, key=lambda r: r[0])]
