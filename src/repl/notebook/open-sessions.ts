/**
 * The sessions of this process, so that none keeps threads nobody can reach: one whose variable was given another session is
 * ended, one that is garbage too, and all of them when the kernel is closed. The stop button pauses those that move.
 */
import type { Session as EngineSession } from "../../engine/index.js";
import { collectGarbage } from "./collect-garbage.js";
import { host } from "./host.js";

interface Entry {
  /** What people hold. Weak: it must be able to become garbage. */
  readonly held: WeakRef<object>;
  /** The variable it was last seen in. */
  name: string | undefined;
  /** Commands that have not been answered. One may have been given that has not set the session going yet. */
  underWay: number;
}

const entries = new Map<EngineSession, Entry>();
const garbage = new FinalizationRegistry<EngineSession>((engine) => end(engine));
let listening = false;
let interrupts = 0;

/** Presses of the stop button so far: a loop over steps looks whether there was one. */
export function interruptCount(): number {
  return interrupts;
}

/** `held` stands for `engine` from now on. The engine must not hold it. */
export function register(engine: EngineSession, held: object): void {
  if (!listening) {
    listening = true;
    host().listen({ interrupted: pauseAll, closed: () => [...entries.keys()].forEach(end) });
  }
  entries.set(engine, { held: new WeakRef(held), name: undefined, underWay: 0 });
  garbage.register(held, engine, engine);
  setTimeout(endReplaced, 0).unref(); // after `const s = await open(…)` has been assigned
}

/** The stop button pauses a session from here on until the command is answered. */
export function noteUnderWay(engine: EngineSession, command: Promise<unknown>): void {
  const entry = entries.get(engine);
  if (entry === undefined) return;
  entry.underWay += 1;
  const over = (): void => void (entry.underWay -= 1);
  command.then(over, over);
}

export function unregister(engine: EngineSession): void {
  garbage.unregister(engine);
  entries.delete(engine);
}

/** Ends sessions whose variable holds another session now, as after running a cell again. */
export function endReplaced(): void {
  if (entries.size < 2) return noteNames(host().variables());
  const variables = host().variables();
  noteNames(variables);
  const sessions = new Set([...entries.values()].map(({ held }) => held.deref()));
  for (const [engine, { held, name }] of entries) {
    if (name === undefined) continue;
    const now = variables.get(name) as object | undefined;
    if (now !== undefined && now !== held.deref() && sessions.has(now)) end(engine);
  }
}

/**
 * Ends sessions that nothing holds any more. Only where variables are known, and only when a session is in none: it may be in an array or
 * in a call under way, so that the collector has to be asked.
 */
export async function endLost(): Promise<void> {
  const held = new Set(host().variables().values());
  if (held.size === 0) return;
  const isAnyUnnamed = [...entries.values()].some((entry) => !held.has(entry.held.deref()));
  if (isAnyUnnamed) await collectGarbage();
}

function noteNames(variables: ReadonlyMap<string, unknown>): void {
  const names = new Map([...variables].map(([name, value]) => [value, name]));
  for (const entry of entries.values()) entry.name = names.get(entry.held.deref()) ?? entry.name;
}

function end(engine: EngineSession): void {
  unregister(engine);
  engine.dispose().catch(() => {}); // whoever moved it has been told
}

function pauseAll(): void {
  interrupts += 1;
  for (const [engine, { underWay }] of entries) {
    if (underWay === 0 && engine.state().state !== "playing") continue;
    engine.pause().then(
      (stop) => console.log(`interrupted: paused, and can go on. Next: ${stop.next}`),
      () => {}, // it failed meanwhile: whoever awaits it is told
    );
  }
}
