/** Verbs for places to stop at, to return to, and numbers to keep an eye on. */
import { type BreakOptions, type Breakpoint, type Session } from "../../engine/index.js";
import { breakpointText, markText, watchLines } from "../views/point-text.js";
import type { Arguments } from "./arguments.js";
import type { Outcome, ShellPort } from "./verb.js";

/** Without a condition: at the present place. */
export function breakAt(session: Session, args: Arguments, shell: ShellPort): Outcome {
  return set(session, "break", args.left === 0 ? placeOf(session, shell) : args.text("a condition"), {});
}

export function breakOnce(session: Session, args: Arguments, shell: ShellPort): Outcome {
  const condition = args.left === 0 ? placeOf(session, shell) : args.text("a condition");
  return set(session, "tbreak", condition, { temporary: true });
}

export function log(session: Session, args: Arguments): Outcome {
  return set(session, "log", args.text("a condition"), { log: true });
}

function set(session: Session, verb: string, condition: string, options: BreakOptions): Outcome {
  const point = session.break(condition, options);
  return {
    lines: [`${point.log ? "log point" : "breakpoint"} ${breakpointText(point)}`],
    value: point,
    replay: { verb, words: point.text.split(" ") },
  };
}

/** The present place as a condition: a time, or the step that comes next. */
function placeOf(session: Session, { style }: ShellPort): string {
  const { date, step, timeUs } = session.state();
  return step === null ? `${date} ${style.clock.time(timeUs)}` : `phase=${step} if day=${date}`;
}

export function remove(session: Session, args: Arguments): Outcome {
  const points = session.breakpoints();
  const ids = [args.number("the number of a breakpoint")];
  while (args.left > 0) ids.push(args.number("the number of a breakpoint"));
  // All of them are looked up before any is deleted.
  const found = [...new Set(ids)].map((id) => find(points, id, args));
  for (const { id } of found) session.delete(id);
  return { lines: found.map((point) => `deleted ${breakpointText(point)}`) };
}

export function ignore(session: Session, args: Arguments): Outcome {
  const { id } = find(session.breakpoints(), args.number("the number of a breakpoint"), args);
  const count = args.number("how many hits");
  args.end();
  session.ignore(id, count);
  const point = find(session.breakpoints(), id, args);
  return { lines: [`breakpoint ${breakpointText(point)}`], value: point };
}

function find(points: readonly Breakpoint[], id: number, args: Arguments): Breakpoint {
  const point = points.find((one) => one.id === id);
  if (point) return point;
  const known = points.map((one) => one.id).join(", ");
  throw args.error(`there is no breakpoint ${id}; ${known === "" ? "none is set" : `the numbers are ${known}`}`);
}

export function mark(session: Session, args: Arguments): Outcome {
  const name = args.word("a name");
  args.end();
  const made = session.mark(name);
  return { lines: [markText(made)], value: made };
}

export function watch(session: Session, args: Arguments, { style }: ShellPort): Outcome {
  session.watch(args.text("what to watch"));
  const watches = session.watches();
  return { lines: watchLines(watches.slice(-1), style), value: watches };
}

export function unwatch(session: Session, args: Arguments, { style }: ShellPort): Outcome {
  session.unwatch(args.text("what is watched"));
  const watches = session.watches();
  return { lines: watchLines(watches, style), value: watches };
}
