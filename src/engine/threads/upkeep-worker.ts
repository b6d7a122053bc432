/** Upkeep's thread: takes in what is published, ends days and rolls them. Blocks only on its bell. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { assert } from "../assert.js";
import { Upkeep } from "../protocol/upkeep.js";
import { W } from "../protocol/words.js";
import { createUpkeepWork } from "../work/upkeep-work.js";
import type { ArmedCondition } from "../work/armed-day.js";
import type { Attachment, FromUpkeep, ToUpkeep } from "./messages.js";
import { afterTurnHook, attach, realClock, runShell } from "./shell.js";

const attachment = workerData as Attachment;
const { words, segments, config, trace } = attach(attachment, "upkeep");
const port = parentPort!;
const work = createUpkeepWork(
  words,
  attachment.plan,
  segments,
  {
    recorded: (epoch, run, record, events) => {
      const message: FromUpkeep = { type: "recorded", epoch, run, record, events };
      port.postMessage(message, [record.numbers.buffer as ArrayBuffer, record.gaps.buffer as ArrayBuffer]);
    },
    hits: (hits) => {
      words.store(W.hitsTold, words.load(W.hitsTold) + hits.length);
      port.postMessage({ type: "hits", hits } satisfies FromUpkeep);
    },
  },
  armed,
);
const upkeep = new Upkeep(words, config, work);

/** This thread never comes to its event loop: it takes its messages when the word of their generation has been seen. */
function armed(generation: number): readonly ArmedCondition[] {
  for (;;) {
    const received = receiveMessageOnPort(port) as { message: ToUpkeep } | undefined;
    assert(received !== undefined, `no conditions of generation ${generation} have been sent`);
    if (received.message.generation === generation) return received.message.conditions;
  }
}

runShell(upkeep, realClock(words, W.bellUpkeep), () => 0, trace, afterTurnHook(attachment.hooks, "upkeep"));
