/** Memory for one session at a time: loaded into, looked at, and used again for the next. */
import type { Catalog } from "../catalog/types.js";
import {
  EXCEPTION_WORDS,
  FLAG_PRESENT,
  ORIGIN,
  REJECT_CAUSES,
  ROW_CLASSES,
  ROW_FLAGS,
  type BarColumns,
  type SourceDay,
} from "../market/bars.js";
import type { DayGrid } from "../market/day.js";

const PRICES = ["open", "high", "low", "close", "volume"] as const;

export class ScratchDay {
  private readonly columns: BarColumns;
  private readonly flags: Uint8Array;
  private readonly file: Uint32Array;
  private readonly row: Uint32Array;
  private readonly origin: Uint8Array;
  private readonly exceptions: Uint32Array;
  private readonly symbols: number;

  /** Large enough for every session of the catalogue. */
  constructor({ symbols, sessions, mostSessionRows }: Catalog) {
    this.symbols = symbols.length;
    const slots = symbols.length * sessions.reduce((most, { minutes }) => Math.max(most, minutes), 0);
    const [open, high, low, close, volume] = PRICES.map(() => new Float64Array(slots));
    this.columns = { open, high, low, close, volume };
    this.flags = new Uint8Array(slots);
    this.file = new Uint32Array(slots);
    this.row = new Uint32Array(slots);
    this.origin = new Uint8Array(slots);
    this.exceptions = new Uint32Array((mostSessionRows + 3 * symbols.length) * EXCEPTION_WORDS);
  }

  /** A zeroed day to load into. What an earlier call gave is no longer valid. */
  fresh(minutes: number): SourceDay {
    const { symbols } = this;
    const slots = minutes * symbols;
    for (const name of PRICES) this.columns[name].fill(0);
    for (const array of [this.flags, this.file, this.row, this.exceptions]) array.fill(0);
    return {
      minutes,
      symbols,
      bars: this.cut(slots),
      flags: this.flags.subarray(0, slots),
      file: this.file.subarray(0, slots),
      row: this.row.subarray(0, slots),
      exceptions: this.exceptions,
      classCount: new Uint32Array(symbols * ROW_CLASSES.length),
      causeCount: new Uint32Array(symbols * REJECT_CAUSES.length),
      flagCount: new Uint32Array(symbols * ROW_FLAGS.length),
      atClosePrice: new Float64Array(symbols),
      atCloseVolume: new Float64Array(symbols),
    };
  }

  /** The loaded day as the grid it would be after streaming. */
  grid({ minutes, symbols, bars, flags }: SourceDay): DayGrid {
    const origin = this.origin.subarray(0, minutes * symbols);
    for (let slot = 0; slot < origin.length; slot++) {
      origin[slot] = (flags[slot] & FLAG_PRESENT) !== 0 ? ORIGIN.streamed : ORIGIN.empty;
    }
    return { minutes, symbols, bars, origin };
  }

  private cut(slots: number): BarColumns {
    const [open, high, low, close, volume] = PRICES.map((name) => this.columns[name].subarray(0, slots));
    return { open, high, low, close, volume };
  }
}
