/**
 * From the scan to the catalogue: which symbols and sessions are replayed, and the class of every row
 * that belongs to none of them.
 */
import { createHash } from "node:crypto";
import { DataError, UsageError } from "../errors.js";
import { ROW_CLASS } from "../market/bars.js";
import type { Calendar, TradingSession } from "../market/calendar.js";
import { parseIsoDate } from "../market/dates.js";
import type { IsoDate } from "../market/time.js";
import type { DayBook, DayIndex } from "./day-book.js";
import { nearestName } from "../nearest-name.js";
import { escapeName } from "./escape.js";
import type { PlacedRows, Scan } from "./scan.js";
import type { Catalog, CatalogSession, CatalogSymbol, DataOptions } from "./types.js";

/** The catalogue, and how the loader finds the entries of its sessions. */
export interface Plan {
  readonly catalog: Catalog;
  /** Index in `catalog.symbols` of each symbol of the scan, -1 for those not asked for. */
  readonly symbolIndex: Int32Array;
  /** Day of each session. */
  readonly days: Int32Array;
  /** Range of positions in `scan.order` of each session's entries: `[bounds[2 i], bounds[2 i + 1])`. */
  readonly bounds: Uint32Array;
}

/** The dates asked for, both checked; undefined where the person left them open. */
interface Range {
  readonly from: IsoDate | undefined;
  readonly to: IsoDate | undefined;
}

/**
 * Makes the plan. Throws a `UsageError` for an unknown symbol or an end before the start, a `DataError`
 * (code `calendar-range`) for dates the calendar does not know.
 */
export function makePlan(scan: Scan, book: DayBook, options: DataOptions): Plan {
  const range = checkRange(options, book.calendar);
  checkCalendarKnows(scan, range, book.calendar);
  const planner = new Planner(scan, book, range);
  const symbolIndex = planner.chooseSymbols(options.symbols);
  return planner.plan(symbolIndex, options.sessions === "calendar");
}

/** Checks `--from` and `--to` alone, so that a slip is said before a long scan. */
export function checkRange({ from, to }: DataOptions, calendar: Calendar): Range {
  const range = {
    from: from === undefined ? undefined : parseIsoDate(from, "--from"),
    to: to === undefined ? undefined : parseIsoDate(to, "--to"),
  };
  if (range.from !== undefined && range.to !== undefined && range.to < range.from) {
    throw new UsageError(
      `--to ${range.to} is before --from ${range.from}`,
      `did you mean --from ${range.to} --to ${range.from}?`,
    );
  }
  // The calendar says what it knows in its own words.
  for (const date of [range.from, range.to]) if (date !== undefined) calendar.session(date);
  return range;
}

/** Rows the calendar has no date for can be left out only by a range that excludes them. */
function checkCalendarKnows(
  { before, after }: Scan,
  { from, to }: Range,
  { name, firstDate, lastDate }: Calendar,
): void {
  const tell = ({ count, file, row }: PlacedRows, what: string, option: string): DataError => {
    const rows = count === 1 ? `${file}, row ${row} is` : `${count} rows are (the first is ${file}, row ${row})`;
    const hint = `${option} leaves ${count === 1 ? "it" : "them"} out; --calendar FILE may know more`;
    return new DataError("calendar-range", `${rows} dated ${what} date the calendar ${name} knows`, hint, {
      file,
      row,
    });
  };
  if (before.count > 0 && from === undefined)
    throw tell(before, `before ${firstDate}, the first`, `--from ${firstDate}`);
  if (after.count > 0 && to === undefined) throw tell(after, `after ${lastDate}, the last`, `--to ${lastDate}`);
}

class Planner {
  private readonly notes: string[];

  constructor(
    private readonly scan: Scan,
    private readonly book: DayBook,
    private readonly range: Range,
  ) {
    this.notes = [...scan.notes];
  }

  /** Index of each symbol of the scan in the ascending list of those replayed. */
  chooseSymbols(asked: readonly string[] | undefined): Int32Array {
    const { symbols } = this.scan;
    const chosen = asked && asked.length > 0 ? this.askedSymbols(asked) : this.symbolsInRange();
    const ascending = [...chosen].sort((a, b) => (symbols[a] < symbols[b] ? -1 : 1));
    const index = new Int32Array(symbols.length).fill(-1);
    ascending.forEach((symbol, i) => (index[symbol] = i));
    return index;
  }

  private askedSymbols(asked: readonly string[]): Set<number> {
    const { symbols } = this.scan;
    const numbers = new Set<number>();
    for (const name of asked) {
      const number = symbols.indexOf(escapeName(name));
      if (number < 0) {
        const near = nearestName(name, symbols);
        const some = symbols.slice(0, 10).join(", ") + (symbols.length > 10 ? ` and ${symbols.length - 10} more` : "");
        throw new UsageError(
          `--symbols: ${escapeName(name)} is not in the data`,
          near ? `did you mean ${near}?` : `it has ${some || "no symbols"}`,
        );
      }
      numbers.add(number);
    }
    return numbers;
  }

  /** All symbols, less those without a row in the range, which are named once. */
  private symbolsInRange(): Set<number> {
    const { entries, symbols } = this.scan;
    const [present, anywhere] = [new Set<number>(), new Set<number>()];
    for (let i = 0; i < entries.length; i++) {
      anywhere.add(entries.symbol[i]);
      if (this.inRange(entries.day[i])) present.add(entries.symbol[i]);
    }
    // What could not be read may well have been in the range: that it is left out is said, not that it has no row.
    for (const { symbol, date } of this.scan.failures)
      if (date === undefined || this.dateInRange(date)) present.add(symbol);
    const all = new Set(symbols.keys());
    if (present.size === 0) return all;
    // A symbol whose files are empty stays: that it has no data is worth seeing.
    for (const symbol of all) if (!anywhere.has(symbol)) present.add(symbol);
    const absent = symbols.filter((_, i) => !present.has(i));
    if (absent.length > 0)
      this.notes.push(
        `no row in the range: ${absent.slice(0, 10).join(", ")}${absent.length > 10 ? ` and ${absent.length - 10} more` : ""}`,
      );
    return present;
  }

  private inRange(day: DayIndex): boolean {
    const { from, to } = this.range;
    return (from === undefined && to === undefined) || this.dateInRange(this.book.date(day));
  }

  private dateInRange(date: IsoDate): boolean {
    const { from, to } = this.range;
    return (from === undefined || date >= from) && (to === undefined || date <= to);
  }

  plan(symbolIndex: Int32Array, everySession: boolean): Plan {
    const { scan, book } = this;
    const symbols: string[] = [];
    symbolIndex.forEach((index, symbol) => index >= 0 && (symbols[index] = scan.symbols[symbol]));
    const perDay = this.countDays(symbolIndex, symbols.length);
    for (const day of this.unreadDays(symbolIndex))
      if (!perDay.has(day)) perDay.set(day, new Array<number>(symbols.length).fill(0));
    const span = this.span([...perDay.keys()].sort((a, b) => a - b));
    const calendarSessions = span ? book.calendar.sessionsBetween(span.from, span.to) : [];
    const sessions: CatalogSession[] = [];
    const skipped: TradingSession[] = [];
    for (const session of calendarSessions) {
      const rows = perDay.get(book.indexOf(session.date));
      if (rows === undefined && !everySession) skipped.push(session);
      else sessions.push({ ...session, rows: rows ?? new Array<number>(symbols.length).fill(0) });
    }
    this.classifyUnplanned(symbolIndex);
    const summary = this.summarise(symbolIndex, symbols);
    if (sessions.length === 0) this.noteEmptyRange(summary);
    const catalog: Catalog = {
      calendarName: book.calendar.name,
      exchangeZone: book.calendar.timeZone,
      label: scan.label,
      timeZone: scan.zone,
      unit: scan.unit,
      files: scan.files.map((file) => ({
        path: file.found.name,
        rows: file.rows,
        rowGroups: file.rowGroups,
        ...(file.groupStarts && { groupStarts: file.groupStarts }),
        ...(file.symbol >= 0 ? { symbol: scan.symbols[file.symbol] } : {}),
        scanned: file.classes,
      })),
      symbols,
      bySymbol: summary,
      sessions,
      withoutData: { count: skipped.length, insideData: insideData(skipped, summary) },
      inputDigest: inputDigest(scan),
      mostSessionRows: this.mostSessionRows(symbolIndex),
      rows: scan.rows,
      notes: this.notes,
      notices: scan.notices,
    };
    return { catalog, symbolIndex, ...this.findEntries(sessions) };
  }

  private noteEmptyRange(summary: readonly CatalogSymbol[]): void {
    const { from, to } = this.range;
    const dates = summary.flatMap(({ firstDate, lastDate }) => [firstDate, lastDate]).filter((date) => date !== "");
    dates.sort();
    if ((from ?? to) !== undefined && dates.length > 0)
      this.notes.push(`no session in the range has data: the data is of ${dates[0]} … ${dates.at(-1)}`);
  }

  /** Rows per asked symbol of every date that has a session in the range. */
  private countDays(symbolIndex: Int32Array, symbols: number): Map<DayIndex, number[]> {
    const { entries, order } = this.scan;
    const perDay = new Map<DayIndex, number[]>();
    for (const i of order) {
      const index = symbolIndex[entries.symbol[i]];
      const day = entries.day[i];
      if (index < 0 || !this.inRange(day) || Number.isNaN(this.book.openUs(day))) continue;
      let rows = perDay.get(day);
      if (!rows) perDay.set(day, (rows = new Array<number>(symbols).fill(0)));
      rows[index] += entries.rows[i];
    }
    return perDay;
  }

  /** Dates of files that could not be read and are done without: days that are left out, not days without data. */
  private unreadDays(symbolIndex: Int32Array): DayIndex[] {
    const { book } = this;
    const { firstDate, lastDate } = book.calendar;
    return this.scan.failures.flatMap(({ symbol, date }) => {
      if (symbolIndex[symbol] < 0 || date === undefined || date < firstDate || date > lastDate) return [];
      const day = book.indexOf(date);
      return this.inRange(day) && !Number.isNaN(book.openUs(day)) ? [day] : [];
    });
  }

  /** The dates to look for sessions in: as asked, and where that is open, as far as the data goes. */
  private span(days: DayIndex[]): { from: IsoDate; to: IsoDate } | undefined {
    const dates = days.map((day) => this.book.date(day));
    const from = this.range.from ?? dates[0] ?? this.range.to;
    const to = this.range.to ?? dates.at(-1) ?? this.range.from;
    return from === undefined || to === undefined || to < from ? undefined : { from, to };
  }

  /** The class of rows no session replays, and a sum of them a file. */
  private classifyUnplanned(symbolIndex: Int32Array): void {
    const { entries, files } = this.scan;
    for (let i = 0; i < entries.length; i++) {
      const asked = symbolIndex[entries.symbol[i]] >= 0 && this.inRange(entries.day[i]);
      const open = !Number.isNaN(this.book.openUs(entries.day[i]));
      if (asked && open) continue;
      files[entries.file[i]].classes[asked ? ROW_CLASS.noSession : ROW_CLASS.outOfRange] += entries.rows[i];
    }
  }

  private summarise(symbolIndex: Int32Array, symbols: string[]): CatalogSymbol[] {
    const { entries, order } = this.scan;
    const out = symbols.map((symbol) => ({ symbol, rows: 0, firstDate: "", lastDate: "" }));
    for (const i of order) {
      const one = out[symbolIndex[entries.symbol[i]]];
      if (!one) continue;
      const date = this.book.date(entries.day[i]);
      one.rows += entries.rows[i];
      one.firstDate ||= date;
      one.lastDate = date;
    }
    return out;
  }

  private mostSessionRows(symbolIndex: Int32Array): number {
    const { entries, order } = this.scan;
    let [most, day, sum] = [0, -1, 0];
    for (const i of order) {
      if (entries.day[i] !== day) [day, sum] = [entries.day[i], 0];
      if (symbolIndex[entries.symbol[i]] >= 0 && this.inRange(day)) sum += entries.sessionRows[i];
      most = Math.max(most, sum);
    }
    return most;
  }

  /** Both lists ascend by date, so one walk finds every session's entries. */
  private findEntries(sessions: CatalogSession[]): { days: Int32Array; bounds: Uint32Array } {
    const { entries, order } = this.scan;
    const days = Int32Array.from(sessions, (session) => this.book.indexOf(session.date));
    const bounds = new Uint32Array(sessions.length * 2);
    let at = 0;
    for (let s = 0; s < days.length; s++) {
      while (at < order.length && entries.day[order[at]] < days[s]) at++;
      bounds[2 * s] = at;
      while (at < order.length && entries.day[order[at]] === days[s]) at++;
      bounds[2 * s + 1] = at;
    }
    return { days, bounds };
  }
}

/** Skipped sessions on which a symbol had data before and has again after: those a person would look for. */
function insideData(skipped: readonly TradingSession[], symbols: readonly CatalogSymbol[]): IsoDate[] {
  return skipped
    .map((session) => session.date)
    .filter((date) => symbols.some((one) => one.firstDate !== "" && one.firstDate < date && date < one.lastDate));
}

/** All files by name and content, in the order of their names. */
function inputDigest({ files }: Scan): string {
  const hash = createHash("sha256");
  for (const { found, contentHash } of files) hash.update(`${found.name}\n${contentHash}\n`);
  return `i1:${hash.digest("hex").slice(0, 32)}`;
}
