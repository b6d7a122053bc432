/** The coordinator's thread: merges and publishes, moves time. Blocks only on its bell and on the clock. */
import { Coordinator } from "../protocol/coordinator.js";
import { W } from "../protocol/words.js";
import { createCoordinatorWork } from "../work/coordinator-work.js";
import { beforeTurnHook, attach, attached, realClock, runShell, virtualClock } from "./shell.js";

const attachment = await attached();
const { words, segments, config, trace } = attach(attachment, "coordinator");
const clock = (attachment.hooks.virtualClock ? virtualClock : realClock)(words, W.bellCoordinator);
const coordinator = new Coordinator(words, config, createCoordinatorWork(words, segments, clock.nowUs));
runShell(coordinator, clock, () => coordinator.action.atUs, trace, beforeTurnHook(attachment.hooks, "coordinator"));
