/**
 * Prefetch's rules: claim the load slot whose session comes first, load it, commit it. A commit is a
 * compare-and-swap on state and generation together, so a load whose request was superseded is dropped.
 * Loading itself is behind `PrefetchWork` and may take any time.
 */
import { PHASE } from "./phases.js";
import { Process, type ProtocolConfig } from "./process.js";
import { LOAD, loadGeneration, loadState, loadWord, W, type Words } from "./words.js";

export interface PrefetchWork {
  /**
   * Loads session `epoch` into `segment`. A worker answers later through `Prefetch.loaded`; the explorer
   * and the simulator let it take any number of turns. `generation` is for checks only.
   */
  beginLoad(epoch: number, segment: number, slot: number, generation: number): void;
  /** A load was superseded and is dropped. */
  dropped(epoch: number): void;
}

export interface PrefetchView {
  stop: number;
  phase: number;
  loads: [number, number];
  loadEpochs: [number, number];
  loadSegments: [number, number];
}

type Effect = "claim" | "begin" | "commit" | "left" | "ring-upkeep" | "ring-main";

export const PREFETCH_ACTIONS = {
  wait: [],
  leave: ["left", "ring-main"],
  claim: ["claim", "begin"],
  commit: ["commit", "ring-upkeep"],
} as const satisfies Record<string, readonly Effect[]>;

export interface PrefetchAction {
  kind: keyof typeof PREFETCH_ACTIONS;
  slot: number;
  generation: number;
  epoch: number;
  segment: number;
}

/** The load under way. `busy` 0 none, 1 loading, 2 done and to be committed. */
export interface PrefetchRegisters {
  busy: number;
  slot: number;
  generation: number;
  epoch: number;
  ok: number;
}

/** Decides prefetch's next action from a view: pure but for filling `action`. */
export function decidePrefetch(
  view: PrefetchView,
  own: PrefetchRegisters,
  config: ProtocolConfig,
  action: PrefetchAction,
): void {
  action.kind = "wait";
  action.slot = action.generation = action.epoch = action.segment = 0;
  if (view.stop === 1 || (config.bugs.has("prefetch-leaves-at-finish") && view.phase === PHASE.finished)) {
    action.kind = "leave";
    return;
  }
  if (own.busy === 2) {
    action.kind = "commit";
    return;
  }
  if (own.busy === 1) return;
  const first = loadState(view.loads[0]) === LOAD.requested;
  const second = loadState(view.loads[1]) === LOAD.requested;
  if (!first && !second) return;
  action.kind = "claim";
  action.slot = first && (!second || view.loadEpochs[0] < view.loadEpochs[1]) ? 0 : 1;
  action.generation = loadGeneration(view.loads[action.slot]);
  action.epoch = view.loadEpochs[action.slot];
  action.segment = view.loadSegments[action.slot];
}

/** Prefetch as a process. */
export class Prefetch extends Process<PrefetchAction, Effect> {
  readonly registers: PrefetchRegisters & Record<string, number> = { busy: 0, slot: 0, generation: 0, epoch: 0, ok: 0 };
  readonly action: PrefetchAction & Record<string, number | string> = {
    kind: "wait",
    slot: 0,
    generation: 0,
    epoch: 0,
    segment: 0,
  };
  protected readonly bell = W.bellPrefetch;
  protected readonly readGroups = 1;
  protected readonly effects: { readonly [kind: string]: readonly Effect[] } = PREFETCH_ACTIONS;
  private readonly view: PrefetchView = { stop: 0, phase: 0, loads: [0, 0], loadEpochs: [0, 0], loadSegments: [0, 0] };

  constructor(
    words: Words,
    config: ProtocolConfig,
    private readonly work: PrefetchWork,
  ) {
    super(words, config);
    this.bellAfterLook = config.bugs.has("bell-after-look-prefetch");
  }

  /** The load that was begun is over. The caller takes another turn afterwards. */
  loaded(ok: boolean): void {
    this.registers.ok = ok ? 1 : 0;
    this.registers.busy = 2;
  }

  /**
   * The state words first, the details second: upkeep writes them the other way round and with a new
   * generation, so when the claim's compare-and-swap succeeds the details belong to it.
   */
  protected look(): void {
    const { words, view } = this;
    view.stop = words.load(W.stop);
    view.phase = words.load(W.phase);
    view.loads[0] = words.load(W.load0);
    view.loads[1] = words.load(W.load1);
    view.loadEpochs[0] = words.load(W.loadEpoch0);
    view.loadEpochs[1] = words.load(W.loadEpoch1);
    view.loadSegments[0] = words.load(W.loadSegment0);
    view.loadSegments[1] = words.load(W.loadSegment1);
  }

  protected decide(): void {
    decidePrefetch(this.view, this.registers, this.config, this.action);
  }

  protected perform(effect: Effect): boolean {
    const { words, action, registers: own } = this;
    switch (effect) {
      case "claim": {
        const word = W.load0 + action.slot;
        const requested = loadWord(LOAD.requested, action.generation);
        return words.swap(word, requested, loadWord(LOAD.loading, action.generation));
      }
      case "begin":
        own.busy = 1;
        own.slot = action.slot;
        own.generation = action.generation;
        own.epoch = action.epoch;
        this.work.beginLoad(action.epoch, action.segment, action.slot, action.generation);
        break;
      case "commit":
        return this.commit(own);
      case "left":
        words.store(W.leftPrefetch, 1);
        break;
      case "ring-upkeep":
        words.ring(W.bellUpkeep);
        break;
      case "ring-main":
        words.ring(W.bellMain);
        break;
    }
    return true;
  }

  private commit(own: PrefetchRegisters): boolean {
    const { words } = this;
    const word = W.load0 + own.slot;
    const { epoch, generation } = own;
    const state = own.ok === 1 ? LOAD.ready : LOAD.failed;
    own.busy = own.slot = own.generation = own.epoch = own.ok = 0;
    if (this.has("commit-without-generation")) {
      words.store(word, loadWord(state, loadGeneration(words.load(word))));
      return true;
    }
    const committed = words.swap(word, loadWord(LOAD.loading, generation), loadWord(state, generation));
    if (!committed) this.work.dropped(epoch);
    return committed;
  }
}
