/**
 * Loaded into the program before itself (`node --import`): SIGUSR2 ends its upkeep worker, as a crash would. The program knows
 * nothing of it.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";

const threads = createRequire(import.meta.url)("node:worker_threads");
const workers = new Map();

threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, options);
    workers.set(options?.name, this);
  }
};
syncBuiltinESMExports();

process.on("SIGUSR2", () => void workers.get("bardeck upkeep")?.terminate());
