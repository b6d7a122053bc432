/**
 * What only some commands do, loaded when it is done: reading and writing of files and the simulator are half of the code, and a start that
 * waits for them is felt. Promises and errors are those of the functions themselves.
 */
import type { exportData as ExportData } from "./export/export-data.js";
import type { writeParquet as WriteParquet } from "./export/parquet-writer.js";
import type { inspect as Inspect } from "./inspect/inspect.js";
import type { verifySchedules as VerifySchedules } from "./verify/schedules.js";
import type { verify as Verify } from "./verify/verify.js";

export const exportData: typeof ExportData = async (...args) =>
  (await import("./export/export-data.js")).exportData(...args);

export const writeParquet: typeof WriteParquet = async (...args) =>
  (await import("./export/parquet-writer.js")).writeParquet(...args);

export const inspect: typeof Inspect = async (...args) => (await import("./inspect/inspect.js")).inspect(...args);

export const verify: typeof Verify = async (...args) => (await import("./verify/verify.js")).verify(...args);

export const verifySchedules: typeof VerifySchedules = async (...args) =>
  (await import("./verify/schedules.js")).verifySchedules(...args);
