/**
 * Calendars written by hand: checks a parsed JSON file and makes rules of it. Every complaint names the
 * file, the field, and what to write. Imported only when there is such a file: zod costs a tenth of a second.
 */
import * as z from "zod";
import { DataError } from "../errors.js";
import { createCalendar, type Calendar } from "./calendar.js";
import type { CalendarRules, WallHours } from "./calendar-rules.js";
import { EARLIEST_DATE, explainBadDate, isIsoDate, LATEST_DATE, WEEKDAYS, weekday, type Weekday } from "./dates.js";
import type { IsoDate } from "./time.js";
import { isTimeZone, parseTimeZone, timeZoneHint } from "./time-zones.js";

const HINT_TIME = 'write hours and minutes, e.g. "09:30"';

/** What to write for a field, said when the value is of the wrong kind or missing. */
const FIELD_HINTS: Readonly<Record<string, string>> = {
  name: 'write a short name, e.g. "name": "XLON"',
  timeZone: 'write the zone of the exchange, e.g. "timeZone": "Europe/London"',
  open: 'write the regular open in exchange time, e.g. "open": "09:30"',
  close: 'write the regular close in exchange time, e.g. "close": "16:00"; midnight is "24:00"',
  holidays: 'write the dates without a session, e.g. "holidays": ["2024-12-25"]; [] when there are none',
  earlyCloses:
    'write date and close of the shorter sessions, e.g. "earlyCloses": { "2024-12-24": "13:00" }; {} when there are none',
  firstDate: 'write the first date the file is right for, e.g. "firstDate": "2020-01-01"',
  lastDate: 'write the last date the file is right for, e.g. "lastDate": "2026-12-31"',
  tradingDays: `write days of the week, e.g. "tradingDays": ["Mon", "Tue"]; known are ${WEEKDAYS.join(", ")}`,
};

const wallTime = z.string().refine((text) => wallMinute(text) !== undefined, { error: "is not a time of day" });
const date = z
  .string()
  .refine(isIsoDate, { error: (issue) => `is not a date${explainBadDate(String(issue.input)).reason}` });
const knownDate = date.refine((text) => text >= EARLIEST_DATE && text <= LATEST_DATE, {
  error: `lies outside ${EARLIEST_DATE} … ${LATEST_DATE}`,
});
const calendarFile = z.strictObject({
  name: z.string().min(1, "is empty").max(40, "is longer than 40 characters"),
  timeZone: z.string().refine(isTimeZone, { error: "is not a time zone" }),
  open: wallTime,
  close: wallTime,
  holidays: z.array(date),
  earlyCloses: z.record(date, wallTime),
  lastDate: knownDate,
  firstDate: knownDate.optional(),
  tradingDays: z.array(z.enum(WEEKDAYS)).min(1, "is empty").optional(),
});
type CalendarFile = z.infer<typeof calendarFile>;

/**
 * The calendar described by a parsed JSON file; `fileName` is for messages. Fields: `name`, `timeZone`, `open`,
 * `close`, `holidays`, `earlyCloses`, `lastDate`; optional `firstDate` (else the start of the year of the earliest
 * date listed) and `tradingDays` (else Mon–Fri). Exchange time throughout; a close of "24:00" is the end of the date.
 * Throws a `DataError` (code `calendar-file`) that names the file, the field and what to write.
 *
 *     parseCalendar({ name: "XLON", timeZone: "Europe/London", open: "08:00", close: "16:30",
 *       holidays: ["2024-12-25"], earlyCloses: { "2024-12-24": "12:30" }, lastDate: "2024-12-31" }, "xlon.json")
 */
export function parseCalendar(json: unknown, fileName: string): Calendar {
  return createCalendar(parseCalendarRules(json, fileName));
}

/**
 * The rules in a parsed calendar file. Saturday and Sunday are closed unless `tradingDays` says otherwise; without
 * `firstDate` the file is taken to be right from the start of the year of its earliest holiday or early close.
 * Throws a `DataError` (code `calendar-file`) for anything it cannot use.
 */
function parseCalendarRules(json: unknown, fileName: string): CalendarRules {
  const parsed = calendarFile.safeParse(json);
  if (!parsed.success) throw complaint(parsed.error.issues, json, fileName);
  const file = parsed.data;
  const earlyCloses = new Map(Object.entries(file.earlyCloses));
  const holidays = new Set(file.holidays);
  const firstDate = file.firstDate ?? startOfEarliestYear([...holidays, ...earlyCloses.keys()]);
  checkTogether(file, firstDate, fileName);
  const tradingDays = new Set<Weekday>(file.tradingDays ?? WEEKDAYS.slice(0, 5));
  const [openMinute, closeMinute] = [minuteOf(file.open), minuteOf(file.close)];
  return {
    name: file.name,
    timeZone: parseTimeZone(file.timeZone),
    firstDate,
    lastDate: file.lastDate,
    hours(date): WallHours | undefined {
      if (holidays.has(date) || !tradingDays.has(WEEKDAYS[weekday(date)])) return undefined;
      const early = earlyCloses.get(date);
      if (early === undefined) return { openMinute, closeMinute, kind: "full" };
      return { openMinute, closeMinute: minuteOf(early), kind: "half" };
    },
  };
}

/** What the schema cannot say of single fields. */
function checkTogether(file: CalendarFile, firstDate: IsoDate, fileName: string): void {
  const [open, close] = [minuteOf(file.open), minuteOf(file.close)];
  if (close <= open) {
    const hint = "a session lies within one date of the exchange; sessions over midnight cannot be described";
    throw fileError(fileName, "close", `${show(file.close)} is not after the open, ${show(file.open)}`, hint);
  }
  if (file.lastDate < firstDate) {
    throw fileError(
      fileName,
      "lastDate",
      `${show(file.lastDate)} is before the first date, ${firstDate}`,
      FIELD_HINTS.lastDate,
    );
  }
  const holidays = new Set(file.holidays);
  for (const [date, text] of Object.entries(file.earlyCloses)) {
    const field = `earlyCloses["${date}"]`;
    if (holidays.has(date)) {
      throw fileError(fileName, field, "is also a holiday", "remove the date from holidays or from earlyCloses");
    }
    const early = minuteOf(text);
    if (early <= open || early >= close) {
      const hint = "write a time after the open and before the regular close";
      throw fileError(fileName, field, `${show(text)} does not lie between ${file.open} and ${file.close}`, hint);
    }
  }
}

/** Issues named beside the first. */
const MOST_NAMED = 5;

/** One error for all that the schema found: the first issue in full, of the rest the fields. */
function complaint(issues: readonly z.core.$ZodIssue[], json: unknown, fileName: string): DataError {
  const issue = issues[0];
  const others = issues
    .slice(1, 1 + MOST_NAMED)
    .map((one) => (one.code === "unrecognized_keys" ? one.keys : one.path).join("."));
  const more = others.length > 0 ? ` (and ${others.join(", ")}${issues.length - 1 > MOST_NAMED ? ", …" : ""})` : "";
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(calendarFile.shape).join(", ");
    return fileError(fileName, issue.keys[0], `is not a field of a calendar${more}`, `known fields: ${known}`);
  }
  if (issue.path.length === 0) {
    const hint =
      'write { "name": …, "timeZone": …, "open": …, "close": …, "holidays": …, "earlyCloses": …, "lastDate": … }';
    return new DataError("calendar-file", `${fileName}: a calendar is a JSON object, not ${kindOf(json)}`, hint, {
      file: fileName,
    });
  }
  const value = valueAt(json, issue.path);
  const field = issue.path.map((key, i) => (i === 0 ? String(key) : `[${JSON.stringify(key)}]`)).join("");
  const hint = hintFor(String(issue.path[0]), issue, value);
  if (value === undefined) return fileError(fileName, field, `is missing${more}`, hint);
  const custom = issue.code === "custom" || issue.code === "too_small" || issue.code === "too_big";
  const what =
    issue.code === "invalid_key" ? issue.issues[0].message : custom ? issue.message : "is not what belongs here";
  const shown = issue.code === "invalid_key" ? "the key" : show(value);
  return fileError(fileName, field, `${shown} ${what}${more}`, hint);
}

function hintFor(field: string, issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "invalid_key") return explainBadDate(String(issue.path[issue.path.length - 1])).hint;
  if (issue.code !== "custom" || typeof value !== "string") return FIELD_HINTS[field];
  if (field === "timeZone") return timeZoneHint(value);
  if (field === "holidays" || (field.endsWith("Date") && !isIsoDate(value))) return explainBadDate(value).hint;
  return field === "earlyCloses" ? HINT_TIME : FIELD_HINTS[field];
}

function fileError(fileName: string, field: string, message: string, hint: string): DataError {
  return new DataError("calendar-file", `${fileName}: ${field}: ${message}`, hint, { file: fileName });
}

/** A value in a message: as JSON, so control characters come escaped, and never long. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = json;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

/** Minutes after midnight of `HH:MM`, 00:00 to 24:00; undefined for any other text. */
function wallMinute(text: string): number | undefined {
  const parts = /^(\d{2}):(\d{2})$/.exec(text);
  if (!parts) return undefined;
  const minute = Number(parts[1]) * 60 + Number(parts[2]);
  return Number(parts[2]) < 60 && minute <= 24 * 60 ? minute : undefined;
}

/** The same for a text the schema has let through. */
function minuteOf(text: string): number {
  return wallMinute(text) as number;
}

function startOfEarliestYear(dates: readonly IsoDate[]): IsoDate {
  const earliest = dates.reduce((a, b) => (b < a ? b : a), LATEST_DATE);
  return dates.length === 0 || earliest < EARLIEST_DATE ? EARLIEST_DATE : `${earliest.slice(0, 4)}-01-01`;
}
