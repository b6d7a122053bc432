/** Garbage collected now, not some time: what nobody can reach any more is known at once. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** The full collection takes some ten milliseconds. What was to be told of garbage has been told when it resolves. */
export async function collectGarbage(): Promise<void> {
  await turn(); // what this turn has looked at through a WeakRef lives to its end
  collect ??= exposed();
  collect();
  await turn();
}

function exposed(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
