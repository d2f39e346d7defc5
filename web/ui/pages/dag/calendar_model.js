// Months and days from the answer of /ui/dags/{dag_id}/calendar.

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December"];
const MONTHS_AHEAD = 2;  // of a year in which nothing ran yet, as many months of plans are shown

function daysIn(year, month) {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

// Years with runs, the newest first, then those with plans only: {year, first, last}; months count
// from 0.
export function yearsOf({ days, planned }) {
  const years = new Map();
  const note = (date) => {
    const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1];
    const known = years.get(year) ?? { year, first: month, last: month };
    years.set(year, { year, first: Math.min(known.first, month),
      last: Math.max(known.last, month) });
  };
  for (const { date } of days) note(date);
  const lastRun = days.at(-1)?.date ?? planned[0]?.date;
  if (lastRun) {
    const end = new Date(`${lastRun}T00:00:00Z`);
    end.setUTCMonth(end.getUTCMonth() + MONTHS_AHEAD);
    const until = end.toISOString().slice(0, 10);
    for (const { date } of planned) if (date <= until) note(date);
  }
  const newest = Number((lastRun ?? "").slice(0, 4));
  const all = [...years.values()].sort((a, b) => b.year - a.year);
  return [...all.filter(({ year }) => year <= newest), ...all.filter(({ year }) => year > newest)];
}

// {label, blanks (days of the week before the first), days: [{date, states, planned}]}
export function monthsOf({ days, planned }, year, first, last) {
  const ran = new Map(days.map(({ date, states }) => [date, states]));
  const plans = new Map(planned.map(({ date, count }) => [date, count]));
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const month = first + at;
    const start = new Date(Date.UTC(year, month, 1));
    return {
      label: `${MONTHS[month]} ${year}`,
      blanks: (start.getUTCDay() + 6) % 7,
      days: Array.from({ length: daysIn(year, month) }, (__, day) => {
        const date = new Date(Date.UTC(year, month, day + 1)).toISOString().slice(0, 10);
        return { date, states: ran.get(date) ?? {}, planned: plans.get(date) ?? 0 };
      }),
    };
  });
}
