/**
 * Prefetch's thread: all reading of files. Scans the data when a session is opened, then loads each day ahead of
 * time. Never blocks its event loop: it waits on its bell with a promise. A rejection nobody awaits fails only
 * the load under way.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { Catalog, DataOptions } from "../catalog/types.js";
import { plainError } from "../errors.js";
import type { DaySource } from "../market/bars.js";
import { Prefetch } from "../protocol/prefetch.js";
import { W } from "../protocol/words.js";
import { attachControlMemory, X } from "../memory/control.js";
import { shared } from "../sync/atomic-words.js";
import { createDayLoader, type DayLoader } from "../work/prefetch-work.js";
import { createSyntheticSource } from "../work/synthetic-source.js";
import type { FillSourceOpened } from "./fill-source.js";
import type { Attach, Attachment, FromPrefetch, SourceSpec } from "./messages.js";
import { beforeTurnHook, attach } from "./shell.js";

interface Sources {
  readonly source: DaySource;
  readonly fill: DaySource | undefined;
}

const port = parentPort!;
const post = (message: FromPrefetch): void => port.postMessage(message);
let failLoad: ((error: unknown) => void) | undefined;
process.on("unhandledRejection", (error) => failLoad?.(error));

main(workerData as SourceSpec).catch((error: unknown) => {
  // Out of the promise: a rejection would be taken for one of a load, and the thread would stay, waiting for nothing.
  setImmediate(() => {
    throw error;
  });
});

async function main(spec: SourceSpec): Promise<void> {
  const attached = new Promise<Attachment>((resolve) => {
    // A listener that stays keeps this thread alive while it waits on its bell, which alone would not.
    port.on("message", (message: Attach) => resolve(message.attachment));
  });
  let sources: Sources;
  try {
    sources = await open(spec);
  } catch (error) {
    post({ type: "scan-failed", error: plainError(error) });
    leave();
    return;
  }
  await serve(await attached, sources);
  await Promise.all([sources.source.close(), sources.fill?.close()]);
  leave();
}

/** Nothing more is sent or heard: the thread ends. Deno's port cannot be closed. */
function leave(): void {
  if (typeof port.close === "function") port.close();
  else process.exit(0);
}

async function open(spec: SourceSpec): Promise<Sources> {
  if (spec.kind === "synthetic") return { source: createSyntheticSource(spec.options), fill: undefined };
  const { openCatalog } = await import("../catalog/open-catalog.js"); // most of this thread's code: not for synthetic bars
  const opened = await openCatalog(spec.options, {
    onProgress: (done, total) => post({ type: "scan-progress", done, total }),
  });
  const fill = spec.fillFrom === undefined ? undefined : await openFill(spec.fillFrom, spec.options, opened.catalog);
  post({ type: "scanned", catalog: opened.catalog, fillNotes: fill?.notes ?? [] });
  return { source: opened.source, fill: fill?.source };
}

async function openFill(path: string, options: DataOptions, catalog: Catalog): Promise<FillSourceOpened> {
  const { openFillSource } = await import("./fill-source.js");
  return openFillSource(path, options, catalog);
}

/** Takes turns until main says stop. */
async function serve(attachment: Attachment, { source, fill }: Sources): Promise<void> {
  const { words, segments, config, trace } = attach(attachment, "prefetch");
  const { extras } = attachControlMemory(attachment.control);
  const loader = createDayLoader(attachment.plan, source, fill);
  const beforeTurn = beforeTurnHook(attachment.hooks, "prefetch");
  const prefetch = new Prefetch(words, config, {
    beginLoad: (epoch, segment) => {
      const startUs = trace.nowUs();
      void loadDay(epoch, () => loader.load(epoch, segments[segment])).then((ok) => {
        trace.loaded(startUs, epoch, ok);
        prefetch.loaded(ok);
        words.ring(W.bellPrefetch);
      });
    },
    dropped: () => {
      shared.add(extras, X.droppedLoads, 1);
    },
  });
  for (;;) {
    beforeTurn();
    trace.begin();
    const turn = prefetch.turn();
    trace.end(prefetch.decided);
    if (turn === "left") return;
    if (turn !== "waits") continue;
    await words.waitAsync(W.bellPrefetch);
    trace.resume();
  }
}

/** Loads one day and reports it; false when it could not be loaded. */
async function loadDay(epoch: number, begin: () => ReturnType<DayLoader["load"]>): Promise<boolean> {
  const stray = new Promise<never>((_, reject) => (failLoad = reject));
  try {
    const load = await Promise.race([begin(), stray]);
    if (load) post({ type: "loaded", epoch, load });
    return true;
  } catch (error) {
    post({ type: "load-failed", epoch, error: plainError(error) });
    return false;
  } finally {
    failLoad = undefined;
  }
}
