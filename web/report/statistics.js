// Numbers from samples. Quantiles interpolate between the two nearest ranks, as Beeflow's own
// summary does.

export function quantile(sorted, fraction) {
  if (sorted.length === 0) return null;
  const rank = fraction * (sorted.length - 1);
  const below = Math.floor(rank);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (rank - below);
}

// What a box of a box plot shows; whiskers end at the last sample within 1.5 box heights.
export function boxOf(values) {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((fraction) => quantile(sorted, fraction));
  const reach = 1.5 * (q3 - q1);
  let low = 0;
  let high = sorted.length - 1;
  while (sorted[low] < q1 - reach) low += 1;
  while (sorted[high] > q3 + reach) high -= 1;
  return {
    count: sorted.length,
    q1,
    median,
    q3,
    low: Math.min(sorted[low], q1),
    high: Math.max(sorted[high], q3),
    p95: quantile(sorted, 0.95),
    max: sorted[sorted.length - 1],
  };
}

export function median(values) {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

// At most `limit` of the points: the farthest outliers first, of the others every n-th by value, so
// that the picture keeps its form. The same points whenever it is asked.
export function samplePoints(points, box, limit) {
  if (points.length <= limit) return points;
  const sorted = [...points].sort((a, b) => a.value - b.value);
  const outside = sorted.filter((point) => point.value < box.low || point.value > box.high);
  outside.sort((a, b) => Math.abs(b.value - box.median) - Math.abs(a.value - box.median));
  const kept = outside.slice(0, Math.floor(limit / 2));
  const inside = sorted.filter((point) => point.value >= box.low && point.value <= box.high);
  const room = Math.min(limit - kept.length, inside.length);
  for (let i = 0; i < room; i += 1) kept.push(inside[Math.floor((i * inside.length) / room)]);
  return kept;
}

// The line y = slope * x + intercept with the least squares, and how much of y it explains; none
// where all x are alike.
export function leastSquares(pairs) {
  const count = pairs.length;
  if (count < 2) return null;
  const meanX = pairs.reduce((sum, pair) => sum + pair.x, 0) / count;
  const meanY = pairs.reduce((sum, pair) => sum + pair.y, 0) / count;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const { x, y } of pairs) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (xx < 1e-12) return null;
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX, r2: yy < 1e-12 ? 1 : (xy * xy) / (xx * yy) };
}

// Places in [-1, 1] that look scattered and are the same every time.
export function jitter(index) {
  const step = index * 0.6180339887498949;
  return 2 * (step - Math.floor(step)) - 1;
}
