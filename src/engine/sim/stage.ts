/**
 * A whole session on one thread: the four processes over plain memory, performing the same loops as the workers.
 * Who takes the next turn is the caller's choice: `replay` goes round, the simulator draws lots.
 */
import { DataError, plainError, type PlainError } from "../errors.js";
import type { DaySource } from "../market/bars.js";
import { attachControlMemory, createControlMemory, type ControlMemory } from "../memory/control.js";
import { attachSegment, createSegments, type Segment } from "../memory/segment.js";
import { protocolConfig, segmentCount, segmentShapeOf, type SessionPlan } from "../plan.js";
import type { SeededBug } from "../protocol/bugs.js";
import { boot } from "../protocol/boot.js";
import { Control } from "../protocol/control.js";
import { Coordinator, type CoordinatorWork } from "../protocol/coordinator.js";
import { endPlace, type Place } from "../protocol/places.js";
import { Prefetch, type PrefetchWork } from "../protocol/prefetch.js";
import { Upkeep, type UpkeepWork } from "../protocol/upkeep.js";
import { W, type Words } from "../protocol/words.js";
import { PlainWords } from "../sync/plain-words.js";
import { createCoordinatorWork } from "../work/coordinator-work.js";
import type { Armoury, ConditionHit } from "../work/armed-day.js";
import { unpackRecord, type DayRecord } from "../work/day-record.js";
import { createDayLoader } from "../work/prefetch-work.js";
import { createUpkeepWork } from "../work/upkeep-work.js";

/** A load that prefetch has begun; the caller settles it when it likes. */
export interface LoadUnderWay {
  readonly epoch: number;
  settled: Promise<void>;
  /** After `settled`: what came of it. */
  outcome: "loading" | "ready" | "failed";
}

export interface Stage {
  readonly plan: SessionPlan;
  readonly memory: ControlMemory;
  readonly words: Words;
  readonly segments: readonly Segment[];
  readonly coordinator: Coordinator;
  readonly upkeep: Upkeep;
  readonly prefetch: Prefetch;
  readonly control: Control;
  /** Records by session, the last of each run standing; and every report in order. */
  readonly records: Map<number, DayRecord>;
  readonly reports: { epoch: number; run: number; record: DayRecord }[];
  /** Conditions that became true, in order. */
  readonly hits: ConditionHit[];
  readonly loads: LoadUnderWay[];
  failure: PlainError | undefined;
}

/** What the three workers do to the days. */
export interface Works {
  readonly coordinator: CoordinatorWork;
  readonly upkeep: UpkeepWork;
  readonly prefetch: PrefetchWork;
}

export interface StageOptions {
  readonly bugs?: readonly SeededBug[];
  readonly monotonicUs?: () => number;
  readonly fill?: DaySource;
  /** First goal; to the end when absent. */
  readonly goal?: Place;
  /** Wraps the words, to watch or check every access. */
  readonly watch?: (words: Words) => Words;
  /** Wraps the works, to watch or check what is done to the days. */
  readonly watchWorks?: (works: Works) => Works;
  /** The armed conditions by generation; none when absent. */
  readonly armoury?: Armoury;
  /** Slots a turn publishes or takes in at most, whole rows; as the threads have it when absent. */
  readonly batchSlots?: number;
}

export function createStage(plan: SessionPlan, source: DaySource, options: StageOptions = {}): Stage {
  const memory = attachControlMemory(createControlMemory().buffer);
  const plain = new PlainWords(memory);
  const words = options.watch ? options.watch(plain) : plain;
  const shape = segmentShapeOf(plan);
  const segments = createSegments(shape, segmentCount(plan)).map((buffer, i) => attachSegment(buffer, shape, i));
  const settings = protocolConfig(plan, options.bugs);
  const config = { ...settings, batchSlots: options.batchSlots ?? settings.batchSlots };
  const tellings: Tellings = { records: new Map(), reports: [], hits: [], loads: [], failure: undefined };
  const works = createWorks(plan, source, words, segments, options, tellings);
  boot(words, config.shape, options.goal ?? endPlace(config.shape));
  return Object.assign(tellings, {
    plan,
    memory,
    words,
    segments,
    coordinator: new Coordinator(words, config, works.coordinator),
    upkeep: new Upkeep(words, config, works.upkeep),
    prefetch: new Prefetch(words, config, works.prefetch),
    control: new Control(words, config),
  });
}

/** What the works tell, which threads would send to main. */
type Tellings = Pick<Stage, "records" | "reports" | "hits" | "loads" | "failure">;

function createWorks(
  plan: SessionPlan,
  source: DaySource,
  words: Words,
  segments: readonly Segment[],
  options: StageOptions,
  tellings: Tellings,
): Works {
  const loader = createDayLoader(plan, source, options.fill);
  const works: Works = {
    coordinator: createCoordinatorWork(words, segments, options.monotonicUs ?? (() => 0)),
    upkeep: createUpkeepWork(
      words,
      plan,
      segments,
      {
        recorded: (epoch, run, packed) => {
          const record = unpackRecord(plan, packed);
          tellings.records.set(epoch, record);
          tellings.reports.push({ epoch, run, record });
        },
        hits: (hits) => void tellings.hits.push(...hits),
      },
      options.armoury,
    ),
    prefetch: {
      beginLoad: (epoch, segment) => {
        const load: LoadUnderWay = { epoch, outcome: "loading", settled: Promise.resolve() };
        load.settled = loader.load(epoch, segments[segment]).then(
          () => void (load.outcome = "ready"),
          (error: unknown) => {
            tellings.failure = plainError(error);
            load.outcome = "failed";
          },
        );
        tellings.loads.push(load);
      },
      dropped: () => {},
    },
  };
  return options.watchWorks ? options.watchWorks(works) : works;
}

/** Runs the stage, taking turns in a circle, until the goal is answered. Rejects when a day cannot be loaded. */
export async function replay(stage: Stage): Promise<void> {
  const { words } = stage;
  while (words.load(W.answered) !== words.load(W.goalId)) {
    const turns = [stage.coordinator, stage.upkeep, stage.prefetch].map((process) => process.turn());
    const load = stage.loads.shift();
    if (load) {
      await load.settled;
      stage.prefetch.loaded(load.outcome === "ready");
    } else if (turns.every((turn) => turn === "waits")) {
      const cause = stage.failure;
      if (words.load(W.failure) === 1 && cause) throw new DataError(cause.code, cause.message, cause.hint, cause.place);
      throw new Error("bardeck bug: nobody can move");
    }
  }
}
