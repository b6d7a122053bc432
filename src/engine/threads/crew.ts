/**
 * Main's handle on the three workers: starts them, hears them, ends them. The only file that creates threads and
 * the one place where a worker's address is resolved.
 */
import { Worker } from "node:worker_threads";
import { fromPlain, plainError, type BardeckError } from "../errors.js";
import type { Catalog } from "../catalog/types.js";
import type { Attach, Attachment, FromPrefetch, FromUpkeep, SourceSpec, ToUpkeep } from "./messages.js";

export type WorkerName = "coordinator" | "upkeep" | "prefetch";

export interface CrewListeners {
  onReport(message: FromUpkeep): void;
  onLoaded(message: Extract<FromPrefetch, { type: "loaded" | "load-failed" }>): void;
  /** A worker threw or exited without having been asked to. */
  onDeath(worker: WorkerName, error: BardeckError): void;
}

/** Workers are built files: from the sources (in tests) the built ones beside them are used. */
function workerUrl(worker: WorkerName): URL {
  const here = import.meta.url.replace(/\/src\/engine\/threads\/[^/]+$/, "/dist/engine/threads/crew.js");
  return new URL(`./${worker}-worker.js`, here);
}

/** How long all workers together have to leave by themselves before they are ended. */
export const LEAVE_DEADLINE_MS = 1500;

export class Crew {
  private readonly workers = new Map<WorkerName, Worker>();
  private readonly exits: Promise<unknown>[] = [];
  private listeners: CrewListeners | undefined;
  /** One that died before anybody listened. */
  private diedEarly: { readonly name: WorkerName; readonly error: BardeckError } | undefined;
  private ending = false;

  /**
   * Starts prefetch and has it scan the data; the others load their code meanwhile. Rejects with the scan's error; ends the threads when
   * `signal` aborts.
   */
  async scan(
    spec: Extract<SourceSpec, { kind: "files" }>,
    onProgress: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<{ catalog: Catalog; fillNotes: readonly string[] }> {
    const worker = this.start("prefetch", spec);
    for (const name of ["upkeep", "coordinator"] as const) this.start(name);
    const abort = (): void => void this.end();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        if (signal?.aborted) reject(signal.reason);
        worker.on("error", (error) => reject(fromPlain(plainError(error))));
        worker.on("exit", () => reject(signal?.reason ?? new Error("bardeck bug: prefetch has left while scanning")));
        worker.on("message", (message: FromPrefetch) => {
          if (message.type === "scan-progress") onProgress(message.done, message.total);
          else if (message.type === "scanned") resolve(message);
          else if (message.type === "scan-failed") reject(fromPlain(message.error));
        });
      });
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Gives all threads the shared memory; from here on they follow the protocol. */
  attach(attachment: Attachment, listeners: CrewListeners, spec?: SourceSpec): void {
    this.listeners = listeners;
    const { diedEarly } = this;
    if (diedEarly) queueMicrotask(() => listeners.onDeath(diedEarly.name, diedEarly.error));
    const prefetch = this.workers.get("prefetch") ?? this.start("prefetch", spec);
    prefetch.removeAllListeners("message");
    prefetch.on("message", (message: FromPrefetch) => {
      if (message.type === "loaded" || message.type === "load-failed") listeners.onLoaded(message);
    });
    const upkeep = this.workers.get("upkeep") ?? this.start("upkeep");
    upkeep.on("message", (message: FromUpkeep) => listeners.onReport(message));
    if (!this.workers.has("coordinator")) this.start("coordinator");
    for (const worker of this.workers.values()) {
      worker.postMessage({ type: "attach", attachment } satisfies Attach);
      worker.unref();
    }
  }

  /** Sends upkeep the conditions of a generation. */
  arm(message: ToUpkeep): void {
    this.workers.get("upkeep")?.postMessage(message);
  }

  private start(name: WorkerName, workerData?: SourceSpec): Worker {
    const worker = new Worker(workerUrl(name), { workerData, name: `bardeck ${name}`, stdin: false });
    this.workers.set(name, worker);
    this.exits.push(
      new Promise((resolve) => {
        worker.once("exit", (code) => {
          this.workers.delete(name);
          resolve(code);
          this.hasDied(name, new Error(`it has left with code ${code}`));
        });
      }),
    );
    worker.on("error", (error) => this.hasDied(name, error));
    return worker;
  }

  private hasDied(name: WorkerName, cause: Error): void {
    if (this.ending) return;
    const error = died(name, cause);
    if (this.listeners) this.listeners.onDeath(name, error);
    else this.diedEarly ??= { name, error };
  }

  /** The workers have been told to leave (or are past caring): waits for them until the deadline, then ends them. */
  async end(deadlineMs = 0): Promise<void> {
    this.ending = true;
    for (const worker of this.workers.values()) worker.ref();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => (timer = setTimeout(resolve, deadlineMs)));
    await Promise.race([Promise.all(this.exits), deadline]);
    clearTimeout(timer);
    await Promise.all([...this.workers.values()].map((worker) => worker.terminate()));
  }
}

function died(name: WorkerName, cause: Error): BardeckError {
  const error = fromPlain({
    ...plainError(cause),
    code: "worker-died",
    message: `the ${name} thread died: ${cause.message}`,
  });
  error.stack = `${error.message}\n${cause.stack ?? ""}`;
  return error;
}
