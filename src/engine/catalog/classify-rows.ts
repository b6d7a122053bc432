/**
 * The class of every row of one session's date, written straight into the dense arrays of a day.
 * Pure: no files, no clock. Order of the questions: when is the row (before, after, at the close: not
 * examined further), is it sound, is there one like it already. Rows must come in the order path, row
 * group, row: it decides which of two conflicting rows is first.
 */
import { assert } from "../assert.js";
import { DataError, type DataPlace } from "../errors.js";
import {
  EXCEPTION_WORDS,
  FLAG_BIT,
  FLAG_PRESENT,
  REJECT_CAUSE,
  REJECT_CAUSES,
  ROW_CLASS,
  ROW_CLASSES,
  ROW_FLAGS,
  type RejectCause,
  type RowFlag,
  type RowNotice,
  type SourceDay,
} from "../market/bars.js";
import type { TradingSession } from "../market/calendar.js";
import { exchangeDateTime } from "../market/time-zones.js";
import { MINUTE_US } from "../market/time.js";

/** Rows of one file, in the order they are stored; a column each. */
export interface RowBatch {
  /** Index of the file in the catalogue. */
  readonly file: number;
  /** Row within the file of the batch's first row. */
  readonly firstRow: number;
  readonly count: number;
  /** Start of the bar, microseconds UTC. Rows outside the session's date are passed over, NaN too. */
  readonly startUs: Float64Array;
  /** The symbol's index in the catalogue: one for all rows, or one each (negative: not ours). */
  readonly symbol: number | Int32Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** 1 for rows in which a price or the volume is null; absent when there are none. */
  readonly nulls: Uint8Array | undefined;
  /** The file or its folder says another date. */
  readonly misfiled: boolean;
}

export interface ClassifyOptions {
  readonly session: TradingSession;
  /** First instant of the session's date and of the next. */
  readonly dayStartUs: number;
  readonly dayEndUs: number;
  readonly symbols: readonly string[];
  /** For messages. */
  readonly timeZone: string;
  readonly fileName: (file: number) => string;
  readonly placeOf: (file: number, row: number) => DataPlace;
  readonly floorMinutes: boolean;
  readonly onConflict: "first" | "last" | "error";
  /** Last streamed close of each symbol on the session before, 0 where there is none: what the first bar's jump is measured from. */
  readonly closeBefore: Float64Array | undefined;
}

/** Largest part of a price by which rounding may put open or close outside [low, high]. */
const ROUNDING = 1e-6;
/** Larger volumes are not exact in a double. */
const MAX_VOLUME = 2 ** 53;
const NOTICES_A_KIND = 5;

const { streamed, preMarket, afterHours, atClose, rejected, duplicate, conflict, unread } = ROW_CLASS;
const CLASSES = ROW_CLASSES.length;

/** Classifies the rows of one session. Call `add` for each batch in order, then `finish` once. */
export class DayClassifier {
  readonly notices: RowNotice[] = [];
  private readonly noticeCount = new Map<string, number>();
  /** Rows by class and by cause of each file touched. */
  private readonly perFile = new Map<number, { classes: number[]; causes: number[] }>();
  private exceptions = new Uint32Array(64 * EXCEPTION_WORDS);
  private exceptionCount = 0;
  /** Latest start of each symbol within the file being read. */
  private readonly latestUs: Float64Array;
  private latestFile = -1;

  constructor(
    private readonly day: SourceDay,
    private readonly options: ClassifyOptions,
  ) {
    assert(day.symbols === options.symbols.length, `a day of ${day.symbols} symbols for ${options.symbols.length}`);
    assert(day.minutes === options.session.minutes, `a day of ${day.minutes} minutes for ${options.session.minutes}`);
    this.latestUs = new Float64Array(day.symbols).fill(-Infinity);
    day.atClosePrice.fill(NaN);
    day.atCloseVolume.fill(NaN);
  }

  /** Classifies the rows of a batch that lie on the session's date. Throws a `DataError` for a volume that is not exact, and for a conflict where asked to. */
  add(batch: RowBatch): void {
    const { day, options } = this;
    const { dayStartUs, dayEndUs, session, floorMinutes } = options;
    const { openUs, closeUs } = session;
    const { startUs, open, high, low, close, volume, nulls } = batch;
    const counts = this.countsOf(batch.file);
    const { classes } = counts;
    this.enterFile(batch.file);
    const fixed = typeof batch.symbol === "number" ? batch.symbol : -1;
    const perRow = typeof batch.symbol === "number" ? undefined : batch.symbol;
    for (let i = 0; i < batch.count; i++) {
      let us = startUs[i];
      const s = perRow === undefined ? fixed : perRow[i];
      if (!(us >= dayStartUs && us < dayEndUs) || s < 0) continue;
      const minute = Math.floor((us - openUs) / MINUTE_US);
      const whole = openUs + minute * MINUTE_US;
      const onMinute = whole === us;
      if (!onMinute && floorMinutes) us = whole;
      const cls = us < openUs ? preMarket : us > closeUs ? afterHours : us === closeUs ? atClose : streamed;
      if (cls !== streamed) {
        classes[cls]++;
        day.classCount[s * CLASSES + cls]++;
        if (cls === atClose) this.keepClose(s, close[i], volume[i]);
        continue;
      }
      const slot = minute * day.symbols + s;
      const [o, h, l, c, v] = [open[i], high[i], low[i], close[i], volume[i]];
      // One comparison chain settles nearly every row; NaN fails it.
      const sound =
        l > 0 &&
        h < Infinity &&
        h >= l &&
        o >= l &&
        o <= h &&
        c >= l &&
        c <= h &&
        v >= 0 &&
        v <= MAX_VOLUME &&
        (onMinute || floorMinutes) &&
        (nulls === undefined || nulls[i] === 0);
      if (!sound) {
        const cause = this.examine(batch, i, onMinute);
        if (cause !== undefined) {
          this.reject(batch, i, s, slot, cause);
          counts.causes[REJECT_CAUSE[cause]]++;
          continue;
        }
      }
      let flags = FLAG_PRESENT | (batch.misfiled ? FLAG_BIT.misfiled : 0) | (onMinute ? 0 : FLAG_BIT.floored);
      if (us < this.latestUs[s]) flags |= FLAG_BIT.outOfOrder;
      else this.latestUs[s] = us;
      if (day.flags[slot] !== 0 && !this.settle(batch, i, s, slot, classes)) continue;
      day.bars.open[slot] = o;
      day.bars.high[slot] = h;
      day.bars.low[slot] = l;
      day.bars.close[slot] = c;
      day.bars.volume[slot] = v;
      day.flags[slot] = flags;
      day.file[slot] = batch.file;
      day.row[slot] = batch.firstRow + i;
      classes[streamed]++;
      day.classCount[s * CLASSES + streamed]++;
    }
  }

  /** Counts rows that were not read because their file or symbol was left out. */
  addUnread(file: number, symbol: number, rows: number): void {
    this.countsOf(file).classes[unread] += rows;
    this.day.classCount[symbol * CLASSES + unread] += rows;
  }

  /** Rows of a file rejected so far on this day for each cause, in the order of `REJECT_CAUSES`. */
  causesOf(file: number): readonly number[] {
    return this.countsOf(file).causes;
  }

  /** Marks the streamed rows and writes the exceptions. Returns what `DayLoad` needs, and the last close of each symbol, 0 without one. */
  finish(): {
    exceptionCount: number;
    fileClasses: Array<{ file: number; counts: number[] }>;
    lastClose: Float64Array;
  } {
    const lastClose = this.mark();
    this.addFiltered();
    this.writeExceptions();
    const fileClasses = [...this.perFile].map(([file, { classes }]) => ({ file, counts: classes }));
    return { exceptionCount: this.exceptionCount, fileClasses, lastClose };
  }

  private countsOf(file: number): { classes: number[]; causes: number[] } {
    let counts = this.perFile.get(file);
    if (!counts) {
      counts = { classes: new Array<number>(CLASSES).fill(0), causes: new Array<number>(REJECT_CAUSES.length).fill(0) };
      this.perFile.set(file, counts);
    }
    return counts;
  }

  /** Out of order is a matter within one file: several files of a day may follow in any order. */
  private enterFile(file: number): void {
    if (file === this.latestFile) return;
    this.latestFile = file;
    this.latestUs.fill(-Infinity);
  }

  private keepClose(s: number, price: number, volume: number): void {
    if (!Number.isNaN(this.day.atClosePrice[s])) return;
    this.day.atClosePrice[s] = price;
    this.day.atCloseVolume[s] = volume;
  }

  /** Why a row that failed the quick check is rejected; undefined when it is not. */
  private examine(batch: RowBatch, i: number, onMinute: boolean): RejectCause | undefined {
    const [o, h, l, c, v] = [batch.open[i], batch.high[i], batch.low[i], batch.close[i], batch.volume[i]];
    if (!onMinute && !this.options.floorMinutes) return "notOnMinute";
    if (batch.nulls !== undefined && batch.nulls[i] !== 0) return "missingValue";
    if (Number.isNaN(o + h + l + c + v) && [o, h, l, c, v].some(Number.isNaN)) return "notANumber";
    if (![o, h, l, c, v].every(Number.isFinite)) return "infinite";
    if (o <= 0 || h <= 0 || l <= 0 || c <= 0) return "notPositive";
    if (h < l) return "highBelowLow";
    if (isOutside(o, l, h) || isOutside(c, l, h)) return "outsideRange";
    if (v < 0) return "negativeVolume";
    if (v > MAX_VOLUME) throw this.tooLarge(batch, i, v);
    return undefined;
  }

  private tooLarge(batch: RowBatch, i: number, volume: number): DataError {
    const [file, row] = [this.options.fileName(batch.file), batch.firstRow + i];
    return new DataError(
      "volume-too-large",
      `${file}, row ${row}: volume ${volume} is above 2^53 (${MAX_VOLUME}) and not exact any more`,
      "correct the row, or store the volume in larger units",
      { file, row, column: "volume" },
    );
  }

  private reject(batch: RowBatch, i: number, s: number, slot: number, cause: RejectCause): void {
    this.count(batch.file, s, rejected);
    this.day.causeCount[s * REJECT_CAUSES.length + REJECT_CAUSE[cause]]++;
    this.except(slot, rejected, REJECT_CAUSE[cause], batch.file, batch.firstRow + i);
    this.notice(
      "rejected",
      cause,
      s,
      batch.file,
      batch.firstRow + i,
      () => `${this.nameRow(s, batch.startUs[i])} ${this.explain(batch, i, cause)}`,
    );
  }

  private explain(batch: RowBatch, i: number, cause: RejectCause): string {
    const [o, h, l, c, v] = [batch.open[i], batch.high[i], batch.low[i], batch.close[i], batch.volume[i]];
    switch (cause) {
      case "notOnMinute":
        return "does not start on a whole minute";
      case "highBelowLow":
        return `high ${h} < low ${l}`;
      case "outsideRange":
        return isOutside(o, l, h) ? `open ${o} outside [${l}, ${h}]` : `close ${c} outside [${l}, ${h}]`;
      case "negativeVolume":
        return `volume ${v}`;
      case "missingValue": {
        const [open, high, low, close, volume] = [o, h, l, c, v].map((value) => (Number.isNaN(value) ? "null" : value));
        return `a value is missing: open ${open} high ${high} low ${low} close ${close} volume ${volume}`;
      }
      default:
        return `open ${o} high ${h} low ${l} close ${c} volume ${v}`;
    }
  }

  /** Two rows for one slot. Counts the one that loses; true when the new row takes the slot. */
  private settle(batch: RowBatch, i: number, s: number, slot: number, classes: number[]): boolean {
    const { bars, file, row } = this.day;
    const same =
      bars.open[slot] === batch.open[i] &&
      bars.high[slot] === batch.high[i] &&
      bars.low[slot] === batch.low[i] &&
      bars.close[slot] === batch.close[i] &&
      bars.volume[slot] === batch.volume[i];
    const newRow = batch.firstRow + i;
    if (same) {
      this.count(batch.file, s, duplicate);
      this.except(slot, duplicate, 0, batch.file, newRow);
      this.notice(
        "duplicate",
        "duplicate",
        s,
        batch.file,
        newRow,
        () =>
          `${this.nameRow(s, batch.startUs[i])} is there twice: ${this.place(file[slot], row[slot])} and ${this.place(batch.file, newRow)}`,
      );
      return false;
    }
    const text = (): string =>
      `${this.nameRow(s, batch.startUs[i])} is there twice and differs: ${this.storedText(slot)} and ${valuesText(batch, i)} in ${this.place(batch.file, newRow)}`;
    if (this.options.onConflict === "error") {
      const place = this.options.placeOf(batch.file, newRow);
      throw new DataError("conflict", text(), "--on-conflict first or last keeps one of them", place);
    }
    this.notice("conflict", "conflict", s, batch.file, newRow, text);
    if (this.options.onConflict === "first") {
      this.count(batch.file, s, conflict);
      this.except(slot, conflict, 0, batch.file, newRow);
      return false;
    }
    this.except(slot, conflict, 0, file[slot], row[slot]);
    this.count(file[slot], s, conflict);
    // The row that loses its slot was counted as streamed.
    this.countsOf(file[slot]).classes[streamed]--;
    this.day.classCount[s * CLASSES + streamed]--;
    assert(classes[streamed] >= 0, "a conflict without a first row");
    return true;
  }

  private count(file: number, s: number, cls: number): void {
    this.countsOf(file).classes[cls]++;
    this.day.classCount[s * CLASSES + cls]++;
  }

  private except(slot: number, cls: number, cause: number, file: number, row: number): void {
    const at = this.exceptionCount++ * EXCEPTION_WORDS;
    if (at === this.exceptions.length) {
      const grown = new Uint32Array(this.exceptions.length * 2);
      grown.set(this.exceptions);
      this.exceptions = grown;
    }
    this.exceptions[at] = slot;
    this.exceptions[at + 1] = cls | (cause << 8);
    this.exceptions[at + 2] = file;
    this.exceptions[at + 3] = row;
  }

  /** The marks that need the whole day: a jump is measured from the bar before, whichever file it came from. */
  private mark(): Float64Array {
    const { day } = this;
    const { open, high, low, close, volume } = day.bars;
    const before = this.options.closeBefore?.slice() ?? new Float64Array(day.symbols);
    const lastClose = new Float64Array(day.symbols);
    for (let minute = 0, slot = 0; minute < day.minutes; minute++) {
      for (let s = 0; s < day.symbols; s++, slot++) {
        if (day.flags[slot] === 0) continue;
        const [o, h, l, c] = [open[slot], high[slot], low[slot], close[slot]];
        if (volume[slot] === 0) day.flags[slot] |= FLAG_BIT.zeroVolume;
        if (o < l || o > h || c < l || c > h) day.flags[slot] |= FLAG_BIT.rounded;
        const last = before[s];
        if (last !== 0 && (c > last * 1.3 || c < last * 0.7)) this.markJump(slot, c / last);
        before[s] = lastClose[s] = c;
        if (day.flags[slot] !== FLAG_PRESENT) this.countFlags(slot, s, last);
      }
    }
    return lastClose;
  }

  private markJump(slot: number, ratio: number): void {
    const split = splitOf(ratio);
    if (Math.abs(ratio - 1) > 0.5 || split > 0) this.day.flags[slot] |= FLAG_BIT.priceJump;
    if (split > 0) this.day.flags[slot] |= FLAG_BIT.splitLike;
  }

  private countFlags(slot: number, s: number, before: number): void {
    const flags = this.day.flags[slot];
    ROW_FLAGS.forEach((flag, n) => {
      if ((flags & FLAG_BIT[flag]) === 0) return;
      this.day.flagCount[s * ROW_FLAGS.length + n]++;
      const minute = Math.floor(slot / this.day.symbols);
      const us = this.options.session.openUs + minute * MINUTE_US;
      this.notice(
        "flagged",
        flag,
        s,
        this.day.file[slot],
        this.day.row[slot],
        () => `${this.nameRow(s, us)} ${this.flagText(flag, slot, before)}`,
      );
    });
  }

  private flagText(flag: RowFlag, slot: number, before: number): string {
    const close = this.day.bars.close[slot];
    switch (flag) {
      case "zeroVolume":
        return "volume 0";
      case "rounded":
        return "open or close outside [low, high] by rounding";
      case "priceJump":
        return `close ${close} after ${before}`;
      case "splitLike":
        return `close ${close} after ${before} looks like a split, ${splitText(close / before)}`;
      case "misfiled":
        return `lies under another date, in ${this.options.fileName(this.day.file[slot])}`;
      case "floored":
        return "was moved to its whole minute";
      case "outOfOrder":
        return "comes after a later row in its file";
    }
  }

  /** One entry for each symbol and filtered class, at the slot where it is counted. */
  private addFiltered(): void {
    const { day } = this;
    const lastRow = (day.minutes - 1) * day.symbols;
    for (let s = 0; s < day.symbols; s++) {
      for (const [cls, slot] of [
        [preMarket, s],
        [atClose, lastRow + s],
        [afterHours, lastRow + s],
      ] as const) {
        const rows = day.classCount[s * CLASSES + cls];
        if (rows > 0) this.except(slot, cls, 0, rows, 0);
      }
    }
  }

  private writeExceptions(): void {
    const { exceptions, exceptionCount, day } = this;
    assert(
      exceptionCount * EXCEPTION_WORDS <= day.exceptions.length,
      `${exceptionCount} exceptions do not fit ${day.exceptions.length / EXCEPTION_WORDS}`,
    );
    // Sorting numbers slot × count + position keeps rows of one slot in the order they were met.
    const keys = new Float64Array(exceptionCount);
    for (let i = 0; i < exceptionCount; i++) keys[i] = exceptions[i * EXCEPTION_WORDS] * exceptionCount + i;
    keys.sort();
    keys.forEach((key, to) => {
      const from = (key % exceptionCount) * EXCEPTION_WORDS;
      day.exceptions.set(exceptions.subarray(from, from + EXCEPTION_WORDS), to * EXCEPTION_WORDS);
    });
  }

  private notice(
    kind: RowNotice["kind"],
    cause: string,
    s: number,
    file: number,
    row: number,
    text: () => string,
  ): void {
    const key = `${kind} ${cause}`;
    const shown = this.noticeCount.get(key) ?? 0;
    if (shown >= NOTICES_A_KIND) return;
    this.noticeCount.set(key, shown + 1);
    this.notices.push({
      kind,
      cause,
      symbol: this.options.symbols[s],
      text: text(),
      file: this.options.fileName(file),
      row,
    });
  }

  private nameRow(s: number, us: number): string {
    return `${this.options.symbols[s]} ${exchangeDateTime(us, this.options.timeZone)}`;
  }

  private place(file: number, row: number): string {
    return `${this.options.fileName(file)} row ${row}`;
  }

  private storedText(slot: number): string {
    const { bars, file, row } = this.day;
    return `${barText(bars.open[slot], bars.high[slot], bars.low[slot], bars.close[slot], bars.volume[slot])} in ${this.place(file[slot], row[slot])}`;
  }
}

function valuesText(batch: RowBatch, i: number): string {
  return barText(batch.open[i], batch.high[i], batch.low[i], batch.close[i], batch.volume[i]);
}

function barText(open: number, high: number, low: number, close: number, volume: number): string {
  return `${open}/${high}/${low}/${close} volume ${volume}`;
}

function isOutside(price: number, low: number, high: number): boolean {
  return price < low - ROUNDING * price || price > high + ROUNDING * price;
}

/** Farthest a ratio may be from n:1 to look like a split: the market moves on the same minute. */
const SPLIT_TOLERANCE = 0.05;

/** n for a close near n times or an n-th of the one before, n ≥ 2; 0 otherwise. */
function splitOf(ratio: number): number {
  const times = ratio >= 1 ? ratio : 1 / ratio;
  const n = Math.round(times);
  return n >= 2 && Math.abs(times / n - 1) <= SPLIT_TOLERANCE ? n : 0;
}

function splitText(ratio: number): string {
  return ratio < 1 ? `${splitOf(ratio)}:1` : `1:${splitOf(ratio)}`;
}
