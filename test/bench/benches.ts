/** All benches by name, in the order they are run. */
import { clockBench } from "./clock.js";
import { dashboardBench } from "./dashboard.js";
import type { Bench } from "./kit.js";
import { memoryBench } from "./memory.js";
import { parquetBench } from "./parquet.js";
import { lockstepBench, replayBench } from "./replay.js";
import { startBench } from "./start.js";
import { seekBench, stepBench } from "./within-day.js";

export const BENCHES: Readonly<Record<string, Bench>> = {
  replay: replayBench,
  lockstep: lockstepBench,
  parquet: parquetBench,
  back: seekBench,
  step: stepBench,
  memory: memoryBench,
  clock: clockBench,
  dashboard: dashboardBench,
  start: startBench,
};
