/**
 * Commands that move a session: one after the other, one answer each (I15). A command is a procedure of legs; each leg is a goal.
 * A newer command supersedes the one that moves. What may stop a leg before its place, breakpoints and functions, is looked after here.
 */
import { UsageError } from "../errors.js";
import { isPlaceAtom } from "../conditions/atom-kinds.js";
import { comparePlaces, type Place } from "../protocol/places.js";
import type { ConditionHit } from "../work/armed-day.js";
import {
  armedConditions,
  asksData,
  testsTrue,
  UNTIL_ID,
  type BreakpointBook,
  type Stopper,
} from "./breakpoint-book.js";
import type { GoalEnd, MainSide } from "./main-side.js";
import type { Standing } from "./standing.js";
import type { Stop, StopReason } from "./types.js";
import type { View } from "./views.js";

/** A goal on the way of a command. */
export interface Leg {
  readonly place: Place;
  /** Begins the day of `place` again. */
  readonly seek?: boolean;
  /** Breakpoints are silent. */
  readonly quiet?: boolean;
  /** At the speed that was asked for; else as fast as the data allows. */
  readonly paced?: boolean;
  /** Holds the thread it does not name. */
  readonly release?: number;
}

/** How a leg ended. `ids`: breakpoints that stopped it, `UNTIL_ID` for the command's own condition. */
export type LegEnd =
  | { readonly kind: "reached" | "finished" }
  | { readonly kind: "hit"; readonly ids: readonly number[]; readonly why: string };

/** What a command came to; without anything it is where it wanted to go. */
export interface Outcome {
  readonly end?: LegEnd;
  readonly reason?: StopReason;
  readonly why?: string;
}

/** A command's own reason and cause, and what it waits for. */
export interface Order {
  readonly client: string;
  readonly reason: StopReason;
  readonly why: string;
  readonly until?: Stopper;
  /** It leaves the session where it found it, which goes on standing there for the reason it had. */
  readonly comesBack?: boolean;
}

interface Movement extends Order {
  readonly command: number;
  /** It has ended what moved before it; a command that is refused has not. */
  supersedes: boolean;
  /** The command has its turn: its first leg is posted in it. */
  hasTurn: boolean;
  readonly onPosted: () => void;
  /** Its leg ends for breakpoints that have changed, not for another command. */
  rearms: boolean;
  /** A pause has gone to the place of its hit already. */
  atHit: boolean;
  /** The leg that is posted. */
  leg: Leg | undefined;
  hits: ConditionHit[];
  standing: Standing | undefined;
}

/** What the mover asks the session. */
export interface MoverContext {
  standing(): Standing;
  /** Whether the data atoms of a condition hold at the present place. */
  holds(entry: Stopper): boolean;
  /** Why it holds there, in words. */
  describe(entry: Stopper): string;
  /** The present place if it is a row boundary of a day that streams. */
  rowView(): View | undefined;
  /** The last row boundary passed in the present day. */
  lastRowView(): View | undefined;
  /** The next row boundary after the present place. */
  nextRow(): Place;
  speed(): number;
  /** A command has got its number. */
  begun(client: string, command: number, why: string): void;
  /** Answers are told here, in order. `isBack`: of a command that has left the session where it found it. */
  tell(stop: Stop, isBack: boolean): void;
  tellLog(entry: Stopper, text: string, epoch: number, position: number): void;
  changed(): void;
}

/** Posts a leg and waits for its end. */
export type Go = (leg: Leg) => Promise<LegEnd>;
/** Ends what moves the session before the first leg. */
export type Stand = () => Promise<void>;

class Superseded extends Error {}

export class Mover {
  private turns: Promise<unknown> = Promise.resolve();
  /** Resolves when all commands up to the newest have been answered. */
  private answers: Promise<void> = Promise.resolve();
  private current: Movement | undefined;
  private lastCommand = 0;
  private generation = 0;
  private armedAs = "";

  constructor(
    private readonly side: MainSide,
    private readonly book: BreakpointBook,
    private readonly context: MoverContext,
  ) {}

  /** Whether a command moves the session. */
  get isMoving(): boolean {
    return this.current !== undefined;
  }

  /** Whether the command that moves follows the speed asked for. */
  get isPaced(): boolean {
    return this.current?.leg?.paced === true;
  }

  /** Carries a command out. `procedure` is called when its turn has come and posts its legs through `go`. */
  move(order: Order, procedure: (go: Go, stand: Stand) => Promise<Outcome>): Promise<Stop> {
    let onPosted = (): void => {};
    const posted = new Promise<void>((resolve) => (onPosted = resolve));
    const movement: Movement = { ...order, command: ++this.lastCommand, ...FRESH, hits: [], onPosted };
    return this.answer(movement, async () => {
      const { result } = await this.inTurn(async () => {
        this.side.mustBeOpen();
        movement.hasTurn = true;
        const result = procedure(
          (leg) => this.go(movement, leg),
          () => this.stand(movement),
        );
        await Promise.race([posted, result.then(nothing, nothing)]);
        movement.hasTurn = false;
        return { result };
      });
      return result;
    });
  }

  /** Stops the session; the command that moves it is superseded, unless it has just come to a hit. */
  pause(client: string): Promise<Stop> {
    const movement: Movement = {
      client,
      reason: "paused",
      why: "pause",
      command: ++this.lastCommand,
      ...FRESH,
      hits: [],
      onPosted: nothing,
    };
    return this.answer(movement, () =>
      this.inTurn(async () => {
        this.side.mustBeOpen();
        await this.stand(movement);
        this.current = movement;
        movement.supersedes = true;
        return {};
      }),
    );
  }

  /** In the turn of a movement: ends what moves the session, so that it knows where it begins. */
  private async stand(movement: Movement): Promise<void> {
    const moved = this.current;
    if (!this.side.isMoving || moved === movement) return;
    await this.side.pause();
    movement.supersedes = true;
    const hit = this.side.openHit;
    if (!hit || !moved) {
      this.side.settle({ kind: "superseded" });
    } else {
      moved.atHit = true;
      this.side.settle({ kind: "hit", place: hit, open: false });
      await this.goToHit(hit);
      moved.standing = this.context.standing();
    }
    this.current = movement;
  }

  /** Does something that needs the session to stand, in turn; commands that move it are superseded by nothing. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.turns.then(act);
    this.turns = done.then(nothing, nothing);
    return done;
  }

  /** Breakpoints have changed: a leg they may stop is posted anew with them. */
  rearm(): void {
    if (!this.current) return;
    void this.inTurn(async () => {
      const movement = this.current;
      if (!movement?.leg || movement.leg.quiet || !this.side.isMoving || this.side.openHit) return;
      await this.side.pause();
      if (!this.side.isMoving || this.side.openHit || this.side.isAnswered) return; // its end is about to be told, or has been
      movement.rearms = true;
      this.side.settle({ kind: "superseded" });
    }).catch(nothing); // an end meanwhile is told by the command itself
  }

  /** Upkeep's reports of conditions that have become true. */
  heard(hits: readonly ConditionHit[]): void {
    for (const hit of hits) {
      const entry = hit.id === UNTIL_ID ? this.current?.until : this.book.get(hit.id);
      if (!entry) continue; // deleted meanwhile
      this.book.count(entry);
      if (hit.ignored) this.armedAs = ""; // upkeep has counted down what the next arming says anew
      if (hit.ignored) continue;
      if (entry.log) this.context.tellLog(entry, hit.text, hit.epoch, hit.position);
      else this.current?.hits.push(hit);
    }
  }

  // ---- legs ----

  private async go(movement: Movement, leg: Leg): Promise<LegEnd> {
    if (!leg.quiet) this.beginTests();
    for (;;) {
      const post = (): Promise<PostedLeg> => this.post(movement, leg);
      const posted = movement.hasTurn ? await post() : await this.inTurn(post);
      movement.hasTurn = false;
      movement.onPosted();
      const end = await posted.end;
      if (end.kind === "superseded") {
        if (!movement.rearms) throw new Superseded();
        movement.rearms = false;
        continue;
      }
      const ended = await this.judge(movement, leg, posted, end);
      if (ended) return ended;
    }
  }

  /** Functions that were true after the minute before do not stop the session before they have been false. */
  private beginTests(): void {
    const tested = this.book.stoppers(undefined).filter(({ test }) => test !== undefined);
    const view = tested.length > 0 ? this.context.lastRowView() : undefined;
    for (const entry of tested) entry.wasTrue = view !== undefined && entry.test!(view) === true;
  }

  private async post(movement: Movement, leg: Leg): Promise<PostedLeg> {
    // A command that comes to nothing leaves the one that moves alone.
    const before = this.current;
    if (movement.leg && before !== movement) throw new Superseded();
    // What may stop it depends on where it begins, and on the hits that have been counted up to there.
    if (this.side.isMoving) await this.side.pause();
    if (this.side.openHit) await this.stand(movement);
    const from = this.side.stopPlace();
    const stoppers = leg.quiet ? [] : this.book.stoppers(movement.until);
    const limit = this.limitOf(leg, stoppers);
    const { seek, release } = leg;
    if (!seek && !release) await this.unhold(limit);
    const watch = this.arm(stoppers);
    const speed = leg.paced ? this.context.speed() : 0;
    const capture = (): void => void (movement.standing = this.context.standing());
    const own = { leg: movement.leg, hits: movement.hits };
    movement.leg = leg;
    movement.hits = [];
    this.current = movement;
    const posted = await this.side.post({ place: limit, seek, release, watch, speed, onEnd: capture });
    if (!posted) {
      Object.assign(movement, own);
      this.current = before;
      const { date, slots, slotsDue } = this.context.standing().position;
      throw new UsageError(
        `${movement.why}: that lies behind ${date}, slot ${slots} of ${slotsDue}`,
        "go back with goto",
      );
    }
    movement.supersedes = true;
    this.context.changed();
    return { end: posted.end, limit, from };
  }

  /** A coordinator that was held ahead of upkeep may be beyond `limit`: both begin again where upkeep stands. */
  private async unhold(limit: Place): Promise<void> {
    const { side } = this;
    const place = side.presentPlace();
    if (side.isMoving || side.isCaughtUp || comparePlaces(limit, place) < 0) return;
    if (comparePlaces(limit, side.publishedPlace()) >= 0) return;
    const posted = await side.post({ place, seek: true });
    await posted?.end;
  }

  /** The leg's place, or one before it at which a breakpoint or a function is to be looked at. */
  private limitOf(leg: Leg, stoppers: readonly Stopper[]): Place {
    if (leg.seek || leg.release || stoppers.length === 0) return leg.place;
    const others = [this.book.nextPlace(stoppers, this.side.stopPlace())];
    if (stoppers.some(({ test }) => test)) others.push(this.context.nextRow());
    return others.reduce<Place>((best, place) => (place && comparePlaces(place, best) < 0 ? place : best), leg.place);
  }

  /** Tells upkeep what to watch for; the generation it knows that by. */
  private arm(stoppers: readonly Stopper[]): number {
    const armed = armedConditions(stoppers);
    if (armed.length === 0) return 0;
    const key = JSON.stringify(armed.map(({ id, condition, ignore, stops }) => [id, condition.text, ignore, stops]));
    if (key !== this.armedAs) {
      this.side.arm(++this.generation, armed);
      this.armedAs = key;
    }
    return this.generation;
  }

  /** What the end of a goal means for its leg; undefined: it goes on. */
  private async judge(
    movement: Movement,
    leg: Leg,
    { limit, from }: PostedLeg,
    end: GoalEnd,
  ): Promise<LegEnd | undefined> {
    if (end.kind === "hit") {
      // A goal that has ended stood at its hit: what another command does since is none of its business.
      if (end.open)
        await this.inTurn(async () => {
          if (movement.atHit || !this.side.isMoving) return;
          if (this.current !== movement) throw new Superseded();
          await this.side.pause();
          await this.goToHit(end.place);
          this.side.settle({ kind: "superseded" });
          movement.standing = this.context.standing();
        });
      const ids = [...new Set(movement.hits.map(({ id }) => id))];
      const texts = [...new Set(movement.hits.map(({ text }) => text))];
      return { kind: "hit", ids, why: texts.join("; ") };
    }
    if (leg.quiet || leg.seek) return { kind: end.kind === "finished" ? "finished" : "reached" };
    const here = this.side.stopPlace();
    if (leg.release && (comparePlaces(here, from) === 0 || !this.side.isCaughtUp)) return { kind: "reached" };
    const found = this.stopsHere(movement, leg.release ? here : limit);
    if (found) return found;
    if (end.kind === "finished") return { kind: "finished" };
    if (leg.release) return { kind: "reached" };
    return comparePlaces(limit, leg.place) === 0 ? { kind: "reached" } : undefined;
  }

  /** Breakpoints with a place, and functions, that stop the session where it stands. */
  private stopsHere(movement: Movement, limit: Place): LegEnd | undefined {
    const stoppers = this.book.stoppers(movement.until);
    const held = this.book
      .between(stoppers, limit, this.side.stopPlace())
      .filter((entry) => !asksData(entry) || this.context.holds(entry));
    const view = stoppers.some(({ test }) => test) ? this.context.rowView() : undefined;
    const tested = view ? testsTrue(stoppers, view) : [];
    const stopping = [...held, ...tested].filter((entry) => {
      const counts = this.book.count(entry);
      const { epoch, processed } = this.context.standing().position;
      if (counts && entry.log) this.context.tellLog(entry, this.context.describe(entry), epoch, processed);
      return counts && !entry.log;
    });
    if (stopping.length === 0) return undefined;
    const why = stopping.map((entry) => this.context.describe(entry)).join("; ");
    return { kind: "hit", ids: stopping.map(({ id }) => id), why };
  }

  /** Under an acknowledged pause: to the place of a hit, if the session is beyond it. */
  private async goToHit(place: Place): Promise<void> {
    if (comparePlaces(this.side.presentPlace(), place) === 0 && this.side.isCaughtUp) return;
    const posted = await this.side.post({ place, seek: true });
    await posted?.end;
  }

  // ---- answers ----

  private async answer(movement: Movement, run: () => Promise<Outcome>): Promise<Stop> {
    const { side } = this;
    const wasOpen = !side.ended;
    this.context.begun(movement.client, movement.command, movement.why);
    const before = this.answers;
    let answered = nothing;
    const own = new Promise<void>((resolve) => (answered = resolve));
    this.answers = before.then(() => own); // a refusal comes at once, and must not let those behind it overtake
    try {
      const outcome = await run();
      movement.standing ??= this.context.standing();
      if (movement.supersedes) await before; // what it superseded is answered first
      return this.tell(movement, outcome);
    } catch (error) {
      if (movement.supersedes) await before;
      if (error instanceof Superseded) return this.tell(movement, { reason: "superseded" });
      if (!side.ended) throw error;
      await side.whenEnded(); // an end is told when the threads have left
      if (error === side.stopped && wasOpen) return this.tell(movement, { reason: "stopped", why: "stopped" });
      throw error;
    } finally {
      answered();
      if (this.current === movement) {
        this.current = undefined;
        this.context.changed();
      }
    }
  }

  private tell(movement: Movement, { end, reason, why }: Outcome): Stop {
    const { client, command } = movement;
    if (this.current === movement) this.current = undefined;
    const breakpoints = end?.kind === "hit" ? end.ids.filter((id) => id !== UNTIL_ID) : [];
    for (const id of breakpoints) if (this.book.get(id)?.temporary) this.book.delete(id);
    const stop: Stop = {
      reason: reason ?? reasonOf(movement, end, breakpoints),
      why: why ?? whyOf(movement, end),
      ...(movement.standing ?? this.context.standing()),
      breakpoints,
      client,
      command,
    };
    this.context.tell(stop, movement.comesBack === true && stop.reason !== "superseded" && stop.reason !== "stopped");
    return stop;
  }
}

interface PostedLeg {
  readonly end: Promise<GoalEnd>;
  readonly limit: Place;
  /** Where it began. */
  readonly from: Place;
}

const FRESH = { supersedes: false, hasTurn: false, rearms: false, atHit: false, leg: undefined, standing: undefined };

function reasonOf(movement: Movement, end: LegEnd | undefined, breakpoints: readonly number[]): StopReason {
  if (breakpoints.length > 0) return "breakpoint";
  return end?.kind === "finished" ? "finished" : movement.reason;
}

/** A place that a command was to go to is told as that command; what became true, or stops it elsewhere, in its own words. */
function whyOf({ until, why }: Movement, end: LegEnd | undefined): string {
  if (end?.kind === "finished") return "the end of the range";
  if (end?.kind !== "hit") return why;
  const isItsPlace = end.ids.every((id) => id === UNTIL_ID) && until?.condition?.atoms.every(isPlaceAtom);
  return isItsPlace ? why : end.why;
}

function nothing(): void {}
