/**
 * What `verify` and `export` ask of the engine. The engine implements these under the same names in its index; until it
 * does, the commands say that they are not built.
 */
import * as engine from "../../engine/index.js";
import type { OpenOptions } from "../../engine/index.js";

export interface VerifyReport {
  /** Digests equal and no invariant broken. */
  readonly ok: boolean;
  /** Digest of the straight run that the others are compared with. */
  readonly digest: string;
  readonly variants: readonly VerifyVariant[];
  /** In words, with the invariant's number: `I4 2013-10-07: 828 rows, 827 accounted for`. */
  readonly brokenInvariants: readonly string[];
}

/** A replay under other circumstances, e.g. `3600x`, `random pauses`. */
export interface VerifyVariant {
  readonly name: string;
  readonly digest: string;
  readonly equal: boolean;
  readonly seconds: number;
}

export interface VerifyHooks {
  /** Before each variant, and while it runs. */
  readonly onProgress?: (done: number, total: number, name: string) => void;
  readonly signal?: AbortSignal;
}

export interface ExportHooks {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface ExportReport {
  /** Relative to the folder. */
  readonly files: readonly string[];
  readonly rows: number;
}

export interface EngineCalls {
  verify(options: OpenOptions, hooks: VerifyHooks): Promise<VerifyReport>;
  exportData(options: OpenOptions, folder: string, hooks: ExportHooks): Promise<ExportReport>;
}

/** Those of the calls that the engine has. */
export const engineCalls: Partial<EngineCalls> = engine as Partial<EngineCalls>;
