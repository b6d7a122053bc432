/**
 * Loads the sessions of a plan: has the rows of a day read, a few files at a time, and hands them to the classifier in the
 * order of the files. Owns what is left out of a day and when a file is refused as misread.
 */
import { setImmediate } from "node:timers/promises";
import { assert } from "../assert.js";
import { DataError } from "../errors.js";
import {
  EXCEPTION_WORDS,
  REJECT_CAUSES,
  ROW_CLASSES,
  ROW_FLAGS,
  type DayLoad,
  type DaySource,
  type SourceDay,
} from "../market/bars.js";
import { BatchReader, type FileDemand } from "./batch-reader.js";
import { DayClassifier } from "./classify-rows.js";
import type { DayBook } from "./day-book.js";
import { inOrder } from "./in-order.js";
import { isReadError } from "./parquet-file.js";
import type { Plan } from "./plan.js";
import { placeOfRow } from "./row-place.js";
import type { Scan } from "./scan.js";
import type { DataOptions } from "./types.js";

const FILES_AT_ONCE = 6;
const BREATH_FILES = 16;

export class DayLoader implements DaySource {
  private readonly reader: BatchReader;
  /**
   * Symbols left out of each session that was loaded, with why. A day that has loaded once is part of results
   * already shown: loaded again it leaves out the same symbols, and whatever fails then is an error.
   */
  private readonly leftOut: Array<ReadonlyMap<number, string> | undefined>;
  /** Rejected rows of each file by cause, and the sessions that are in the sum. */
  private readonly rejected = new Map<number, { causes: number[]; sessions: Set<number> }>();
  /** Last closes of the sessions loaded so far. */
  private readonly closes = new Map<number, Float64Array>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly scan: Scan,
    private readonly plan: Plan,
    private readonly book: DayBook,
    private readonly options: DataOptions,
  ) {
    this.reader = new BatchReader(scan, plan);
    this.leftOut = new Array<undefined>(plan.catalog.sessions.length).fill(undefined);
  }

  load(index: number, into: SourceDay): Promise<DayLoad> {
    // One at a time: two days at once would decode the same row groups twice.
    const turn = this.queue.then(() => this.loadNow(index, into));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.queue;
    this.reader.clear();
  }

  private async loadNow(index: number, into: SourceDay): Promise<DayLoad> {
    assert(index >= 0 && index < this.leftOut.length, `session ${index} of ${this.leftOut.length}`);
    return this.fill(index, into, index > 0 ? await this.closesOf(index - 1) : undefined);
  }

  /** Last closes of a session: from its load, or from one made for them when a session is loaded out of turn. */
  private async closesOf(index: number): Promise<Float64Array> {
    if (!this.closes.has(index)) await this.fill(index, this.scratchDay(index), undefined);
    return this.closes.get(index)!;
  }

  private scratchDay(index: number): SourceDay {
    const { symbols: names, sessions, mostSessionRows } = this.plan.catalog;
    const [symbols, minutes] = [names.length, sessions[index].minutes];
    const [slots, exceptions] = [minutes * symbols, (mostSessionRows + 3 * symbols) * EXCEPTION_WORDS];
    const column = (): Float64Array => new Float64Array(slots);
    return {
      minutes,
      symbols,
      bars: { open: column(), high: column(), low: column(), close: column(), volume: column() },
      flags: new Uint8Array(slots),
      file: new Uint32Array(slots),
      row: new Uint32Array(slots),
      exceptions: new Uint32Array(exceptions),
      classCount: new Uint32Array(symbols * ROW_CLASSES.length),
      causeCount: new Uint32Array(symbols * REJECT_CAUSES.length),
      flagCount: new Uint32Array(symbols * ROW_FLAGS.length),
      atClosePrice: new Float64Array(symbols),
      atCloseVolume: new Float64Array(symbols),
    };
  }

  /** Loads a session, under a policy other than stop a second time without the symbols that cannot be read. */
  private async fill(index: number, into: SourceDay, closeBefore: Float64Array | undefined): Promise<DayLoad> {
    const demands = this.reader.demandsOf(index);
    const before = this.leftOut[index];
    const known = before ?? this.knownFailures(index);
    return this.classify(index, into, closeBefore, demands, known).catch(async (error) => {
      if (before !== undefined || (this.options.onLoadError ?? "stop") === "stop" || !isReadError(error)) throw error;
      const skipped = await this.findUnreadable(demands, index, known);
      clear(into);
      return this.classify(index, into, closeBefore, demands, skipped);
    });
  }

  private async classify(
    index: number,
    into: SourceDay,
    closeBefore: Float64Array | undefined,
    demands: readonly FileDemand[],
    skipped: ReadonlyMap<number, string>,
  ): Promise<DayLoad> {
    const classifier = this.createClassifier(index, into, closeBefore);
    const readable = demands.filter((demand) =>
      demand.entries.some((entry) => !skipped.has(this.reader.symbolOf(entry))),
    );
    await inOrder(
      readable,
      FILES_AT_ONCE,
      (demand) => this.reader.read(demand, index, skipped),
      async (batches, i) => {
        try {
          for (const batch of batches) classifier.add(batch);
        } catch (error) {
          throw await this.reader.withExactVolume(error, readable[i].file);
        }
        this.refuseMostlyRejected(readable[i].file, classifier, index);
        if (i % BREATH_FILES === BREATH_FILES - 1) await setImmediate();
      },
    );
    for (const demand of demands) {
      for (const entry of demand.entries) {
        const symbol = this.reader.symbolOf(entry);
        if (skipped.has(symbol)) classifier.addUnread(demand.file, symbol, this.scan.entries.rows[entry]);
      }
    }
    const { lastClose, ...done } = classifier.finish();
    this.closes.set(index, lastClose);
    this.leftOut[index] = skipped;
    const { symbols } = this.plan.catalog;
    return {
      ...done,
      notices: classifier.notices,
      skipped: [...skipped].map(([symbol, message]) => ({ symbol: symbols[symbol], message })),
    };
  }

  private createClassifier(index: number, into: SourceDay, closeBefore: Float64Array | undefined): DayClassifier {
    const day = this.plan.days[index];
    return new DayClassifier(into, {
      session: this.plan.catalog.sessions[index],
      dayStartUs: this.book.startUs(day),
      dayEndUs: this.book.startUs(day + 1),
      symbols: this.plan.catalog.symbols,
      timeZone: this.book.calendar.timeZone,
      fileName: (file) => this.scan.files[file].found.name,
      placeOf: (file, row) => placeOfRow(this.scan.files[file], row),
      floorMinutes: this.options.floorMinutes ?? false,
      onConflict: this.options.onConflict ?? "first",
      closeBefore,
    });
  }

  /** Symbols whose files the scan could not read. */
  private knownFailures(index: number): Map<number, string> {
    const { date } = this.plan.catalog.sessions[index];
    const failed = new Map<number, string>();
    for (const failure of this.scan.failures) {
      const symbol = this.plan.symbolIndex[failure.symbol];
      if (symbol >= 0 && (failure.date === undefined || failure.date === date)) failed.set(symbol, failure.message);
    }
    return this.wholeDay(failed);
  }

  /** With `skip-day` one symbol that fails takes the others with it. */
  private wholeDay(failed: Map<number, string>): Map<number, string> {
    const [first] = failed.values();
    if (first === undefined || this.options.onLoadError !== "skip-day") return failed;
    return new Map(this.plan.catalog.symbols.map((_, symbol) => [symbol, failed.get(symbol) ?? first]));
  }

  /** Reads all files of the day to find those that cannot be read. Returns the symbols to leave out, with why. */
  private async findUnreadable(
    demands: readonly FileDemand[],
    index: number,
    known: ReadonlyMap<number, string>,
  ): Promise<Map<number, string>> {
    const failed = new Map(known);
    for (const demand of demands) {
      try {
        await this.reader.read(demand, index, failed);
      } catch (error) {
        if (!isReadError(error)) throw error;
        for (const entry of demand.entries) failed.set(this.reader.symbolOf(entry), error.message);
      }
    }
    return this.wholeDay(failed);
  }

  /** More than half of a file rejected for one cause is not a row here and there: it is a misreading. */
  private refuseMostlyRejected(file: number, classifier: DayClassifier, index: number): void {
    const causes = classifier.causesOf(file);
    if (causes.every((count) => count === 0)) return;
    let sum = this.rejected.get(file);
    if (!sum)
      this.rejected.set(file, (sum = { causes: new Array<number>(REJECT_CAUSES.length).fill(0), sessions: new Set() }));
    if (sum.sessions.has(index)) return;
    sum.sessions.add(index);
    const { found, sessionRows } = this.scan.files[file];
    causes.forEach((count, cause) => {
      sum.causes[cause] += count;
      if (sum.causes[cause] * 2 <= sessionRows) return;
      const name = REJECT_CAUSES[cause];
      const hint =
        name === "notOnMinute"
          ? "--floor-minutes moves each row to the minute it lies in"
          : "are these the right columns? --columns open=NAME,high=NAME,…";
      throw new DataError(
        "mostly-rejected",
        `${found.name}: ${sum.causes[cause]} of ${sessionRows} rows inside sessions are rejected for one cause, ${name}${firstNotice(classifier, found.name, name)}`,
        hint,
        { file: found.name },
      );
    });
  }
}

function firstNotice({ notices }: DayClassifier, file: string, cause: string): string {
  const notice = notices.find((one) => one.file === file && one.cause === cause);
  return notice ? ` (the first is row ${notice.row}: ${notice.text})` : "";
}

/** Back to zero, as the arrays arrived. */
function clear(day: SourceDay): void {
  for (const column of Object.values(day.bars)) column.fill(0);
  for (const array of [day.flags, day.file, day.row, day.exceptions, day.classCount, day.causeCount, day.flagCount])
    array.fill(0);
}
