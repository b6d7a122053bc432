/** The accounts of a closed day: every row in exactly one class (I4), every slot observed or missing (I20), volume conserved (I12). */
import { assert } from "../assert.js";
import { EXCEPTION_WORDS, ROW_CLASS, ROW_CLASSES } from "../market/bars.js";
import { exceptionCount, segmentDerived, segmentGrid, type Segment } from "../memory/segment.js";
import type { SessionPlan } from "../plan.js";
import { eachMissing } from "../quality/gaps.js";
import { rowsOf } from "./day-record.js";

/** Throws (a bug of ours) when the accounts of the closed day in `segment` do not add up. */
export function checkAccounts(plan: SessionPlan, epoch: number, segment: Segment): void {
  const grid = segmentGrid(segment);
  const slots = grid.minutes * grid.symbols;
  const streamed = new Uint32Array(grid.symbols).fill(grid.minutes);
  eachMissing(grid, slots, (_, symbol) => streamed[symbol]--);
  const listed = listedExceptions(segment);
  plan.symbols.forEach((symbol, i) => {
    const where = `${symbol} ${plan.sessions[epoch].date}`;
    const classes = segment.source.classCount.subarray(i * ROW_CLASSES.length, (i + 1) * ROW_CLASSES.length);
    const { observed, missing, filled } = segment.quality;
    assert(
      rowsOf(segment, i) === plan.sessions[epoch].rows[i],
      `I4: the row classes of ${where} do not add up to its rows`,
    );
    assert(classes[ROW_CLASS.streamed] === streamed[i], `I4: rows streamed and bars published differ for ${where}`);
    assert(observed[i] === streamed[i], `I20: bars observed and published differ for ${where}`);
    assert(observed[i] + missing[i] === grid.minutes, `I20: observed and missing do not add up for ${where}`);
    assert(filled[i] <= missing[i], `I20: more filled than missing for ${where}`);
    for (let c = 0; c < ROW_CLASSES.length; c++) {
      if (c === ROW_CLASS.streamed || c === ROW_CLASS.unread) continue;
      assert(
        listed[i * ROW_CLASSES.length + c] === classes[c],
        `I4: ${ROW_CLASSES[c]} rows of ${where} are not all listed`,
      );
    }
  });
  checkVolume(segment, slots);
}

/** Rows by symbol and class according to the exceptions list; a filtered entry stands for a count of rows. */
function listedExceptions(segment: Segment): Uint32Array {
  const { exceptions } = segment.source;
  const { symbols } = segment.shape;
  const listed = new Uint32Array(symbols * ROW_CLASSES.length);
  for (let i = 0; i < exceptionCount(segment); i++) {
    const [slot, kind, third] = exceptions.subarray(i * EXCEPTION_WORDS, (i + 1) * EXCEPTION_WORDS);
    const rowClass = kind & 0xff;
    const filtered =
      rowClass === ROW_CLASS.preMarket || rowClass === ROW_CLASS.afterHours || rowClass === ROW_CLASS.atClose;
    listed[(slot % symbols) * ROW_CLASSES.length + rowClass] += filtered ? third : 1;
  }
  return listed;
}

/** Sums of the same numbers in another order: equal but for the rounding of as many additions, exactly for whole volumes. */
function checkVolume(segment: Segment, slots: number): void {
  const grid = segmentGrid(segment);
  const total = sum(grid.bars.volume, slots);
  for (const derived of segmentDerived(segment)) {
    const conserved = sum(derived.bars.volume, derived.buckets * grid.symbols);
    assert(
      conserved === total || Math.abs(conserved - total) <= Math.abs(total) * slots * Number.EPSILON,
      `I12: the volume of ${derived.intervalMinutes}-minute bars differs from their sources'`,
    );
  }
}

function sum(values: Float64Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i];
  return total;
}
