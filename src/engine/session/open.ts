/** Opening: data → plan → memory → threads → session, standing at the open of the first day. */
import type { Catalog } from "../catalog/types.js";
import { ROW_CLASS } from "../market/bars.js";
import { nextDate } from "../market/dates.js";
import { Engine } from "./engine.js";
import { LiveSession } from "./live-session.js";
import { openPlan, type Opened } from "./make-plan.js";
import { Crew } from "../threads/crew.js";
import type { TestHooks } from "../threads/messages.js";
import type { OpenOptions, Session } from "./types.js";

/**
 * Opens bars for replay and stops before the first one. Scans all of the data once, to decide label, zone and unit and to
 * account for every row.
 *
 * @param path a file, a folder or a glob
 * @throws DataError, FileError, UsageError as `bad-input.md` says, before any thread is left running
 * @example
 * const session = await open("bars-1m", { symbols: ["SPY", "IBM"], from: "2013-10-04", to: "2013-10-11" });
 */
export async function open(path: string, options: Omit<OpenOptions, "path"> = {}): Promise<Session> {
  return openWithHooks({ ...options, path }, {});
}

/** As `open`, with the hooks of tests and `verify`. An abort counts until the session is handed over. */
export async function openWithHooks(options: OpenOptions, hooks: TestHooks): Promise<LiveSession> {
  const { from, startTime } = options;
  const session = await openFrom(options, hooks);
  const { catalog, options: taken } = session.info;
  const { notes, sessions } = catalog;
  const [first] = sessions;
  const moved = from !== undefined && first !== undefined && first.date > from;
  const isAfterClose = taken.startTime !== startTime; // has been told: openAfter
  if (moved && !isAfterClose) notes.push(`${from} is no session with data; the replay begins with ${first.date}`);
  return session;
}

async function openFrom(options: OpenOptions, hooks: TestHooks): Promise<LiveSession> {
  const crew = new Crew();
  const { onScan, signal, ...asked } = options;
  const { fillFrom, ...reading } = asked;
  const spec = { kind: "files", options: reading, fillFrom } as const;
  const scanned = await crew.scan(spec, onScan ?? (() => {}), signal);
  try {
    let opened: Opened = openPlan(scanned.catalog, scanned.fillNotes, asked);
    const [first, second] = opened.plan.sessions;
    if (opened.startUs !== undefined && opened.startUs >= first.closeUs) {
      if (second !== undefined) {
        await crew.end();
        return await openAfter(first.date, options, hooks);
      }
      opened = withoutSessions(opened);
      noteStart(opened.info.catalog, options.startTime, first.date);
    }
    const plan = { ...opened.plan, creditRows: hooks.creditRows ?? opened.plan.creditRows };
    return new LiveSession(await Engine.start(crew, { ...opened, plan }, hooks, undefined, signal));
  } catch (error) {
    await crew.end();
    throw error;
  }
}

/** A start after the close of `date` means the session after it. Scanned again, so that the accounts leave that day out. */
async function openAfter(date: string, options: OpenOptions, hooks: TestHooks): Promise<LiveSession> {
  const { startTime, ...rest } = options;
  const session = await openFrom({ ...rest, from: nextDate(date) }, hooks);
  noteStart(session.info.catalog, startTime, date);
  return session;
}

function noteStart({ notes, sessions }: Catalog, startTime: string | undefined, date: string): void {
  const begins = sessions[0]?.date ?? "no session: there is none after it";
  notes.push(`--start-time ${startTime} lies after the close of ${date}; the replay begins with ${begins}`);
}

/** The same data with nothing to replay: the rows that would have been are out of range. */
function withoutSessions({ plan, info: { warmUpUntilUs: _none, ...info } }: Opened): Opened {
  const files = info.catalog.files.map((file) => {
    const scanned = [...file.scanned];
    scanned[ROW_CLASS.outOfRange] += file.rows - scanned.reduce((sum, count) => sum + count, 0);
    return { ...file, scanned };
  });
  const catalog: Catalog = { ...info.catalog, files, sessions: [] };
  return { plan: { ...plan, sessions: [] }, info: { ...info, catalog }, startUs: undefined };
}
