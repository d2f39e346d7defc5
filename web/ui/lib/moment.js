// Milliseconds since 1970 of a time that is ISO text or milliseconds; null where there is none.
export function toMs(time) {
  if (time === null || time === undefined || time === "") return null;
  const ms = typeof time === "number" ? time : Date.parse(time);
  return Number.isNaN(ms) ? null : ms;
}
