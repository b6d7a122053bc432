/** A rule that was broken: thrown by the checks of the simulator, caught where the seed is known. */
export class Violation extends Error {
  /** @param invariant the number in protocol.md, `I7`; `goal` for a goal answered at another place than it names */
  constructor(
    readonly invariant: string,
    readonly what: string,
  ) {
    super(`${invariant}: ${what}`);
  }
}

export function fail(invariant: string, what: string): never {
  throw new Violation(invariant, what);
}
