/** The actions of a simulation in words: the last of them are kept, all of them told to who asks. */
import type { Actor } from "./actors.js";

const LAST_ACTIONS = 30;

export class ActionLog {
  step = 0;
  private readonly actions: string[] = [];

  /** @param describe where the session stands, in words; asked only when somebody listens */
  constructor(
    private readonly listener: ((text: string) => void) | undefined,
    private readonly describe: () => string,
  ) {}

  add(what: string): void {
    const text = `#${this.step} ${what}`;
    this.actions.push(text);
    if (this.actions.length > 2 * LAST_ACTIONS) this.actions.splice(0, LAST_ACTIONS);
    this.listener?.(`${text}  [${this.describe()}]`);
  }

  /** @param grain "a turn", one effect by name, or nothing for a look */
  turn({ name, process }: Actor, grain: string | undefined): void {
    if (grain === undefined) return this.add(`${name} looks`);
    const { kind, from, to } = process.decided as { kind: string; from?: number; to?: number };
    this.add(`${name}: ${kind}${to ? ` ${from}…${to}` : ""} (${grain})`);
  }

  last(): string[] {
    return this.actions.slice(-LAST_ACTIONS);
  }
}
