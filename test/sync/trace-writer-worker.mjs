/** Writes entries as fast as it can, each with one number in all its fields: a torn one shows. */
import { workerData } from "node:worker_threads";
import { attachTrace } from "../../dist/engine/memory/trace.js";
import { TraceWriter } from "../../dist/engine/sync/trace-ring.js";

const { buffer, entries } = workerData;
const writer = new TraceWriter(attachTrace(buffer));
for (let i = 0; i < entries; i++) writer.write(i, i, i, i, i, i, i, i, i, i, i);
