// Which version of a DAG's source a run ran, and how much of it is another now.

// Versions are times, the newest first. The one that was there when the run started; null where it
// is not kept any more, or where the run has not started: then it will run the newest.
export function versionAt(versions, start) {
  if (start === null) return versions[0] ?? null;
  return versions.find((since) => Date.parse(since) <= start) ?? null;
}

// The places (from 0) of lines of `text` that `other` does not have in this order: Myers' greedy
// algorithm over what is between the common beginning and end. Null where that is too much to tell.
export function changedLines(text, other, effortMax = 500) {
  const [a, b] = [text.split("\n"), other.split("\n")];
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from += 1;
  let [endA, endB] = [a.length, b.length];
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const path = shortestEdit(a.slice(from, endA), b.slice(from, endB), effortMax);
  return path && new Set(path.map((place) => from + place));
}

// The places of a's elements that are left out on the way from a to b.
function shortestEdit(a, b, effortMax) {
  const reached = new Map([[1, 0]]);  // by diagonal: how far into a
  const steps = [];
  for (let effort = 0; effort <= effortMax; effort += 1) {
    steps.push(new Map(reached));
    for (let k = -effort; k <= effort; k += 2) {
      const isDown = k === -effort || (k !== effort && reached.get(k - 1) < reached.get(k + 1));
      let x = isDown ? reached.get(k + 1) : reached.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reached.set(k, x);
      if (x >= a.length && x - k >= b.length) return leftOut(steps, a.length, b.length);
    }
  }
  return null;
}

function leftOut(steps, endA, endB) {
  const places = [];
  let [x, y] = [endA, endB];
  for (let effort = steps.length - 1; effort > 0; effort -= 1) {
    const reached = steps[effort];
    const k = x - y;
    const isDown = k === -effort || (k !== effort && reached.get(k - 1) < reached.get(k + 1));
    const before = isDown ? k + 1 : k - 1;
    x = reached.get(before);
    y = x - before;
    if (!isDown) places.push(x);
  }
  return places;
}
