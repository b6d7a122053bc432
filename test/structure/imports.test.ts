/** The house rules: who may import whom, each with its reason. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const SOURCE = resolve(import.meta.dirname, "../../src");

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
const texts = new Map(files.map((file) => [file, readFileSync(join(SOURCE, file), "utf8")]));
const imports: Import[] = [...texts].flatMap(([file, text]) =>
  [...text.matchAll(/(?:^|\n)(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/g)].map(
    (match) => ({
      from: file,
      to: resolveImport(file, match[2] ?? match[3]),
      typeOnly: match[1] !== undefined,
    }),
  ),
);

function resolveImport(file: string, target: string): string {
  if (!target.startsWith(".")) return target;
  const path = relative(SOURCE, resolve(SOURCE, dirname(file), target));
  const drawn = path.replace(/\.js$/, ".tsx");
  return files.includes(drawn) ? drawn : path.replace(/\.js$/, ".ts");
}

/** `engine/market` for a file of that folder, `engine` for a file beside the folders, else the package's name. */
function room(file: string): string {
  if (!/\.tsx?$/.test(file)) return file;
  const parts = file.split("/");
  return parts[0] === "engine" && parts.length > 2 ? `engine/${parts[1]}` : parts[0];
}

/** What the files beside the folders are to the others. */
const SHARED = ["engine/errors.ts", "engine/assert.ts", "engine/nearest-name.ts"];
const PLAN = "engine/plan.ts";
/** What is promised to front ends, as types: whoever makes a part of it says so. */
const CONTRACT = "engine/session/views.ts";
/** Text alone; whoever helps with a command line needs it before there is an engine. */
const NEAREST_NAME = "engine/nearest-name.ts";
const PARTIAL_FILE = "engine/partial-file.ts";

/** Folder → folders it may import, and why no others. */
const MAY_IMPORT: Readonly<Record<string, { readonly rooms: readonly string[]; readonly why: string }>> = {
  market: { rooms: [], why: "the vocabulary everybody shares knows nobody" },
  catalog: { rooms: ["market"], why: "reading files knows nothing of threads or replay" },
  quality: { rooms: ["market"], why: "pure functions of the slots" },
  derived: { rooms: ["market"], why: "pure functions of the slots" },
  conditions: {
    rooms: ["market", "derived", "quality", "protocol"],
    why: "conditions are text, data and the slots passed; who evaluates them comes later",
  },
  protocol: { rooms: ["market"], why: "the rules are explored without threads, clock or memory" },
  memory: { rooms: ["market", "protocol", "derived"], why: "lays out words and days; acts on nothing" },
  sync: { rooms: ["memory", "protocol"], why: "words over memory, nothing else" },
  work: {
    rooms: ["market", "conditions", "memory", "protocol", "quality", "derived"],
    why: "loops over memory: they neither wait nor read files",
  },
  sim: {
    rooms: ["market", "conditions", "memory", "protocol", "quality", "derived", "sync", "work"],
    why: "one thread, no files",
  },
  threads: {
    rooms: ["market", "catalog", "memory", "protocol", "sync", "work"],
    why: "joins protocol and work to memory",
  },
  journal: {
    rooms: ["market", "catalog", "memory", "protocol", "quality", "derived", "work"],
    why: "tells in words what days and traces hold",
  },
  compare: {
    rooms: ["market", "derived", "memory", "protocol", "work"],
    why: "copies of days, pure, and their file: it drives nothing",
  },
  session: {
    rooms: [
      "market",
      "catalog",
      "compare",
      "conditions",
      "derived",
      "journal",
      "memory",
      "protocol",
      "quality",
      "sync",
      "threads",
      "work",
    ],
    why: "main's side; front ends come after it",
  },
  verify: {
    rooms: ["catalog", "market", "protocol", "session", "sim", "threads", "work"],
    why: "drives sessions, and the simulator over days it has had loaded as prefetch has",
  },
  export: {
    rooms: ["market", "memory", "protocol", "session", "work", "catalog", "derived", "quality"],
    why: "drives sessions and writes files",
  },
  demo: { rooms: ["market", "export"], why: "writes files as an export does" },
  inspect: { rooms: ["market", "catalog", "quality"], why: "looks at files without a replay" },
};

it("has a rule for every folder of the engine", () => {
  expect(imports.length).toBeGreaterThan(200);
  const rooms = new Set(files.map(room).filter((name) => name.startsWith("engine/")));
  expect([...rooms].map((name) => name.slice(7)).toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted());
});

it.each(Object.entries(MAY_IMPORT))("engine/%s imports only what it may", (name, { rooms, why }) => {
  const planners = ["compare", "journal", "work", "sim", "threads", "session", "verify", "export"];
  const writers = ["compare", "export", "journal"];
  const allowed = new Set([`engine/${name}`, ...rooms.map((r) => `engine/${r}`)]);
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    if (room(from) !== `engine/${name}` || !to.endsWith(".ts")) return false;
    if (typeOnly && to === CONTRACT) return false;
    if (SHARED.includes(to) || (to === PLAN && planners.includes(name))) return false;
    if (to === PARTIAL_FILE && writers.includes(name)) return false;
    return !allowed.has(room(to));
  });
  expect(wrong.map(({ from, to }) => `${from} → ${to}: ${why}`)).toEqual([]);
});

it("lets repl enter the engine through its index alone", () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      from.startsWith("repl/") && to.startsWith("engine/") && to !== "engine/index.ts" && to !== NEAREST_NAME,
  );
  expect(wrong.map(({ from, to }) => `${from} → ${to}: repl sees only what users see`)).toEqual([]);
});

/** Folder of repl → what of repl it may import, and why no more. */
const REPL_MAY_IMPORT: Readonly<Record<string, { readonly places: readonly string[]; readonly why: string }>> = {
  views: { places: ["views/", "output/"], why: "text of what is handed to it: knows no command and no terminal" },
  language: {
    places: ["language/", "views/", "output/", "options/", "paths.ts"],
    why: "the same for prompt, pipe, dashboard and notebooks: knows none of them",
  },
  dashboard: {
    places: ["dashboard/", "language/", "views/", "output/", "context.ts", "exit-codes.ts", "paths.ts"],
    why: "a front end beside the line mode and the notebook: knows neither, nor the options",
  },
  "dashboard/panels": {
    places: ["dashboard/panels/", "dashboard/parts/", "dashboard/ui.ts", "language/verb.ts", "views/", "output/"],
    why: "a panel reads the session it is handed: knows neither keys nor store nor terminal",
  },
  "dashboard/parts": { places: ["dashboard/parts/"], why: "text and glyphs, whatever they are for" },
  "dashboard/terminal": { places: ["dashboard/terminal/"], why: "owns the terminal, whatever is drawn" },
};

it.each(Object.entries(REPL_MAY_IMPORT))("repl/%s imports only what it may", (name, { places, why }) => {
  const own = imports.filter(({ from, to }) => from.startsWith(`repl/${name}/`) && to.startsWith("repl/"));
  expect(own.length).toBeGreaterThan(0);
  const wrong = own.filter(({ to }) => !places.some((place) => to.startsWith(`repl/${place}`)));
  expect(wrong.map(({ from, to }) => `${from} → ${to}: ${why}`)).toEqual([]);
});

it("has one door to the dashboard, and loads Ink only behind it", () => {
  const inside = (file: string): boolean => file.startsWith("repl/dashboard/");
  const doors = imports.filter(({ from, to }) => !inside(from) && inside(to)).map(({ to }) => to);
  expect(doors.filter((to) => to !== "repl/dashboard/open-dashboard.ts")).toEqual([]);
  const users = new Set(imports.filter(({ to }) => to === "ink" || to === "react").map(({ from }) => from));
  expect([...users].toSorted()).toEqual(["repl/dashboard/app.tsx", "repl/dashboard/ink.tsx"]);
  // Ink cannot be required, and React decides by the environment at its import.
  const early = [...texts].filter(([, text]) =>
    /^import (?!type ).* from "[^"]*\/(run-dashboard|open-dashboard|ink)\.js"/m.test(text),
  );
  expect(early.map(([file]) => `${file}: imports the dashboard before it is asked for`)).toEqual([]);
});

it("says worker_threads in threads/ alone, and Atomics in sync/ alone", () => {
  const outside = imports.filter(({ from, to }) => to === "node:worker_threads" && room(from) !== "engine/threads");
  expect(outside.map(({ from }) => from)).toEqual([]);
  const atomics = files.filter((file) => /\bAtomics\.[a-z]/.test(texts.get(file)!) && room(file) !== "engine/sync");
  expect(atomics).toEqual([]);
});

it("knows parquetjs-lite in one file", () => {
  const users = files.filter((file) => /["']parquetjs-lite/.test(texts.get(file)!));
  expect(users).toEqual(["engine/export/row-group-encoder.ts"]);
});

it.each([
  ["tslab", "repl/notebook/tslab.ts", "everything else is neutral to the kernel"],
  ["echarts", "repl/notebook/chart-picture.ts", "a chart is plain data until it is drawn"],
])("knows %s in one file", (name, file, why) => {
  const users = files.filter((one) => new RegExp(`(?:from |\\()["']${name}["'/]`).test(texts.get(one)!));
  expect(users, why).toEqual([file]);
});

it("keeps notebooks and terminal interface apart", () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      (from.startsWith("repl/notebook/") && /^repl\/dashboard\/|^(ink|react)$/.test(to)) ||
      (from.startsWith("repl/dashboard/") && to.startsWith("repl/notebook/")),
  );
  expect(wrong.map(({ from, to }) => `${from} → ${to}: what notebooks load must load by require()`)).toEqual([]);
});

it("has no cycle of imports", () => {
  const graph = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports)
    if (!typeOnly && to.endsWith(".ts")) graph.set(from, [...(graph.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(" → ");
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files) expect(visit(file, [])).toBeUndefined();
});

it("explores the very processes the workers run", () => {
  const world = readFileSync(resolve(import.meta.dirname, "../model/world.ts"), "utf8");
  for (const [worker, name] of [
    ["coordinator", "Coordinator"],
    ["upkeep", "Upkeep"],
    ["prefetch", "Prefetch"],
  ]) {
    const address = `engine/protocol/${worker}.ts`;
    expect(imports).toContainEqual({ from: `engine/threads/${worker}-worker.ts`, to: address, typeOnly: false });
    expect(world).toContain(`import { ${name} } from "../../src/engine/protocol/${worker}.js"`);
  }
  expect(world).toContain(`from "../../src/engine/protocol/control.js"`);
  expect(imports).toContainEqual({
    from: "engine/session/main-side.ts",
    to: "engine/protocol/control.ts",
    typeOnly: false,
  });
});

it("has no folder for leftovers", () => {
  const leftovers = files
    .flatMap((file) => file.split("/"))
    .filter((part) => /^(utils?|helpers?|common|misc)(\.ts)?$/.test(part));
  expect(leftovers).toEqual([]);
});
