/**
 * The control memory: the words of protocol/words.ts, counters beside them, and the time.
 *
 *   magic · version · words (32-bit, one a name) · extras (32-bit) · time (64-bit, microseconds UTC)
 */
import { assert } from "../assert.js";
import { WORD_COUNT } from "../protocol/words.js";
import { layOut, view, type Layout } from "./layout.js";

const MAGIC = 0x62617264; // "bard"
const VERSION = 1;

/** Numbers beside the protocol's words. Index → meaning and writer. */
export const EXTRAS = {
  droppedLoads: "loads that were superseded and dropped · prefetch",
} as const;
export const X = { droppedLoads: 0 } as const;

export interface ControlMemory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly extras: Int32Array;
  readonly time: BigInt64Array;
}

function controlLayout(): Layout {
  return layOut([
    { name: "head", kind: "i32", length: 2 },
    { name: "words", kind: "i32", length: WORD_COUNT },
    { name: "extras", kind: "i32", length: Object.keys(EXTRAS).length },
    { name: "time", kind: "i64", length: 1 },
  ]);
}

/** Allocates the control memory of a session; everything zero, speed 0. */
export function createControlMemory(): ControlMemory {
  const buffer = new SharedArrayBuffer(controlLayout().byteLength);
  view(buffer, controlLayout(), "head", "i32").set([MAGIC, VERSION]);
  return attachControlMemory(buffer);
}

/** Maps the control memory in another thread. */
export function attachControlMemory(buffer: SharedArrayBuffer): ControlMemory {
  const layout = controlLayout();
  assert(buffer.byteLength === layout.byteLength, "control memory of another size");
  const head = view(buffer, layout, "head", "i32");
  assert(head[0] === MAGIC && head[1] === VERSION, "control memory of another version");
  return {
    buffer,
    words: view(buffer, layout, "words", "i32"),
    extras: view(buffer, layout, "extras", "i32"),
    time: view(buffer, layout, "time", "i64"),
  };
}
