/** From what the scan found and what was asked for to the plan of a session. */
import { UsageError } from "../errors.js";
import type { Catalog } from "../catalog/types.js";
import type { SessionPlan } from "../plan.js";
import type { FillMode } from "../quality/take-in.js";
import { parseTimeOfDay, timeOfSession } from "./when.js";
import type { OpenOptions, SessionInfo } from "./types.js";

export interface Opened {
  readonly plan: SessionPlan;
  readonly info: SessionInfo;
  /** Microseconds UTC of `--start-time`; undefined when the replay begins at the open. */
  readonly startUs: number | undefined;
}

/** Rows the coordinator may run ahead of upkeep in free run: a whole day, so that neither waits for the other. */
const FREE_RUN_ROWS = 1440;

/** Settles everything that does not change while the session runs. */
export function openPlan(catalog: Catalog, fillNotes: readonly string[], options: OpenOptions): Opened {
  const intervals = [...new Set(options.derive ?? [5, 15])].sort((a, b) => a - b);
  for (const interval of intervals)
    if (!Number.isInteger(interval) || interval < 2 || interval > 1440)
      throw new UsageError(
        `${interval} minutes is no interval for derived bars`,
        "use whole minutes from 2 to 1440, e.g. --derive 5m,15m",
      );
  const keepDays = options.keepDays ?? 3;
  if (!Number.isInteger(keepDays) || keepDays < 0)
    throw new UsageError(`${keepDays} is no number of days to keep`, "use a whole number from 0");
  const fill = fillMode(options);
  const plan: SessionPlan = {
    calendarName: catalog.calendarName,
    exchangeZone: catalog.exchangeZone,
    symbols: catalog.symbols,
    sessions: catalog.sessions,
    intervals,
    derivedPolicy: options.derived ?? "flag",
    fillMode: fill,
    creditRows: FREE_RUN_ROWS,
    mostExceptions: catalog.mostSessionRows + 3 * catalog.symbols.length,
    keepDays,
    withEvents: options.events ?? false,
  };
  const startUs = startOf(plan, options.startTime);
  const notes = [...catalog.notes, ...fillNotes];
  return {
    plan,
    info: {
      catalog: { ...catalog, notes },
      options,
      intervals,
      fill,
      ...(startUs !== undefined && { warmUpUntilUs: startUs }),
    },
    startUs,
  };
}

function fillMode(options: OpenOptions): FillMode {
  if (options.fillFrom !== undefined) {
    if (options.fill !== undefined && options.fill !== "source")
      throw new UsageError(`--fill ${options.fill} and --fill-from contradict each other`, "leave one of them out");
    return "source";
  }
  if (options.fill === "source")
    throw new UsageError("--fill source needs the source to fill from", "add --fill-from SOURCE");
  return options.fill ?? "none";
}

/** Microseconds UTC of `--start-time` in the first session; undefined when that is its open or before. */
function startOf(plan: SessionPlan, startTime: string | undefined): number | undefined {
  if (startTime === undefined) return undefined;
  const minute = parseTimeOfDay(startTime, "--start-time");
  if (plan.sessions.length === 0) return undefined;
  const startUs = timeOfSession(plan, 0, minute);
  return startUs <= plan.sessions[0].openUs ? undefined : startUs;
}
