/** Upkeep's thread: takes in what is published, ends days and rolls them. Blocks only on its bell. */
import { parentPort, workerData } from "node:worker_threads";
import { Upkeep } from "../protocol/upkeep.js";
import { W } from "../protocol/words.js";
import { createUpkeepWork } from "../work/upkeep-work.js";
import type { Attachment, FromUpkeep } from "./messages.js";
import { afterTurnHook, attach, realClock, runShell } from "./shell.js";

const attachment = workerData as Attachment;
const { words, segments, config } = attach(attachment);
const work = createUpkeepWork(words, attachment.plan, segments, (epoch, run, record, events) => {
  const message: FromUpkeep = { type: "recorded", epoch, run, record, events };
  parentPort?.postMessage(message, [record.numbers.buffer as ArrayBuffer, record.gaps.buffer as ArrayBuffer]);
});
const upkeep = new Upkeep(words, config, work);
runShell(upkeep, realClock(words, W.bellUpkeep), () => 0, afterTurnHook(attachment.hooks, "upkeep"));
