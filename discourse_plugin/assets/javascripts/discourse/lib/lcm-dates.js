/**
 * Days and times by the cohort's clock, in the reader's language.
 *
 * A day is a string such as "2026-11-25"; an instant is an ISO 8601 string; a zone is an IANA name.
 */

const DAY_MS = 24 * 60 * 60 * 1000;

function language() {
  return document.documentElement.lang || undefined;
}

function formatter(options, zone) {
  try {
    return new Intl.DateTimeFormat(language(), { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(language(), { ...options, timeZone: "UTC" });
  }
}

/** @returns {string} the day on which an instant falls in a zone */
export function dayOf(instant, zone) {
  const parts = {};
  const options = { year: "numeric", month: "2-digit", day: "2-digit" };
  const numerals = { ...options, numberingSystem: "latn", calendar: "gregory" };
  for (const part of formatter(numerals, zone).formatToParts(
    new Date(instant)
  )) {
    parts[part.type] = part.value;
  }
  return `${parts.year}-${parts.month}-${parts.day}`;
}

export function addDays(day, count) {
  const moved = new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS);
  return moved.toISOString().slice(0, 10);
}

/** @returns {string} the Monday of the week in which a day lies */
export function mondayOf(day) {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return addDays(day, -((weekday + 6) % 7));
}

export function daysOfWeek(monday) {
  return [0, 1, 2, 3, 4, 5, 6].map((count) => addDays(monday, count));
}

/** @returns {string} such as "Wednesday 25 November" */
export function dayName(day) {
  return formatter(
    { weekday: "long", day: "numeric", month: "long" },
    "UTC"
  ).format(new Date(`${day}T00:00:00Z`));
}

/** @returns {string} such as "25 Nov 2026" */
export function shortDay(day) {
  return formatter(
    { day: "numeric", month: "short", year: "numeric" },
    "UTC"
  ).format(new Date(`${day}T00:00:00Z`));
}

export function timeOfDay(instant, zone) {
  return formatter({ hour: "numeric", minute: "2-digit" }, zone).format(
    new Date(instant)
  );
}

/** @returns {string} such as "25 Nov 2026, 09:00"; in the reader's own zone where none is given */
export function dayAndTime(instant, zone) {
  return formatter(
    {
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "numeric",
      minute: "2-digit",
    },
    zone
  ).format(new Date(instant));
}

/** @returns {string} such as "3 days ago" or "in 2 hours" */
export function relative(instant, now = Date.now()) {
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  const seconds = (Date.parse(instant) - now) / 1000;
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const units = [
    ["year", 365 * 86400],
    ["month", 30 * 86400],
    ["week", 7 * 86400],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) {
      return words.format(Math.trunc(seconds / length), unit);
    }
  }
  return words.format(Math.trunc(seconds), "second");
}

/** @returns {string} what an `<input type="date">` or `"datetime-local"` takes, in the reader's own zone */
export function forInput(date, withTime) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return withTime
    ? `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
    : day;
}
