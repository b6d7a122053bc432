/**
 * In which order commands reach the session: keys typed fast are obeyed one after the other, and what stops or looks never waits.
 * Owns what is under way and what waits for it; knows neither keys nor the screen.
 */
import type { Command } from "../language/verb.js";
import { verbNamed } from "../language/verbs.js";

/** A step that has taken so long is a run: space pauses it. */
const LONG_STEP_MS = 400;
/** Commands typed ahead. */
const MOST_WAITING = 200;

export class CommandOrder {
  /** Moves that wait for those before them. */
  private readonly waiting: (() => void)[] = [];
  private underWay: { readonly command: Command; readonly since: number } | undefined;
  private newest: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly isPlaying: () => boolean,
    private readonly now: () => number,
  ) {}

  /** Runs it now, or after what is under way: keys typed fast must not cut that short. False when too much waits. */
  inOrder(run: () => void): boolean {
    if (this.waiting.length === 0 && !this.isAhead()) run();
    else if (this.waiting.length < MOST_WAITING) this.waiting.push(run);
    else return false;
    return true;
  }

  /** What waits is not wanted any more. */
  forget(): void {
    this.waiting.length = 0;
  }

  /** Does some work in which `command` is what moves the session, if anything does. */
  async carryOut(command: Command | undefined, work: () => Promise<unknown>): Promise<void> {
    const mine = command && isMove(command) ? { command, since: this.now() } : undefined;
    if (mine) this.underWay = mine;
    await (this.newest = work());
    if (mine && this.underWay === mine) this.underWay = undefined;
    while (this.waiting.length > 0 && !this.isAhead()) this.waiting.shift()!();
  }

  /** Something runs that space pauses. */
  isRunning(): boolean {
    if (this.underWay === undefined) return this.isPlaying();
    return !isStep(this.underWay.command) || this.takesLong();
  }

  /** Something has been asked for and not answered, or the session plays. */
  isMoving(): boolean {
    return this.underWay !== undefined || this.isPlaying();
  }

  /** Resolves when every step that was asked for has been answered. */
  async idle(): Promise<void> {
    while (this.isAhead() || this.waiting.length > 0) await this.newest;
  }

  /**
   * Something has been asked for that the next key must find done: a step, a pause, a run to a place. A run that takes long
   * is a run like `play`, which the next key cuts short.
   */
  private isAhead(): boolean {
    if (this.underWay === undefined) return false;
    const { command } = this.underWay;
    return isStep(command) || (command.verb !== "play" && !this.takesLong());
  }

  private takesLong(): boolean {
    return this.underWay !== undefined && this.now() - this.underWay.since > LONG_STEP_MS;
  }
}

export function isMove({ verb }: Command): boolean {
  return verbNamed(verb).kind === "moves";
}

/** What is short by nature: space typed behind it is not meant to end it. */
function isStep({ verb }: Command): boolean {
  return verb === "step" || verb === "back" || verb === "thread" || verb === "pause";
}
