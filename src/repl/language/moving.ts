/** Verbs that move a session or hold its threads. Each answers with the stop. */
import { plainError, UNITS, UsageError, type Session, type SteppedThread, type Stop } from "../../engine/index.js";
import { parseSpeed } from "../options/values.js";
import { stopLines } from "../views/stop-text.js";
import type { Arguments } from "./arguments.js";
import type { Command, Outcome, ShellPort } from "./verb.js";

type Run = (session: Session, args: Arguments, shell: ShellPort) => Promise<Outcome>;

const THREADS = ["coordinator", "upkeep"] as const satisfies readonly SteppedThread[];

export const play: Run = async (session, args, shell) => {
  args.end();
  return stopped(session, await session.play(), shell);
};

export const pause: Run = async (session, args, shell) => {
  args.end();
  return stopped(session, await session.pause(), shell);
};

export const reverseContinue: Run = async (session, args, shell) => {
  args.end();
  return stopped(session, await session.reverseContinue(), shell);
};

export const step: Run = async (session, args, shell) => {
  const { count, unit, symbol } = readSteps(session, args);
  return stopped(session, await session.step(count, unit, symbol), shell);
};

export const back: Run = async (session, args, shell) => {
  const { count, unit, symbol } = readSteps(session, args);
  return stopped(session, await session.back(count, unit, symbol), shell);
};

/** `[n] [unit [SYM]]`. */
function readSteps(session: Session, args: Arguments) {
  const count = args.count();
  const word = args.peek;
  if (word !== undefined && session.info.catalog.symbols.includes(word))
    throw args.error(`${word} is a symbol, and the unit is missing: bar ${word}`);
  const unit = args.pick(UNITS, "unit", "bar");
  if (/^\d+$/.test(args.peek ?? "") && unit !== "bar") throw args.error(`the count comes first: ${args.peek} ${unit}`);
  const symbol = unit === "bar" ? args.symbol(session) : undefined;
  args.end();
  return { count, unit, symbol };
}

export const until: Run = async (session, args, shell) =>
  stopped(session, await session.until(args.text("a time or a condition")), shell);

export const goto: Run = async (session, args, shell) =>
  stopped(session, await session.goto(args.text("a time or a mark")), shell);

export const thread: Run = async (session, args, shell) => {
  const name = args.pick(THREADS, "thread that can be stepped");
  if (args.peek !== undefined && "step".startsWith(args.peek.toLowerCase())) args.word("step");
  const count = args.count();
  args.end();
  return stopped(session, await session.stepThread(name, count), shell);
};

function stopped(session: Session, stop: Stop, { style }: ShellPort): Outcome {
  const lines = stopLines(stop, session, style);
  if (stop.reason !== "failed") return { stop, lines };
  const error = session.summary().error ?? plainError(new Error(stop.why));
  return { stop, lines, error, exitCode: error.exitCode };
}

// ---- how fast ----

/** What `speed faster` and `speed slower` go through; Infinity is `max`. */
const SPEEDS = [1, 10, 60, 360, 3600, Infinity] as const;

/** Alone it tells the speed. */
export function speed(session: Session, args: Arguments): Outcome {
  const word = args.peek?.toLowerCase();
  if (word !== undefined) {
    args.word("a speed");
    args.end();
    session.setSpeed(word === "faster" || word === "slower" ? nextSpeed(session, word) : readSpeed(word));
  }
  return { ...pace(session), replay: replaySpeed(session) };
}

function readSpeed(word: string): number {
  try {
    return parseSpeed(word, "speed");
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message, `${error.hint}; or write speed faster, speed slower`);
  }
}

function nextSpeed(session: Session, way: "faster" | "slower"): number {
  const present = session.speed === 0 ? Infinity : session.speed;
  const next =
    way === "faster" ? SPEEDS.find((one) => one > present) : SPEEDS.findLast((one) => one < present && one < Infinity);
  const chosen = next ?? present;
  return chosen === Infinity ? 0 : chosen;
}

/** Alone it changes to the other mode. */
export function mode(session: Session, args: Arguments): Outcome {
  const other = session.mode === "data" ? "clock" : "data";
  const wanted = args.pick(["data", "clock"] as const, "mode", other);
  args.end();
  session.setMode(wanted);
  return { ...pace(session), replay: { verb: "mode", words: [wanted] } };
}

function pace(session: Session): Outcome {
  const text =
    session.mode === "data" ? "data-driven: as fast as the data allows" : `clock-driven: ${session.speed}x real time`;
  return { lines: [text], value: { mode: session.mode, speed: session.speed } };
}

const replaySpeed = ({ speed: present }: Session): Command => ({
  verb: "speed",
  words: [present === 0 ? "max" : String(present)],
});
