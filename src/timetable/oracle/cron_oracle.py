#!/usr/bin/python3
"""Compares Beeflow's cron schedules with croniter and Airflow's rules, on seeded random questions.

Usage: cron_oracle.py PROGRAM [SEED [QUESTIONS]]

PROGRAM is the cron_oracle built from cron_oracle.cc; its head describes questions and answers. The
reference here is croniter for wall-clock time, zoneinfo on the same tzdata for zones, and a model
of Airflow 2.9's CronDataIntervalTimetable on top of both. A difference prints the question that
reproduces it: pipe it into PROGRAM. Exits with 77, which ctest reads as skipped, without croniter.

Where croniter is wrong, the answer is not compared; each case is a function named `overlooks_...`
or `gives_up_...`, or a rule of `random_expression`, with the reason.
"""

import json
import random
import subprocess
import sys
from calendar import isleap
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

try:
    from croniter import croniter
    from croniter.croniter import CroniterBadDateError, CroniterError
except ImportError:
    print("skipped: croniter is not installed (Debian: python3-croniter)")
    sys.exit(77)

SEED = 20240229
QUESTIONS = 1500
SYNTAX_QUESTIONS = 3000
RUNS = 3
DAY = timedelta(days=1)
YEARS = (1990, 2036)
# tzdata lists transitions up to 2037. zoneinfo goes on with the rule behind them, Zone does not.
TABLE_END = datetime(2037, 12, 1, tzinfo=timezone.utc)

ZONES = [
    "UTC", "+02:00", "-03:30", "Europe/Warsaw", "Europe/London", "America/New_York",
    "America/St_Johns", "America/Sao_Paulo", "Australia/Lord_Howe", "Antarctica/Troll",
    "Asia/Kathmandu", "Asia/Tehran", "Africa/Casablanca", "Africa/Cairo", "Pacific/Apia",
]

FIELDS = [(0, 59, []), (0, 23, []), (1, 31, []),
          (1, 12, "jan feb mar apr may jun jul aug sep oct nov dec".split()),
          (0, 7, "sun mon tue wed thu fri sat".split())]


class KnownCroniterBug(Exception):
    pass


# --- the reference -------------------------------------------------------------------------------

def zone_of(name):
    if name[0] not in "+-":
        return ZoneInfo(name)
    sign = -1 if name[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(name[1:3]), minutes=int(name[4:6])))


def day_matches(cron, day):
    """The textbook rule for one day, on the value lists that croniter has expanded."""
    _, _, days, months, weekdays = cron.expanded
    last = (day + DAY).month != day.month
    weekday = day.isoweekday() % 7
    if months != ["*"] and day.month not in months:
        return False
    by_day = days[0] == "*" or day.day in days or ("l" in days and last)
    nth = cron.nth_weekday_of_month
    if nth:
        wanted = nth.get(weekday, set())
        by_weekday = (day.day + 6) // 7 in wanted or (
            "l" in wanted and (day + 7 * DAY).month != day.month)
    else:
        by_weekday = weekdays[0] == "*" or weekday in weekdays
    if days[0] != "*" and weekdays[0] != "*":
        return by_day or by_weekday
    return by_day and by_weekday


def overlooks_leap_day(cron, found, before):
    """Going back to the end of February, croniter takes it for the 28th in leap years too."""
    leap_days = [date(y, 2, 29) for y in range(found.year, before.year + 1) if isleap(y)]
    return any(found.date() < d <= before.date() and day_matches(cron, d) for d in leap_days)


def overlooks_march(cron, after, found):
    """Looking in February for day 30 or 31, croniter lands in March, beyond its first days."""
    firsts = [date(y, 3, d) for y in range(after.year, found.year + 1) for d in (1, 2)]
    return any(after.date() <= d < found.date() and day_matches(cron, d) for d in firsts)


def gives_up_on_impossible_day(cron):
    """croniter finds no match of `30 2 1`, every Monday in February, as it has no 30th."""
    return cron.expanded[2] != ["*"] and cron.expanded[4] != ["*"]


def find_next(cron, local):
    try:
        found = cron.get_next(datetime)
    except CroniterBadDateError:
        if gives_up_on_impossible_day(cron):
            raise KnownCroniterBug from None
        raise
    if overlooks_march(cron, local, found):
        raise KnownCroniterBug
    return found


def find_previous(cron, local):
    try:
        found = cron.get_prev(datetime)
    except CroniterBadDateError:
        if gives_up_on_impossible_day(cron) or overlooks_leap_day(cron, datetime.min, local):
            raise KnownCroniterBug from None
        raise
    if overlooks_leap_day(cron, found, local):
        raise KnownCroniterBug
    return found


class Schedule:
    def __init__(self, expression, zone):
        self.expression = expression
        self.zone = zone_of(zone)

    def local(self, moment):
        return moment.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def moment(self, local):
        """Twice: the second. Never: as if the clocks had not been set. Both: the lower offset."""
        offset = min(local.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1))
        return (local - offset).replace(tzinfo=timezone.utc)

    def next(self, after):
        local = self.local(after)
        cron = croniter(self.expression, local)
        found = find_next(cron, local)
        return after + (found - local) if cron.expanded[1] == ["*"] else self.moment(found)

    def previous(self, before):
        local = self.local(before)
        cron = croniter(self.expression, local)
        found = find_previous(cron, local)
        return before - (local - found) if cron.expanded[1] == ["*"] else self.moment(found)

    def align_to_next(self, moment):
        found = self.next(moment)
        return moment if self.previous(found) == moment else found

    def align_to_previous(self, moment):
        found = self.previous(moment)
        return moment if self.next(found) == moment else found

    def manual(self, run_after):
        end = self.align_to_previous(run_after)
        return [self.previous(end), end]

    def first_with_catchup(self, start_date):
        start = self.align_to_next(start_date)
        return [start, self.next(start)]

    def following(self, last):
        start = max(self.align_to_previous(last[1]), self.align_to_next(self.start_date))
        return [start, self.next(start)]

    def latest(self, now):
        start = self.previous(now)
        if self.next(start) > now:
            start = self.previous(start)
        return [start, self.next(start)]


# --- the questions -------------------------------------------------------------------------------

def random_item(rng, index):
    low, high, names = FIELDS[index]
    value = rng.randint(low, high)
    if names and rng.random() < 0.2:
        return rng.choice(names)
    kind = rng.random()
    if kind < 0.55:
        return str(value)
    if kind < 0.75:
        return f"{value}-{rng.randint(value, high)}"
    if kind < 0.85:
        return f"{value}-{rng.randint(value, high)}/{rng.randint(1, 12)}"
    return f"{rng.choice(['*', value])}/{rng.randint(1, 12)}"


def random_field(rng, index, star_chance):
    if rng.random() < star_chance:
        return "*"
    return ",".join(random_item(rng, index) for _ in range(rng.choice([1, 1, 1, 2, 3])))


def random_weekdays_of_month(rng):
    item = rng.choice(["{day}#{n}", "{day}#{n}", "L{day}", "{name}#{n}"])
    return item.format(day=rng.randint(0, 7), n=rng.randint(1, 5), name=rng.choice(FIELDS[4][2]))


def random_expression(rng):
    fields = [random_field(rng, i, chance) for i, chance in enumerate((0.2, 0.3, 0.5, 0.6, 0.6))]
    special = rng.random()
    if special < 0.08:
        fields[2] = rng.choice(["L", "1,L", "15,L", "20-L", "28-L/2", "l"])
    elif special < 0.16:
        # croniter ignores the day of month beside such a day of week; day 1 to 31 is all of them.
        fields[2] = "*"
        fields[4] = random_weekdays_of_month(rng)
    elif special < 0.20:
        fields[4] = rng.choice(["fri-sun", "SAT-SUN", "5-0", "mon-0/2", "1-7", "0-7", "0-6"])
    elif special < 0.24:
        return rng.choice(["@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@midnight"])
    return " ".join(fields)


def transitions(name):
    """The moments at which the zone's clocks were set, to the minute."""
    zone = zone_of(name)
    found = []
    day = datetime(YEARS[0], 1, 1, tzinfo=timezone.utc)
    while day.year < YEARS[1]:
        low, high = day, day + 7 * DAY
        day = high
        if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
            continue
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) / 2
            same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
            low, high = (middle, high) if same else (low, middle)
        found.append(high.replace(second=0, microsecond=0))
    return found


def random_start(rng, moments):
    if moments and rng.random() < 0.6:
        start = rng.choice(moments) + timedelta(minutes=rng.randint(-60 * 30, 60 * 30))
    else:
        seconds = rng.randint(0, (YEARS[1] - YEARS[0]) * 365 * 86400)
        start = datetime(YEARS[0], 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    kind = rng.random()
    if kind < 0.5:
        start = start.replace(minute=rng.choice([0, 0, 30]), second=0)
    elif kind < 0.6:
        start = start.replace(microsecond=rng.randint(1, 999999))
    return start


def random_questions(rng, count):
    moments = {zone: transitions(zone) for zone in ZONES}
    for _ in range(count):
        zone = rng.choice(ZONES)
        start = random_start(rng, moments[zone])
        yield f"{random_expression(rng)}|{zone}|{start.isoformat()}|{RUNS}"


def random_broken_expression(rng):
    """A valid expression with a few characters changed: often still valid."""
    text = list(random_expression(rng))
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text))
        change = rng.random()
        if change < 0.4:
            text[place] = rng.choice("0123456789,-/*#L")
        elif change < 0.7:
            text.insert(place, rng.choice("0123456789,-/*# Lmon"))
        elif len(text) > 1:
            del text[place]
    return "".join(text)


# --- the comparison ------------------------------------------------------------------------------

def read_time(text):
    return datetime.fromisoformat(text)


def read_interval(pair):
    return [read_time(text) for text in pair]


def differences(question, answer):
    """Yields one line for each part of the answer that the reference contradicts, None for each
    that it confirms, and "" for each that is not compared."""
    expression, zone, start, _ = question.split("|")
    if "error" in answer:
        # The generator makes a few expressions that no date matches, such as 31 February.
        yield f"rejected: {answer['error']}" if reference_accepts(expression) else None
        return
    schedule = Schedule(expression, zone)
    schedule.start_date = start = read_time(start)

    def check(name, expected, got):
        try:
            wanted = expected()
        except KnownCroniterBug:
            return ""
        last = max(wanted) if isinstance(wanted, list) else wanted
        if zone[0] not in "+-U" and last > TABLE_END:
            return ""
        return None if wanted == got else f"{name}: got {got}, expected {wanted}"

    for name, step in (("next", schedule.next), ("previous", schedule.previous)):
        at = start
        for text in answer[name]:
            found = read_time(text)
            yield check(name, lambda: step(at), found)
            at = found
    yield check("manual", lambda: schedule.manual(start), read_interval(answer["manual"]))
    yield check("latest", lambda: schedule.latest(start), read_interval(answer["latest"]))
    intervals = [read_interval(pair) for pair in answer["catchup"]]
    yield check("catchup", lambda: schedule.first_with_catchup(start), intervals[0])
    for last, interval in zip(intervals, intervals[1:]):
        yield check("catchup", lambda: schedule.following(last), interval)


def compare_schedules(ask, rng, count):
    compared = skipped = failed = 0
    for question in random_questions(rng, count):
        for difference in differences(question, ask(question)):
            if difference:
                print(f"{question}\n    {difference}")
                failed += 1
            elif difference is None:
                compared += 1
            else:
                skipped += 1
    print(f"{compared} answers agree, {failed} differ, {skipped} not compared")
    # Exclusions must not grow to hide what they were not made for.
    return failed == 0 and skipped * 20 < compared


def reference_accepts(expression):
    try:
        start = datetime(2024, 1, 1)
        find_next(croniter(expression, start), start)
        return True
    except KnownCroniterBug:
        return True
    except (CroniterError, NameError):  # The latter where croniter fails to word its own error.
        return False


def means_something_else(expression):
    """Expressions on which we differ on purpose."""
    text = expression.lower()
    fields = text.split()
    if len(fields) == 6:
        return True  # Seconds: no schedule of Airflow's documentation has them.
    if len(fields) != 5:
        return False
    # croniter does not read what follows "5#3", and lets "*" or the same day stand beside it.
    # To it a range ends on Sunday with "0" but not with "00".
    weekdays = fields[4]
    return "#" in weekdays or ("l" in weekdays and "," in weekdays) or "-00" in weekdays


def compare_syntax(ask, rng, count):
    compared = failed = 0
    while compared < count:
        expression = random_broken_expression(rng)
        if "|" in expression or means_something_else(expression):
            continue
        compared += 1
        answer = ask(f"{expression}|UTC|2024-01-01T00:00:00+00:00|0")
        if ("error" in answer) == reference_accepts(expression):
            print(f"{expression}|UTC|2024-01-01|0\n    croniter disagrees with {answer}")
            failed += 1
    print(f"{compared} expressions compared for syntax, {failed} differ")
    return failed == 0


def main():
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    count = int(sys.argv[3]) if len(sys.argv) > 3 else QUESTIONS
    print(f"seed {seed}, {count} questions")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        def ask(question):
            process.stdin.write(question + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                sys.exit(f"{question}\n    the program ended without an answer")
            return json.loads(line)

        rng = random.Random(seed)
        good = compare_schedules(ask, rng, count)
        good = compare_syntax(ask, rng, SYNTAX_QUESTIONS) and good
        process.stdin.close()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
