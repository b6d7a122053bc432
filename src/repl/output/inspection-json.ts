/** What `inspect` found, as NDJSON lines of the shapes in schema.ts. Pure. */
import { isoUtc, type DataOptions, type InspectedDay, type Inspection } from "../../engine/index.js";
import { decidedCalendar, fileLine, gapFields, plainDecided } from "./json.js";
import type { DayLine, InspectedSymbolLine, InspectionLine, InspectLine, SplitLine, FileLine } from "./schema.js";

export type AnyInspectLine = InspectLine | InspectedSymbolLine | DayLine | FileLine | SplitLine | InspectionLine;

/** Every line, in order: header, symbols, days, files, splits, summary. */
export function inspectionJson(
  found: Inspection,
  options: DataOptions,
  version: string,
  tryNext: string,
): AnyInspectLine[] {
  const { catalog } = found;
  return [
    {
      type: "inspect",
      schema: 1,
      version,
      options: { ...options },
      calendar: decidedCalendar(options.calendar, catalog.calendarName),
      label: plainDecided(catalog.label),
      timeZone: plainDecided(catalog.timeZone),
      unit: plainDecided(catalog.unit),
      files: catalog.files.length,
      rows: catalog.rows,
      symbols: [...catalog.symbols],
      sessions: catalog.sessions.length,
      sessionsWithoutData: { count: catalog.withoutData.count, insideData: [...catalog.withoutData.insideData] },
      notes: [...catalog.notes],
    },
    ...found.symbols.map(({ firstDate, lastDate, ...symbol }): InspectedSymbolLine => ({
      type: "symbol",
      ...symbol,
      firstDate: firstDate || null,
      lastDate: lastDate || null,
    })),
    ...found.days.map((day) => dayLine(day, catalog.symbols)),
    ...found.files.map(fileLine),
    ...found.splits.map(({ timeUs, ...split }): SplitLine => ({ type: "split", ...split, time: isoUtc(timeUs) })),
    summary(found, tryNext),
  ];
}

function dayLine(
  { date, kind, minutes, coverage, leftOut, outages }: InspectedDay,
  symbols: readonly string[],
): DayLine {
  return {
    type: "day",
    date,
    kind,
    minutes,
    coverage: Object.fromEntries(symbols.map((symbol, i) => [symbol, coverage[i]])),
    leftOut: leftOut.map((i) => symbols[i]),
    outages: outages.map(({ startUs, endUs, minutes: length, symbols: missing }) => ({
      start: isoUtc(startUs),
      end: isoUtc(endUs),
      minutes: length,
      symbols: [...missing],
    })),
  };
}

function summary(found: Inspection, tryNext: string): InspectionLine {
  const shares = found.days.flatMap((day) => day.coverage.filter((share) => share !== null));
  return {
    type: "summary",
    sessions: found.catalog.sessions.length,
    rows: found.catalog.rows,
    classes: { ...found.classes },
    flagged: { ...found.flagged },
    quality: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length,
    worstDays: found.worstDays.map((day) => ({ ...day })),
    worstGaps: found.worstGaps.map((gap) => ({ symbol: gap.symbol, date: gap.date, ...gapFields(gap) })),
    tryNext,
  };
}
