/** The shared words as people read them: name, value in words, meaning and writer as protocol/words.ts tells them. */
import { exchangeDateTime, exchangeTime } from "../market/time-zones.js";
import { MINUTE_US } from "../market/time.js";
import { shapeOf, type SessionPlan } from "../plan.js";
import { EOD_STEPS, PHASE_NAMES } from "../protocol/phases.js";
import { slotCount, stepPlace } from "../protocol/places.js";
import {
  LOAD_STATES,
  loadGeneration,
  loadState,
  W,
  WORD_NAMES,
  WORDS,
  type WordName,
  type Words,
} from "../protocol/words.js";
import type { WordView } from "./views.js";

/** All of them in the order of memory, and the time. */
export function wordViews(plan: SessionPlan, words: Words): WordView[] {
  const views = WORD_NAMES.map((name): WordView => {
    const value = words.load(W[name]);
    return { name, value, text: textOf(plan, words, name, value), ...meaningOf(WORDS[name]) };
  });
  const timeUs = words.loadTime();
  const time = exchangeDateTime(timeUs, plan.exchangeZone);
  views.push({ name: "time", value: timeUs, text: time, meaning: "time of the session, 64 bits", writer: "baton" });
  return views;
}

/** `meaning · writer`; a bell has many who ring it. */
function meaningOf(text: string): { meaning: string; writer: string } {
  const at = text.lastIndexOf(" · ");
  return at < 0 ? { meaning: text, writer: "anyone" } : { meaning: text.slice(0, at), writer: text.slice(at + 3) };
}

const BELL = ["clear", "rung", "its owner waits for it"];

function textOf(plan: SessionPlan, words: Words, name: WordName, value: number): string {
  const control = words.load(W.control);
  const epoch = words.load(W.epoch);
  switch (name) {
    case "phase":
      return PHASE_NAMES[value];
    case "step":
      return value === 0 ? "none" : EOD_STEPS[value - 1];
    case "epoch":
    case "loadEpoch0":
    case "loadEpoch1":
    case "seekEpoch":
      return plan.sessions[value]?.date ?? "";
    case "goalEpoch":
      return plan.sessions[value]?.date ?? "the end of the range";
    case "goalOrdinal":
      return ordinalText(plan, words.load(W.goalEpoch), value);
    case "release":
      return ["both", "the coordinator; upkeep is held", "upkeep; the coordinator is held"][value];
    case "watch":
      return value === 0 ? "silent" : "";
    case "hit":
      return value > 0 && value === words.load(W.goalId) ? "under the newest goal" : "";
    case "hitAt":
      return words.load(W.hit) === 0 ? "" : ordinalText(plan, epoch, value);
    case "position":
    case "processed":
      return ordinalText(plan, epoch, value);
    case "load0":
    case "load1":
      return `${LOAD_STATES[loadState(value)]}, generation ${loadGeneration(value)}`;
    case "control":
      return value % 2 === 1 ? "paused" : "runs";
    case "ackCoordinator":
    case "ackUpkeep":
      return control % 2 === 0 ? "" : value === control ? "acknowledged" : "not acknowledged";
    case "answered":
      return value === words.load(W.goalId) ? "the newest goal" : "the newest goal is not answered";
    case "speed":
      return value === 0 ? "data-driven" : `${value / 1000}x`;
    case "bellCoordinator":
    case "bellUpkeep":
    case "bellPrefetch":
    case "bellMain":
      return BELL[value];
    case "active":
    case "stop":
    case "leftCoordinator":
    case "leftUpkeep":
    case "leftPrefetch":
    case "failure":
      return value === 1 ? "yes" : "no";
    default:
      return "";
  }
}

/** A place within a session (protocol/places.ts): `before AIG 15:58`, `before drain`. */
function ordinalText(plan: SessionPlan, epoch: number, ordinal: number): string {
  const session = plan.sessions.at(epoch);
  if (!session) return "";
  const shape = shapeOf(plan);
  const step = EOD_STEPS.find((_, i) => stepPlace(shape, epoch, i + 1).ordinal === ordinal);
  if (step) return `before ${step}`;
  if (ordinal >= slotCount(shape, epoch)) return "after the last slot";
  const count = plan.symbols.length;
  const startUs = session.openUs + Math.floor(ordinal / count) * MINUTE_US;
  return `before ${plan.symbols[ordinal % count]} ${exchangeTime(startUs, plan.exchangeZone)}`;
}
