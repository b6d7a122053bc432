/** The commands that move a session, as legs: where each leads (targets.ts), day after day until it is there. */
import { UsageError } from "../errors.js";
import { PHASE, STEP } from "../protocol/phases.js";
import { comparePlaces, endPlace, positionPlace, stepPlace, type Place, type Shape } from "../protocol/places.js";
import { RELEASE, W } from "../protocol/words.js";
import { isPlaceAtom } from "../conditions/atom-kinds.js";
import { nextPlace, type PlacesPlan } from "../conditions/condition-places.js";
import { stopper, UNTIL_ID } from "./breakpoint-book.js";
import { lastHitBefore, type Searched } from "./last-hit.js";
import type { Looks } from "./looks.js";
import type { MainSide } from "./main-side.js";
import type { Marks } from "./marks.js";
import type { Go, Leg, Mover, Outcome } from "./mover.js";
import { isDatedTime } from "./when.js";
import { symbolIndex } from "../catalog/symbol-index.js";
import { DayBars, dayAhead, dayBehind, eventsBehind, phaseAhead, phaseBehind } from "./targets.js";
import { UNITS, type MinuteCondition, type SteppedThread, type Stop, type StopReason, type Unit } from "./types.js";

const MOST_STEPS = 1_000_000_000;

/** What travels, and what says where to. */
interface Traveller extends Searched {
  readonly mover: Mover;
  readonly marks: Marks;
  readonly looks: Looks;
  readonly placesPlan: PlacesPlan;
}

export class Travel {
  constructor(private readonly engine: Traveller) {}

  private get side(): MainSide {
    return this.engine.side;
  }
  private get shape(): Shape {
    return this.side.shape;
  }

  /** A command of one leg. `where` is asked when its turn has come. */
  run(client: string, reason: StopReason, why: string, where: () => Leg): Promise<Stop> {
    return this.engine.mover.move({ client, reason, why }, async (go) => ({ end: await go(where()) }));
  }

  play(client: string): Promise<Stop> {
    return this.run(client, "finished", "play", () => ({ place: endPlace(this.shape), paced: true }));
  }

  /** To a time, a condition or a function; past the end of the range when none comes any more. */
  until(client: string, target: string | number | MinuteCondition): Promise<Stop> {
    const why = typeof target === "function" ? "until the function is true" : `until ${target}`;
    if (typeof target === "number" || (typeof target === "string" && isDatedTime(target)))
      return this.run(client, "until", why, () => ({ place: this.engine.marks.placeOf(target), paced: true }));
    let condition;
    try {
      condition = typeof target === "function" ? target : this.engine.book.parse(target);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    const until = stopper(UNTIL_ID, condition);
    return this.engine.mover.move({ client, reason: "until", why, until }, async (go) => {
      if (typeof condition !== "function" && condition.atoms.every(isPlaceAtom)) this.mustComeAgain(condition);
      return { end: await go({ place: endPlace(this.shape), paced: true }) };
    });
  }

  private mustComeAgain(condition: Parameters<typeof nextPlace>[0]): void {
    const { placesPlan } = this.engine;
    if (nextPlace(condition, placesPlan, this.side.stopPlace())) return;
    const day = condition.atoms.find((atom) => atom.kind === "day");
    if (day && !placesPlan.dates.includes(day.date)) this.engine.marks.placeOf(`${day.date} 00:00`); // says which days there are
    const past = nextPlace(condition, placesPlan, { epoch: -1, ordinal: 0 }) !== undefined;
    throw past
      ? new UsageError(`until ${condition.text}: that lies behind`, "go back with goto, or back")
      : new UsageError(`until ${condition.text}: there is no such place in this replay`, "see the sessions with info");
  }

  goto(client: string, target: string | number): Promise<Stop> {
    return this.run(client, "goto", `goto ${target}`, () => this.jump(this.engine.marks.placeOf(target)));
  }

  /** To a place without stopping: on, when it lies ahead on the same day; else from the start of its day. */
  private jump(place: Place): Leg {
    if (place.epoch >= this.shape.sessionCount) return { place, quiet: true }; // the end of the range begins no day
    const present = this.side.presentPlace();
    const stands = this.side.isStanding && this.side.isCaughtUp; // else it may be passed before the goal is there
    const ahead = stands && place.epoch === present.epoch && comparePlaces(place, present) >= 0;
    return { place, seek: !ahead, quiet: true };
  }

  stepThread(client: string, thread: SteppedThread, count: number): Promise<Stop> {
    const order = { client, reason: "step", why: `thread ${thread} step${count === 1 ? "" : ` ${count}`}` } as const;
    return this.engine.mover.move(order, async (go, stand) => {
      mustBeCount(count);
      if (thread !== "coordinator" && thread !== "upkeep")
        throw new UsageError(`there is no thread ${JSON.stringify(thread)} to step`, "coordinator or upkeep");
      await stand();
      for (let i = 0; i < count; i++) {
        const moved = await this.release(go, thread);
        if (!moved) {
          const done = i === 0 ? "" : `; ${i} of ${count} events done`;
          return { reason: "waits", why: `${this.engine.looks.waitsFor(thread)}${done}` };
        }
      }
      return {};
    });
  }

  /** One event of one thread. False when it cannot move. */
  private async release(go: Go, thread: SteppedThread): Promise<boolean> {
    const before = this.traces();
    await go({ place: endPlace(this.shape), release: RELEASE[thread], quiet: true });
    return this.traces() !== before;
  }

  private traces(): string {
    const { words } = this.side;
    return [W.phase, W.epoch, W.position, W.processed, W.step, W.run].map((word) => words.load(word)).join(" ");
  }

  // ---- steps ----

  step(client: string, count: number, unit: Unit, symbolName?: string): Promise<Stop> {
    return this.engine.mover.move(
      { client, reason: "step", why: describeStep("step", count, unit, symbolName) },
      async (go, stand) => {
        mustBeCount(count);
        const symbol = this.symbolOf(unit, symbolName);
        await stand();
        switch (unit) {
          case "bar":
            return this.stepInDays(go, count, (bars, position, n) => bars.ahead(position, n, symbol));
          case "minute":
            return this.stepInDays(go, count, (bars, position, n) => bars.rowsAhead(position, n));
          case "event":
            return this.stepEvents(go, count);
          case "phase":
            return this.stepTo(go, phaseAhead(this.shape, this.side.stopPlace(), count));
          case "day":
            return this.stepTo(go, dayAhead(this.shape, this.side.stopPlace(), count));
        }
      },
    );
  }

  private async stepTo(go: Go, place: Place): Promise<Outcome> {
    return { end: await go({ place }) };
  }

  /** Counts on in the present day, then in the next, until there have been `count`. */
  private async stepInDays(go: Go, count: number, ahead: Seek): Promise<Outcome> {
    let left = count;
    for (;;) {
      const { words, segment } = this.side;
      const { epoch } = this.side.presentPlace();
      const published = words.load(W.position);
      if (words.load(W.phase) === PHASE.streaming && segment) {
        const found = ahead(new DayBars(segment), words.load(W.processed), left);
        if ("at" in found) return { end: await go({ place: positionPlace(epoch, Math.max(found.at, published)) }) };
        left -= found.found;
      }
      if (words.load(W.phase) === PHASE.finished) return { end: await go({ place: endPlace(this.shape) }) };
      const next = words.load(W.phase) === PHASE.arming ? epoch : epoch + 1;
      const place = next < this.shape.sessionCount ? positionPlace(next, 0) : endPlace(this.shape);
      const end = await go({ place });
      if (end.kind !== "reached") return { end };
    }
  }

  /** The threads take turns: whoever has something to do that the other waits for. */
  private async stepEvents(go: Go, count: number): Promise<Outcome> {
    for (let i = 0; i < count; i++) {
      const { words } = this.side;
      const phase = words.load(W.phase);
      if (phase === PHASE.finished) return { end: await go({ place: endPlace(this.shape) }) };
      const isCoordinators = phase === PHASE.streaming && this.side.isCaughtUp;
      const release = RELEASE[isCoordinators ? "coordinator" : "upkeep"];
      const end = await go({ place: endPlace(this.shape), release });
      if (end.kind === "hit") return { end };
    }
    return {};
  }

  // ---- back ----

  back(client: string, count: number, unit: Unit, symbolName?: string): Promise<Stop> {
    return this.engine.mover.move(
      { client, reason: "back", why: describeStep("back", count, unit, symbolName) },
      async (go, stand) => {
        mustBeCount(count);
        const symbol = this.symbolOf(unit, symbolName);
        this.mustHaveSessions();
        await stand();
        switch (unit) {
          case "bar":
            return this.backInDays(go, count, (bars, position, n) => bars.behind(position, n, symbol));
          case "minute":
            return this.backInDays(go, count, (bars, position, n) => bars.rowsBehind(position, n));
          case "event":
            return this.backEvents(go, count);
          case "phase":
            return this.backTo(go, phaseBehind(this.shape, this.side.stopPlace(), count));
          case "day":
            return this.backTo(go, dayBehind(this.shape, this.side.stopPlace(), count));
        }
      },
    );
  }

  /** To a place behind; to the open of the first day when there is none. */
  private async backTo(go: Go, place: Place | undefined): Promise<Outcome> {
    const open = positionPlace(0, 0);
    const isBefore = comparePlaces(this.side.presentPlace(), open) < 0;
    const start = isBefore ? stepPlace(this.shape, 0, STEP.activate) : open;
    const end = await go({ place: place ?? start, seek: true, quiet: true });
    return place ? { end } : { end, why: START };
  }

  private async backInDays(go: Go, count: number, behind: Seek): Promise<Outcome> {
    let left = count;
    for (;;) {
      const { words, segment } = this.side;
      const place = this.side.presentPlace();
      const epoch = Math.min(place.epoch, this.shape.sessionCount - 1);
      const phase = words.load(W.phase);
      if (segment && phase !== PHASE.arming) {
        const position = phase === PHASE.streaming ? words.load(W.processed) : Infinity;
        const found = behind(new DayBars(segment), position, left);
        if ("at" in found) return this.backTo(go, positionPlace(epoch, found.at));
        left -= found.found;
      }
      if (epoch === 0) return this.backTo(go, undefined);
      // Past the last bar of the day before: `Infinity` there, because its own last stop counts too.
      await go({ place: stepPlace(this.shape, epoch - 1, STEP.drain), seek: true, quiet: true });
    }
  }

  private async backEvents(go: Go, count: number): Promise<Outcome> {
    let left = count;
    for (;;) {
      const { words, segment } = this.side;
      const present = this.side.presentPlace();
      const last = this.shape.sessionCount - 1;
      const place = present.epoch > last ? stepPlace(this.shape, last, STEP.roll) : present;
      const ahead = words.load(W.position) - words.load(W.processed);
      const inDay = words.load(W.phase) === PHASE.streaming || words.load(W.phase) === PHASE.drained;
      // The coordinator may be several slots ahead: that is no stop of a straight run, the one before it is.
      if (inDay && ahead > 1) left--;
      const half = inDay && ahead === 1;
      const end = segment ? new DayBars(segment).end : 0;
      const at = left === 0 ? { place, half: false } : eventsBehind(this.shape, { place, half }, end, left);
      if ("place" in at) {
        const ended = await go({ place: at.place, seek: true, quiet: true });
        if (at.half) await this.release(go, "coordinator");
        return { end: ended };
      }
      const { epoch } = place;
      if (epoch === 0) return this.backTo(go, undefined);
      left -= at.found + 1; // the stop before the roll of the day before is one
      await go({ place: stepPlace(this.shape, epoch - 1, STEP.roll), seek: true, quiet: true });
      if (left === 0) return {};
    }
  }

  /** To the last place behind at which a breakpoint would have stopped. */
  reverseContinue(client: string): Promise<Stop> {
    return this.engine.mover.move({ client, reason: "back", why: "reverse-continue" }, async (go, stand) => {
      this.mustHaveSessions();
      const { engine, side } = this;
      const stoppers = engine.book.stoppers(undefined).filter(({ log }) => !log);
      if (stoppers.length === 0) throw new UsageError("there is no breakpoint to go back to", "set one with break");
      await stand();
      let before = side.stopPlace();
      for (let epoch = Math.min(before.epoch, this.shape.sessionCount - 1); epoch >= 0; epoch--) {
        if (epoch < side.epoch) await go({ place: stepPlace(this.shape, epoch, STEP.roll), seek: true, quiet: true });
        const hit = lastHitBefore(engine, stoppers, epoch, before);
        if (hit) {
          await go({ place: hit.place, seek: true, quiet: true });
          return { end: { kind: "hit", ids: hit.ids, why: hit.why } };
        }
        before = stepPlace(this.shape, epoch, STEP.load);
      }
      return this.backTo(go, undefined);
    });
  }

  private symbolOf(unit: Unit, symbol: string | undefined): number | undefined {
    if (!UNITS.includes(unit))
      throw new UsageError(`there is no unit ${JSON.stringify(unit)}`, `units are ${UNITS.join(", ")}`);
    if (symbol === undefined) return undefined;
    if (unit !== "bar") throw new UsageError(`a step by ${unit} is of all symbols`, `step bar ${symbol}`);
    return symbolIndex(this.engine.plan.symbols, symbol);
  }

  private mustHaveSessions(): void {
    if (this.shape.sessionCount === 0)
      throw new UsageError("there is no session to go to", "choose a range that has one");
  }
}

type Seek = (bars: DayBars, position: number, n: number) => { at: number } | { found: number };

const START = "the start of the replay";

function mustBeCount(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MOST_STEPS)
    throw new UsageError(`${count} is no number of steps`, "use a whole number from 1");
}

function describeStep(verb: string, count: number, unit: Unit, symbol: string | undefined): string {
  return [verb, ...(count === 1 ? [] : [count]), unit, ...(symbol === undefined ? [] : [symbol])].join(" ");
}
