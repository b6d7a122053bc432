/** Upkeep's thread: takes in what is published, ends days and rolls them. Blocks only on its bell. */
import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { assert } from "../assert.js";
import { Upkeep } from "../protocol/upkeep.js";
import { W } from "../protocol/words.js";
import { createUpkeepWork } from "../work/upkeep-work.js";
import type { ArmedCondition } from "../work/armed-day.js";
import type { FromUpkeep, RecordedDay, ToUpkeep } from "./messages.js";
import { beforeTurnHook, attach, attached, realClock, runShell, type Monotonic } from "./shell.js";

const attachment = await attached();
const { words, segments, config, trace } = attach(attachment, "upkeep");
const port = parentPort!;
/**
 * Records main has not been told of. Waking main costs as much as thousands of slots, so it is done when there is nothing else to do,
 * before a wait: there is one a day, since a day that has begun has no bars yet.
 */
const untold: RecordedDay[] = [];
const MOST_UNTOLD = 16;
const work = createUpkeepWork(
  words,
  attachment.plan,
  segments,
  {
    recorded: (epoch, run, record, events) => {
      untold.push({ type: "recorded", epoch, run, record, events });
      if (untold.length === MOST_UNTOLD) tell();
    },
    hits: (hits) => {
      tell();
      words.store(W.hitsTold, words.load(W.hitsTold) + hits.length);
      port.postMessage({ type: "hits", hits } satisfies FromUpkeep);
    },
    tell,
  },
  armed,
);
const upkeep = new Upkeep(words, config, work);

function tell(): void {
  for (const message of untold) {
    const { numbers, gaps } = message.record;
    port.postMessage(message satisfies FromUpkeep, [numbers.buffer as ArrayBuffer, gaps.buffer as ArrayBuffer]);
  }
  untold.length = 0;
}

/** This thread never comes to its event loop: it takes its messages when the word of their generation has been seen. */
function armed(generation: number): readonly ArmedCondition[] {
  for (;;) {
    const received = receiveMessageOnPort(port) as { message: ToUpkeep } | undefined;
    assert(received !== undefined, `no conditions of generation ${generation} have been sent`);
    if (received.message.generation === generation) return received.message.conditions;
  }
}

const clock = realClock(words, W.bellUpkeep);
const telling: Monotonic = {
  nowUs: clock.nowUs,
  waitUntil: (us) => {
    tell();
    clock.waitUntil(us);
  },
};
try {
  runShell(upkeep, telling, () => 0, trace, beforeTurnHook(attachment.hooks, "upkeep"));
} finally {
  tell();
}
