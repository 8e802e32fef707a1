# SPDX-License-Identifier: Apache-2.0
"""Rules of the working-day calendar (BLLĐ 2019, articles 111 and 112)."""
import datetime

import calendar_rule

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _minute(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


def _hours(doc):
    found, end, total = [], -1, 0
    for i, span in enumerate(doc.value["hours"]):
        start, stop = _minute(span["from"]), _minute(span["to"])
        if start <= end or stop <= start:
            found.append(doc.fault(("hours", i), "spans must rise and not touch"))
        end, total = stop, total + stop - start
    if total != doc.value["minutes_per_workday"]:
        found.append(doc.fault(("minutes_per_workday",), f"the hours make {total}"))
    cutoff = _minute(doc.value["reception_cutoff"])
    if not any(_minute(s["from"]) <= cutoff <= _minute(s["to"]) for s in doc.value["hours"]):
        found.append(doc.fault(("reception_cutoff",), "lies outside the office hours"))
    return found


def _day(doc, place, row, year):
    date = datetime.date.fromisoformat(row["date"])
    workday = WEEKDAYS[date.weekday()] in doc.value["workdays"]
    found = []
    if date.year != year:
        found.append(doc.fault(place + ("date",), f"is not in {year}"))
    if row["kind"] in ("compensatory_off", "swap_off", "half_day_off") and not workday:
        found.append(doc.fault(place, f"{row['kind']} on a {WEEKDAYS[date.weekday()]}"))
    if row["kind"] == "make_up_workday" and workday:
        found.append(doc.fault(place, f"make_up_workday on a {WEEKDAYS[date.weekday()]}"))
    if (row["kind"] == "half_day_off") != ("off" in row):
        found.append(doc.fault(place, "off belongs to half_day_off, and only to it"))
    return found


def _balance(doc, place, year):
    """Holidays on a rest day are given back; swapped days are worked off."""
    kinds = [(datetime.date.fromisoformat(d["date"]), d["kind"]) for d in year["days"]]
    count = lambda kind: sum(k == kind for _, k in kinds)
    lost = sum(k == "holiday" and WEEKDAYS[d.weekday()] not in doc.value["workdays"]
               for d, k in kinds)
    found = []
    if count("compensatory_off") != lost:
        found.append(doc.fault(place, f"{lost} holidays fall on rest days, "
                               f"{count('compensatory_off')} are given back"))
    first = place[1] == 0  # may make up for a day of the year before
    if count("make_up_workday") < count("swap_off") or \
            (not first and count("make_up_workday") != count("swap_off")):
        found.append(doc.fault(place, "each swapped day off needs its make-up day"))
    return found


def _legal(doc, place, year, lunar):
    """The fixed holidays, the lunar new year and the Hùng Kings' day are there."""
    days = {d["date"] for d in year["days"] if d["kind"] == "holiday"}
    wanted = [f"{year['year']}-{f['month_day']}" for f in doc.value["other_years"]["fixed"]]
    if lunar:
        wanted += [lunar["new_year"], lunar["hung_kings"]]
    return [doc.fault(place, f"holiday {d} is missing") for d in wanted if d not in days]


def _year(doc, i, year, lunar):
    place = ("years", i)
    dates = [d["date"] for d in year["days"]]
    found = []
    for k, row in enumerate(year["days"]):
        found += _day(doc, place + ("days", k), row, year["year"])
        if k and dates[k] <= dates[k - 1]:
            found.append(doc.fault(place + ("days", k, "date"), "days must rise"))
    found += _balance(doc, place, year) + _legal(doc, place, year, lunar)
    if year["status"] == "provisional":
        if year["days"] != calendar_rule.expand(year["year"], doc.value["other_years"], lunar):
            found.append(doc.fault(place, "a provisional year must follow other_years"))
    return found


def check(view):
    found = []
    for doc in view.under("calendar/"):
        found += _hours(doc)
        lunar = {row["year"]: row for row in doc.value["lunar"]}
        years = doc.value["years"]
        for i, row in enumerate(doc.value["lunar"]):
            if not row["new_year"].startswith(str(row["year"])) or \
                    not row["new_year"] < row["hung_kings"]:
                found.append(doc.fault(("lunar", i), "dates do not fit the year"))
        for i, year in enumerate(years):
            if i and year["year"] != years[i - 1]["year"] + 1:
                found.append(doc.fault(("years", i, "year"), "years must follow one another"))
            found += _year(doc, i, year, lunar.get(year["year"]))
    return found
