/** `bardeck verify`, with `--schedules N` this alone: what came of replaying the data under seeded schedules of the threads, as text and as JSON. */
import { UsageError, type OpenOptions, type ScheduleFailure, type SchedulesReport } from "../../engine/index.js";
import { EXIT } from "../exit-codes.js";
import { parseCount } from "../options/values.js";
import type { RawOptions } from "../options/read-options.js";
import { formatCount, formatSeconds, plural } from "../output/format.js";
import type { Printer } from "../output/printer.js";
import type { SchedulesLine } from "../output/schema.js";
import { openCommandLine } from "./command-line.js";

/** How many schedules, and the seed of the first. */
export interface AskedSchedules {
  readonly schedules: number;
  readonly seed: number;
}

/** Without `--schedules`, after the replays on real threads: enough to meet a seek that comes at a bad moment. */
export const USUAL_SCHEDULES: AskedSchedules = { schedules: 60, seed: 1 };

/** Undefined when none are asked for. `--seed` alone asks for one. Throws a `UsageError` for numbers that make no sense. */
export function readSchedules(raw: RawOptions): AskedSchedules | undefined {
  const { schedules, seed } = raw as { schedules?: string; seed?: string };
  if (schedules === undefined && seed === undefined) return undefined;
  const asked = schedules === undefined ? 1 : parseCount(schedules, "--schedules");
  if (asked === 0) throw new UsageError("--schedules 0 would verify nothing", "write --schedules 200");
  return { schedules: asked, seed: seed === undefined ? 1 : parseCount(seed, "--seed") };
}

/** A digest that differs is told apart from a rule that was broken on the way to it. */
export function schedulesExit({ failure }: SchedulesReport): number {
  if (failure === null) return EXIT.ok;
  return failure.invariant === "I13" ? EXIT.differs : EXIT.internal;
}

/**
 * The command that replays one schedule alone.
 * @param bugs BARDECK_SEEDED_BUG, without which it would not fail
 */
export function replayCommand(options: OpenOptions, seed: number, bugs: string | undefined): string {
  const hook = bugs === undefined || bugs === "" ? "" : `BARDECK_SEEDED_BUG=${bugs} `;
  return `${hook}${openCommandLine(options, "verify")} --schedules 1 --seed ${seed}`;
}

export function schedulesLine(report: SchedulesReport, replay: (seed: number) => string): SchedulesLine {
  const { failure } = report;
  return {
    type: "schedules",
    ...report,
    failure: failure && { ...failure, actions: [...failure.actions], replay: replay(failure.seed) },
  };
}

export function schedulesText(report: SchedulesReport, replay: (seed: number) => string, printer: Printer): string[] {
  const { theme } = printer;
  const { schedules, seed, sessions, sessionsOfRange, rolls, steps, seconds, digest, failure } = report;
  const seeds = schedules === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + schedules - 1}`;
  const share =
    sessions < sessionsOfRange
      ? `${formatCount(sessions)} of ${plural(sessionsOfRange, "session")}`
      : plural(sessions, "session");
  const of = `of ${share} with ${plural(rolls, "roll")}`;
  const spent = `${plural(steps, "step")} in ${formatSeconds(seconds)}`;
  if (failure) {
    const last = schedules === 1 ? "it fails" : "the last one fails";
    return [
      ` ${plural(schedules, "schedule")} ${of}, ${last}: ${spent}`,
      ...failureText(failure, replay(failure.seed), printer),
    ];
  }
  if (schedules === 0) return [` ${plural(0, "session")}: there is nothing to replay`];
  return [
    ` ${plural(schedules, "schedule")} (${seeds}) ${of}: ${spent}`,
    ` ${theme.good("one digest, every invariant holds")}: ${digest}`,
  ];
}

function failureText(failure: ScheduleFailure, replay: string, { theme }: Printer): string[] {
  const { seed, from, to, step, invariant, what, actions } = failure;
  return [
    ` ${theme.bad(invariant === "I13" ? "differs:" : "broken:")} ${invariant}: ${what}`,
    `   seed ${seed}, sessions ${from} ${theme.glyphs.ellipsis} ${to}, step ${formatCount(step)}, after`,
    ...actions.map((action) => theme.dim(`   ${action}`)),
    ` replay: ${replay}`,
  ];
}
