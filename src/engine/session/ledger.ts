/**
 * What the threads have reported: days and their loads, put together and handed on in order. The two reports of a day come
 * from different threads, so either may be first.
 */
import { ROW_CLASS, ROW_CLASSES, type DayLoad, type RowClass } from "../market/bars.js";
import type { Catalog } from "../catalog/types.js";
import { nameFiles, type DataEvent } from "../work/day-events.js";
import type { DayRecord } from "../work/day-record.js";
import { runDigest } from "../work/digest.js";
import type { ClosedDay, FileAccount, SessionSummary } from "./types.js";

/** The closing of a session in a run. Days are recorded in the order of run and epoch. */
export interface DayMark {
  readonly run: number;
  readonly epoch: number;
}

/** Before the first day of the first run. */
export const NO_DAY: DayMark = { run: -1, epoch: -1 };

export class Ledger {
  private readonly loads = new Map<number, DayLoad>();
  private readonly waiting: { epoch: number; run: number; record: DayRecord; events: DataEvent[] }[] = [];
  private readonly closed = new Map<number, ClosedDay>();
  private readonly callbacks: { last: DayMark; run: () => void }[] = [];
  private told = NO_DAY;

  constructor(
    private readonly catalog: Catalog,
    private readonly onDay: (day: ClosedDay) => void,
  ) {}

  recorded(epoch: number, run: number, record: DayRecord, events: readonly DataEvent<number>[]): void {
    this.waiting.push({ epoch, run, record, events: nameFiles(events, this.catalog.files) });
    this.advance();
  }

  loaded(epoch: number, load: DayLoad): void {
    if (!this.loads.has(epoch)) this.loads.set(epoch, load);
    this.advance();
  }

  /** Calls back once the day `last` has been told: a goal is answered after the days before it. */
  afterRecords(run: () => void, last: DayMark): void {
    this.callbacks.push({ last, run });
    this.advance();
  }

  private advance(): void {
    while (this.waiting.length > 0) {
      const { epoch, run, record, events } = this.waiting[0];
      const load = this.loads.get(epoch);
      if (!load) break;
      this.waiting.shift();
      const day: ClosedDay = { record, run, events, notices: load.notices, skipped: load.skipped };
      this.closed.set(epoch, day);
      this.told = { run, epoch };
      this.onDay(day);
    }
    for (let i = 0; i < this.callbacks.length;) {
      if (isAfter(this.callbacks[i].last, this.told)) i++;
      else this.callbacks.splice(i, 1)[0].run();
    }
  }

  /** Closed days in order, the newest run of each. */
  days(): ClosedDay[] {
    return [...this.closed.entries()].sort(([a], [b]) => a - b).map(([, day]) => day);
  }

  /** Every row of every file in exactly one class: what the scan classified, what the loaded days say, and the rest `unread`. */
  files(): FileAccount[] {
    const counts = this.catalog.files.map((file) => [...file.scanned]);
    for (const epoch of this.closed.keys()) {
      for (const { file, counts: classes } of this.loads.get(epoch)?.fileClasses ?? [])
        classes.forEach((count, c) => (counts[file][c] += count));
    }
    return this.catalog.files.map((file, i) => {
      const classes: Partial<Record<RowClass, number>> = {};
      const told = counts[i].reduce((sum, count) => sum + count, 0);
      counts[i][ROW_CLASS.unread] += file.rows - told;
      ROW_CLASSES.forEach((name, c) => {
        if (counts[i][c] !== 0) classes[name] = counts[i][c];
      });
      return { path: file.path, rows: file.rows, classes };
    });
  }

  totals(seconds: number): Omit<SessionSummary, "status" | "error"> {
    const days = this.days();
    const bars = days.reduce((sum, { record }) => sum + record.symbols.reduce((n, s) => n + s.streamed, 0), 0);
    return {
      sessions: days.length,
      sessionsWithoutData: this.catalog.withoutData.count + days.filter(({ record }) => record.noData).length,
      bars,
      rows: this.catalog.rows,
      seconds,
      barsPerSecond: seconds > 0 ? bars / seconds : 0,
      digest: runDigest(days.map(({ record }) => record.digest)),
    };
  }
}

function isAfter(a: DayMark, b: DayMark): boolean {
  return a.run > b.run || (a.run === b.run && a.epoch > b.epoch);
}
