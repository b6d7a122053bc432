/**
 * What a simulation replays: a plan, its days in memory and the reference they are checked against. Drawn from
 * a seed (small and nasty), or made once of a person's own data and replayed under many schedules.
 */
import {
  EXCEPTION_WORDS,
  REJECT_CAUSES,
  ROW_CLASS,
  ROW_CLASSES,
  type DayLoad,
  type SourceDay,
} from "../market/bars.js";
import { MINUTE_US } from "../market/time.js";
import type { PlannedSession, SessionPlan } from "../plan.js";
import { fillSynthetic } from "../work/synthetic-source.js";
import { Lots } from "./lots.js";
import { createSourceDay, type MemorySource } from "./memory-source.js";
import { Reference } from "./reference.js";

export interface Subject {
  readonly plan: SessionPlan;
  readonly source: MemorySource;
  readonly fill: MemorySource | undefined;
  readonly reference: Reference;
}

/** @param fill days of the second source, for `--fill source` */
export function createSubject(plan: SessionPlan, source: MemorySource, fill?: MemorySource): Subject {
  return { plan, source, fill, reference: new Reference(plan, source, fill) };
}

const FIRST_OPEN_US = Date.UTC(2024, 0, 2, 14, 30) * 1000;
const MOST_EXCEPTIONS = 12;

/** A subject of 1–4 sessions of 1–7 minutes and 1–3 symbols. */
export function drawSubject(seed: number): Subject {
  const lots = new Lots(seed, 1);
  const symbols = Array.from({ length: lots.between(1, 3) }, (_, i) => `S${i}`);
  const sessions = drawSessions(lots, symbols.length);
  const plan: SessionPlan = {
    calendarName: "simulated",
    exchangeZone: "UTC",
    symbols,
    sessions,
    intervals: lots.pick([[2, 3], [2], [3], [1, 4], [5, 15], []]),
    derivedPolicy: lots.pick(["flag", "withhold"]),
    fillMode: lots.pick(["none", "none", "forward", "source"]),
    creditRows: 1,
    mostExceptions: MOST_EXCEPTIONS,
    keepDays: lots.between(0, 3),
  };
  const source = drawSource(lots, seed, plan);
  const fill = plan.fillMode === "source" ? drawFill(lots, seed, plan) : undefined;
  const rows = sessions.map((_, epoch) => countRows(plan, epoch, source));
  return createSubject({ ...plan, sessions: sessions.map((s, i) => ({ ...s, rows: rows[i] })) }, source, fill);
}

/** Sessions of different lengths; some follow each other without a break, as in a market that never closes. */
function drawSessions(lots: Lots, symbols: number): PlannedSession[] {
  const breakMinutes = lots.pick([0, 1, 1050]);
  let openUs = FIRST_OPEN_US;
  return Array.from({ length: lots.between(1, 4) }, (_, epoch) => {
    const minutes = lots.between(1, 7);
    const session: PlannedSession = {
      date: `2024-01-0${epoch + 2}`,
      kind: minutes < 4 ? "half" : "full",
      openUs,
      closeUs: openUs + minutes * MINUTE_US,
      minutes,
      rows: Array.from({ length: symbols }, () => 0),
    };
    openUs = session.closeUs + breakMinutes * MINUTE_US;
    return session;
  });
}

/** Bars with holes, streams that end early or never begin, and rows that become no bar. */
function drawSource(lots: Lots, seed: number, plan: SessionPlan): MemorySource {
  const missing = lots.pick([0, 0.1, 0.3, 0.7]);
  const endsAt = plan.sessions.map(({ minutes }) => (lots.chance(0.35) ? lots.below(minutes + 1) : minutes));
  const extras = plan.sessions.map(() => (lots.chance(0.4) ? lots.between(1, MOST_EXCEPTIONS) : 0));
  const options = { seed, symbols: plan.symbols.length, sessions: plan.sessions.length, minutes: 0, missing, endsAt };
  return {
    load(epoch, into) {
      const load = fillSynthetic(options, epoch, into);
      return { ...load, exceptionCount: addExceptions(new Lots(seed, 100 + epoch), extras[epoch], into) };
    },
  };
}

function addExceptions(lots: Lots, count: number, into: SourceDay): number {
  const slots = Array.from({ length: count }, () => lots.below(into.minutes * into.symbols)).sort((a, b) => a - b);
  slots.forEach((slot, i) => {
    const rowClass = lots.pick([ROW_CLASS.rejected, ROW_CLASS.duplicate, ROW_CLASS.conflict, ROW_CLASS.afterHours]);
    const isRejected = rowClass === ROW_CLASS.rejected;
    const filtered = rowClass === ROW_CLASS.afterHours ? lots.between(1, 9) : 0;
    const cause = isRejected ? lots.below(REJECT_CAUSES.length) : 0;
    const symbol = slot % into.symbols;
    into.exceptions.set([slot, rowClass | (cause << 8), filtered, i], i * EXCEPTION_WORDS);
    into.classCount[symbol * ROW_CLASSES.length + rowClass] += filtered || 1;
    if (isRejected) into.causeCount[symbol * REJECT_CAUSES.length + cause]++;
  });
  return count;
}

function drawFill(lots: Lots, seed: number, plan: SessionPlan): MemorySource {
  const minutes = Math.max(...plan.sessions.map((s) => s.minutes));
  const missing = lots.pick([0, 0.5]);
  const options = { seed: seed + 1, symbols: plan.symbols.length, sessions: plan.sessions.length, minutes, missing };
  return { load: (epoch, into): DayLoad => fillSynthetic(options, epoch, into) };
}

function countRows(plan: SessionPlan, epoch: number, source: MemorySource): number[] {
  const day = createSourceDay(plan, epoch);
  source.load(epoch, day);
  return plan.symbols.map((_, symbol) => {
    const classes = day.classCount.subarray(symbol * ROW_CLASSES.length, (symbol + 1) * ROW_CLASSES.length);
    return classes.reduce((sum, count) => sum + count, 0);
  });
}
