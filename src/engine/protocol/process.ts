/**
 * What the three workers and the main side have in common: a turn. ① clear my bell ② look, one read
 * group at a time ③ decide, purely ④ perform the effects of the decision, one shared write each, or
 * wait on the bell. Clearing after looking would lose a wake-up.
 *
 * The same object is driven four ways: a worker takes whole turns and waits on its bell (threads/), the
 * single-thread runner and the simulator take whole turns in any order, and the explorer takes one shared
 * access at a time (`advance`) and visits every interleaving of them.
 */
import { assert } from "../assert.js";
import { MINUTE_US } from "../market/time.js";
import type { SeededBug } from "./bugs.js";
import type { Shape } from "./places.js";

import type { Words } from "./words.js";

/** What a turn came to: it did something, it waits for its bell, or the thread has left its loop. */
export type Turn = "moved" | "waits" | "left";

/** What every decision may depend on besides the words. */
export interface ProtocolConfig {
  readonly shape: Shape;
  /** Credit K: how many slots the coordinator may be ahead of upkeep after publishing (I8). At least one row. */
  readonly creditSlots: number;
  /** At most so many slots are published or taken in by one turn, so that a pause is never far. At least one row. */
  readonly batchSlots: number;
  /** Empty but in tests. */
  readonly bugs: ReadonlySet<SeededBug>;
}

/** Flat record of numbers: a thread's private state, so that the explorer can save and restore it. */
export type Registers = Record<string, number>;

export abstract class Process<Action extends { kind: string }, Effect extends string> {
  /** Private state that outlives a turn. */
  abstract readonly registers: Registers;
  protected abstract readonly action: Action & { [field: string]: number | string };
  /** Every kind of action and its effects in order; each effect is one shared write. */
  protected abstract readonly effects: { readonly [kind: string]: readonly Effect[] };
  protected abstract readonly bell: number;
  protected abstract readonly readGroups: number;
  protected bellAfterLook = false;

  /** Where in a turn: 0 the bell, then the read groups, then the effects of `action`. */
  private at = 0;

  constructor(
    protected readonly words: Words,
    readonly config: ProtocolConfig,
  ) {}

  /** Reads group `group` of the words into the view. */
  protected abstract look(group: number): void;
  /** Fills `action` from the view and the registers; writes nothing else. */
  protected abstract decide(): void;
  /** Performs one effect of the current action. False ends the turn early (a lost compare-and-swap). */
  protected abstract perform(effect: Effect): boolean;

  /** A whole turn at once, as a worker takes it. */
  turn(): Turn {
    if (!this.bellAfterLook) this.words.clear(this.bell);
    for (let group = 0; group < this.readGroups; group++) this.look(group);
    this.decide();
    if (this.bellAfterLook) this.words.clear(this.bell);
    // Looked up anew each time: performing may turn the action into another that begins alike (upkeep's hits).
    for (let i = 0; i < this.effects[this.action.kind].length; i++)
      if (!this.perform(this.effects[this.action.kind][i])) return "moved";
    return this.outcome();
  }

  /** One shared access of a turn; `moved` until the turn is over. The explorer's grain. */
  advance(): Turn {
    const looks = this.readGroups;
    const bellAt = this.bellAfterLook ? looks : 0;
    if (this.at <= looks) {
      if (this.at === bellAt) this.words.clear(this.bell);
      else this.look(this.bellAfterLook ? this.at : this.at - 1);
      if (this.at === looks - (this.bellAfterLook ? 1 : 0)) this.decide();
      this.at++;
    } else {
      const effects = this.effects[this.action.kind];
      const goesOn = this.perform(effects[this.at - looks - 1]);
      this.at = goesOn ? this.at + 1 : 0;
    }
    if (this.at <= looks && this.at > 0) return "moved";
    if (this.at === 0 || this.at - looks - 1 < this.effects[this.action.kind].length) return "moved";
    this.at = 0;
    return this.outcome();
  }

  /** The shared write that comes next, or undefined while the thread clears its bell or looks. */
  get nextEffect(): Effect | undefined {
    return this.at > this.readGroups ? this.effects[this.action.kind][this.at - this.readGroups - 1] : undefined;
  }

  /** True between turns: nothing is half done. */
  get betweenTurns(): boolean {
    return this.at === 0;
  }

  /** The action decided last, as plain data. */
  get decided(): Readonly<Action> {
    return this.action;
  }

  /** Whether the thread, looking now, would only wait (I17). Does not touch the bell. */
  wouldWait(): boolean {
    assert(this.at === 0, "asked in the middle of a turn");
    for (let group = 0; group < this.readGroups; group++) this.look(group);
    this.decide();
    return this.action.kind === "wait";
  }

  /** Copies everything private into numbers from `start` on; returns the end. For the explorer; values of a finished turn are dropped. */
  save(into: Int8Array, start: number): number {
    const { registers, action } = this;
    this.fields ??= fieldsOf(registers, action, this.effects);
    const { names, kinds, actionFields, units } = this.fields;
    let i = start;
    into[i++] = this.at;
    for (const name of names) into[i++] = registers[name];
    const decided = this.at >= this.readGroups + (this.bellAfterLook ? 0 : 1);
    into[i++] = decided ? kinds.indexOf(action.kind) : 0;
    for (let f = 0; f < units.length; f++) into[i++] = decided ? (action[actionFields[f]] as number) / units[f] : 0;
    if (this.at > 0 && !decided) return this.saveView(into, i);
    const end = this.saveView(into, i);
    return into.fill(0, i, end) && end;
  }

  /** The other way round. */
  restore(from: Int8Array, start: number): number {
    const { registers, action } = this;
    this.fields ??= fieldsOf(registers, action, this.effects);
    const { names, kinds, actionFields, units } = this.fields;
    let i = start;
    this.at = from[i++];
    for (const name of names) (registers as Registers)[name] = from[i++];
    (action as { kind: string }).kind = kinds[from[i++]];
    for (let f = 0; f < units.length; f++)
      (action as Record<string, number | string>)[actionFields[f]] = from[i++] * units[f];
    return this.restoreView(from, i);
  }

  /** Only threads with more than one read group carry a view from one access to the next. */
  protected saveView(_into: Int8Array, start: number): number {
    return start;
  }
  protected restoreView(_from: Int8Array, start: number): number {
    return start;
  }
  private fields: Fields | undefined;

  private outcome(): Turn {
    return this.action.kind === "wait" ? "waits" : this.action.kind === "leave" ? "left" : "moved";
  }

  protected has(bug: SeededBug): boolean {
    return this.config.bugs.has(bug);
  }
}

interface Fields {
  readonly names: readonly string[];
  readonly kinds: readonly string[];
  readonly actionFields: readonly string[];
  /** What each field of the action is divided by: a state of the explorer is bytes, times are whole minutes there. */
  readonly units: readonly number[];
}

function fieldsOf(registers: Registers, action: object, effects: object): Fields {
  const actionFields = Object.keys(action).filter((field) => field !== "kind");
  return {
    names: Object.keys(registers),
    kinds: Object.keys(effects),
    actionFields,
    units: actionFields.map((field) => (field.endsWith("Us") ? MINUTE_US : 1)),
  };
}

/** The seeded bug "boolean-pause": an acknowledgement is a flag that the next action takes back. */
export function withBooleanPause<Effect extends string>(
  config: ProtocolConfig,
  actions: { readonly [kind: string]: readonly Effect[] },
): { readonly [kind: string]: readonly (Effect | "clear-acknowledgement")[] } {
  if (!config.bugs.has("boolean-pause")) return actions;
  const takesBack = (kind: string): boolean => kind !== "wait" && kind !== "acknowledge";
  return Object.fromEntries(
    Object.entries(actions).map(([kind, effects]) => [
      kind,
      takesBack(kind) ? ["clear-acknowledgement", ...effects] : effects,
    ]),
  );
}

/** True when the newest goal has no answer yet: only then anything moves. */
export function goalPending(goalId: number, answered: number): boolean {
  return goalId !== answered;
}
