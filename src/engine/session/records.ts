/**
 * Saved runs of a session, and where two runs part. What is saved is what the threads did: the session is replayed from its first day to
 * the place it stands at, each day copied where it has closed and nothing moves, and it stands there again.
 */
import { compareRuns } from "../compare/difference.js";
import { eventLine } from "../compare/event-line.js";
import { openRun } from "../compare/read-run.js";
import { runHeader, takeDay, type RunDay, type RunHeader, type RunReader } from "../compare/run-day.js";
import { RunWriter } from "../compare/write-run.js";
import { UsageError } from "../errors.js";
import type { SessionPlan } from "../plan.js";
import { STEP } from "../protocol/phases.js";
import { positionPlace, stepPlace, type Place } from "../protocol/places.js";
import { W } from "../protocol/words.js";
import { dayEvents, nameFiles } from "../work/day-events.js";
import { describePlace } from "./describe.js";
import type { MainSide } from "./main-side.js";
import type { Go, Mover } from "./mover.js";
import type { Present } from "./present.js";
import type { Difference, Session, SessionInfo } from "./types.js";

/** A session whose run can be read: those of this process. */
export interface Recorded {
  readonly records: Records;
}

/** What of a session is recorded, and what replays it. */
interface RunOwner {
  readonly info: SessionInfo;
  readonly plan: SessionPlan;
  readonly side: MainSide;
  readonly mover: Mover;
  readonly present: Present;
}

export class Records {
  constructor(private readonly engine: RunOwner) {}

  /** Writes the run up to the present place. Returns the lines written. */
  async save(client: string, file: string): Promise<number> {
    let lines = 0;
    await this.replayed(client, `save ${file}`, async (run, place) => {
      const writer = await RunWriter.create(file, run.header);
      try {
        for await (const day of run.days()) await writer.addDay(day);
        lines = await writer.finish(place);
      } finally {
        await writer.abandon();
      }
    });
    return lines;
  }

  /** Compares with a saved run, or with another session, as far as both go. */
  async diff(client: string, other: string | Session): Promise<Difference> {
    let found: Difference | undefined;
    const compareWith = async (there: RunReader): Promise<void> => {
      await this.replayed(client, "diff", async (here) => void (found = await compareRuns(here, there)));
    };
    if (typeof other === "string") await compareWith(await openRun(other));
    else await recordsOf(other).replayed(client, "diff", compareWith);
    return found!;
  }

  /** Lends the run to `read`, as a command of the session: a newer one ends it. */
  async replayed(client: string, why: string, read: (run: RunReader, place: string) => Promise<void>): Promise<void> {
    const { engine } = this;
    const stop = await engine.mover.move({ client, reason: "goto", why, comesBack: true }, async (go, stand) => {
      await stand();
      const { side, plan } = engine;
      const place = side.presentPlace();
      if (plan.sessions.length === 0) {
        await read({ header: this.header, days: async function* () {} }, "");
        return {};
      }
      await read(
        { header: this.header, days: () => this.days(go, place) },
        describePlace(plan, side.shape, place).text,
      );
      const seek = place.epoch < side.shape.sessionCount;
      return { end: await go({ place, seek, quiet: true }) };
    });
    if (stop.reason === "superseded" || stop.reason === "stopped")
      throw new UsageError(`${why}: another command came before it was done`, "ask again");
  }

  private get header(): RunHeader {
    return runHeader(this.engine.plan, this.engine.info.catalog.inputDigest);
  }

  /** Every day from the first, copied before its roll; the last one at `place`. */
  private async *days(go: Go, place: Place): AsyncGenerator<RunDay> {
    const { shape } = this.engine.side;
    await go({ place: positionPlace(0, 0), seek: true, quiet: true });
    for (let epoch = 0; epoch < Math.min(place.epoch, shape.sessionCount - 1); epoch++) {
      await go({ place: stepPlace(shape, epoch, STEP.roll), quiet: true });
      yield this.present();
    }
    await go({ place, quiet: true });
    if (this.engine.side.segment) yield this.present();
  }

  private present(): RunDay {
    const { engine } = this;
    const { plan, side, info } = engine;
    const segment = side.segment!;
    const { epoch } = side;
    const position = side.words.load(W.processed);
    const steps = engine.present.completedSteps();
    const events = nameFiles(dayEvents(plan, epoch, segment, position, steps), info.catalog.files);
    return { ...takeDay(plan, epoch, segment, position, steps), events: events.map(eventLine) };
  }
}

function recordsOf(session: Session): Records {
  const { engine } = session as unknown as { engine?: Recorded };
  if (engine?.records instanceof Records) return engine.records;
  throw new UsageError("this session cannot be compared from here", "save its run, and compare with the file");
}
