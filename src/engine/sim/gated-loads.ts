/** The source behind a gate: a load begins when prefetch begins it, and ends when the schedule lets it end; or fails, or hangs. */
import type { DayLoad, DaySource, SourceDay } from "../market/bars.js";
import { DataError } from "../errors.js";
import type { Faults } from "./conditions.js";
import type { MemorySource } from "./memory-source.js";
import type { LoadUnderWay } from "./stage.js";

export class GatedLoads implements DaySource {
  /** Loads that were begun and read something. */
  begun = 0;
  failed = 0;
  private open: (() => void) | undefined;

  constructor(
    private readonly source: MemorySource,
    private readonly faults: Faults,
  ) {}

  load(epoch: number, into: SourceDay): Promise<DayLoad> {
    const fails = ++this.begun === this.faults.failingLoad;
    return new Promise((resolve, reject) => {
      this.open = () => {
        if (!fails) return resolve(this.source.load(epoch, into));
        this.failed++;
        reject(new DataError("simulated", `load ${this.begun} fails on purpose`));
      };
    });
  }

  async close(): Promise<void> {}

  /** The load under way will not end before the stop. */
  get hangs(): boolean {
    return this.open !== undefined && this.begun === this.faults.hangingLoad;
  }

  /** Lets `load` come to its end: it reads now, or, when its segment still holds the day, has ended already. */
  async settle(load: LoadUnderWay): Promise<void> {
    const { open } = this;
    this.open = undefined;
    open?.();
    await load.settled;
  }
}
