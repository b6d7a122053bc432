/** The four processes as the schedule sees them: parked, gone, or able to move; and who is drawn next. */
import type { ThreadName } from "../protocol/phases.js";
import type { Process } from "../protocol/process.js";
import { W, type WordName, type Words } from "../protocol/words.js";
import type { Lots } from "./lots.js";
import type { Stage } from "./stage.js";

export interface Actor {
  readonly name: ThreadName;
  readonly process: Process<{ kind: string }, never>;
  readonly bell: number;
  /** Word that says it has left; main has none. */
  readonly left: WordName | undefined;
  /** Waits on its bell. */
  parked: boolean;
  /** Has left or died. */
  gone: boolean;
  /** Monotonic time it waits for besides its bell, 0 for none. */
  wakeAtUs: number;
}

export interface Actors {
  readonly coordinator: Actor;
  readonly upkeep: Actor;
  readonly prefetch: Actor;
  readonly main: Actor;
}

export function createActors(stage: Stage): Actors {
  const actor = (name: ThreadName, process: unknown, bell: number, left?: WordName): Actor => ({
    name,
    process: process as Actor["process"],
    bell,
    left,
    parked: false,
    gone: false,
    wakeAtUs: 0,
  });
  return {
    coordinator: actor("coordinator", stage.coordinator, W.bellCoordinator, "leftCoordinator"),
    upkeep: actor("upkeep", stage.upkeep, W.bellUpkeep, "leftUpkeep"),
    prefetch: actor("prefetch", stage.prefetch, W.bellPrefetch, "leftPrefetch"),
    main: actor("main", stage.control, W.bellMain),
  };
}

/** Not gone, and not asleep: a parked process goes on when its bell is set or its moment has come. */
export function canMove(actor: Actor, words: Words, monoUs: number): boolean {
  if (actor.gone) return false;
  if (!actor.parked || !actor.process.betweenTurns) return true;
  return words.load(actor.bell) === 1 || (actor.wakeAtUs > 0 && monoUs >= actor.wakeAtUs);
}

/** Who is fast and who is slow for now. Nobody starves: moods change. */
export class Moods {
  private weights: number[];
  private burst: Actor | undefined;
  private endsAt = 0;

  constructor(
    private readonly lots: Lots,
    private readonly actors: readonly Actor[],
  ) {
    this.weights = actors.map(() => 1);
  }

  change(step: number): void {
    if (step < this.endsAt) return;
    const { lots } = this;
    this.endsAt = step + lots.between(5, 150);
    this.weights = [...this.actors, "load"].map(() => lots.pick([1, 4, 16, 64]));
    this.burst = lots.chance(0.2) ? lots.pick(this.actors) : undefined;
  }

  /** One of those that can move, or the load under way; undefined when there is nobody. */
  draw(mayMove: (actor: Actor) => boolean, loadMaySettle: boolean): Actor | "load" | undefined {
    if (this.burst && mayMove(this.burst)) return this.burst;
    const movers = this.actors.filter(mayMove);
    const weigh = (actor: Actor): number => this.weights[this.actors.indexOf(actor)];
    const loadWeight = loadMaySettle ? this.weights[this.actors.length] : 0;
    let draw = this.lots.next() * movers.reduce((sum, actor) => sum + weigh(actor), loadWeight);
    for (const actor of movers) if ((draw -= weigh(actor)) < 0) return actor;
    return loadMaySettle ? "load" : undefined;
  }
}
