/**
 * The sessions of this process, so that none keeps threads nobody can reach: one whose variable was given another session is
 * ended, one that is garbage too, and all of them when the kernel is closed. The stop button pauses those that move.
 */
import type { Session as EngineSession } from "../../engine/index.js";
import { host } from "./host.js";

interface Entry {
  /** What people hold. Weak: it must be able to become garbage. */
  readonly held: WeakRef<object>;
  /** The variable it was last seen in. */
  name: string | undefined;
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
  entries.set(engine, { held: new WeakRef(held), name: undefined });
  garbage.register(held, engine, engine);
  setTimeout(endReplaced, 0).unref(); // after `const s = await open(…)` has been assigned
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
  for (const engine of entries.keys()) {
    if (engine.state().state !== "playing") continue;
    engine.pause().then(
      (stop) => console.log(`interrupted: paused, and can go on. Next: ${stop.next}`),
      () => {}, // it failed meanwhile: whoever awaits it is told
    );
  }
}
