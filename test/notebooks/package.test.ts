/**
 * The package as others get it: packed, taken apart in a folder of its own, beside nothing but the dependencies it names.
 * Needs dist (npm test builds it).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, afterAll, expect, it, vi } from "vitest";
import { removeFolder, tempFolder } from "../fixtures/temp-folder.js";
import { good, installedKernel, ROOT, startKernel } from "./tslab-kernel.js";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const project = tempFolder({ keep: true }).path;
const modules = join(project, "node_modules");
const installed = join(modules, "bardeck");

beforeAll(() => {
  const options = {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, npm_config_cache: join(project, "npm-cache") },
  } as const;
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", project], options);
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(project, packed.trim()), "-C", installed, "--strip-components", "1"]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
});
afterAll(() => removeFolder(project));

const BODY = `
  const s = await open("demo");
  const stop = await s.until("10:15");
  console.log(stop.time.text, s.bars("AAPL", "5m").length, String(s.chart("SPY")).split(" · ")[0]);
  s.quality().show();
  await s.dispose();
`;

it.each([
  ["import", "script.mjs", `import { open } from "bardeck";\n${BODY}`],
  ["require", "script.cjs", `const { open } = require("bardeck");\n(async () => {${BODY}})();`],
])("opens the demo in a plain script by %s", (_how, name, text) => {
  writeFileSync(join(project, name), text);
  const output = execFileSync(process.execPath, [name], { cwd: project, encoding: "utf8" });
  expect(output).toMatch(/^2025-07-02 10:15 9 SPY 1m\nQuality · Wed 2025-07-02 10:15 EDT · 45 of 390 minutes/);
});

it("shows tables and panels that update themselves through the display messages of Deno's kernel", () => {
  const script = `
    const sent = [];
    globalThis.Deno = { jupyter: { broadcast: async (type, content) => void sent.push([type, content]) } };
    const { open } = require("bardeck");
    (async () => {
      const s = await open("demo");
      sent.length = 0;
      s.quality().show();
      const live = s.live();
      await s.until("10:15");
      live.stop();
      const table = s.gaps()[Symbol.for("Jupyter.display")]();
      const stop = s.lastStop[Symbol.for("Jupyter.display")]();
      const session = s[Symbol.for("Jupyter.display")]();
      const ids = new Set(sent.slice(1).map(([, { transient }]) => transient.display_id));
      console.log(JSON.stringify([sent.map(([type]) => type), ids.size, [table, stop, session].map(Object.keys)]));
      await s.dispose();
    })();
  `;
  writeFileSync(join(project, "deno.cjs"), script);
  const [types, ids, bundles] = JSON.parse(
    execFileSync(process.execPath, ["deno.cjs"], { cwd: project, encoding: "utf8" }),
  );
  expect(types.slice(0, 2)).toEqual(["display_data", "display_data"]);
  expect([...new Set(types.slice(2))]).toEqual(["update_display_data"]);
  expect([ids, bundles]).toEqual([1, [["text/plain", "text/html"], ["text/plain", "text/html"], ["text/plain"]]]);
});

it("opens the demo in a notebook", async () => {
  const kernel = await startKernel(project, {}, installedKernel(join(installed, "dist/repl/cli.js")));
  await good(kernel, `import { open } from "bardeck"; const s = await open("demo");`);
  expect((await good(kernel, `require.resolve("bardeck")`)).stdout.trim()).toBe(
    join(installed, "dist/repl/notebook/index.js"),
  );
  expect((await good(kernel, `(await s.until("10:15")).time.text`)).stdout).toBe("2025-07-02 10:15\n");
  expect(await kernel.complete(`s.step(1, "`)).toContain("minute");
  expect(await kernel.shutdown()).toBe(0);
});

it("looks into the demo data and takes it along without a session", () => {
  const script = `
    import { exportData, inspect, verify } from "bardeck";
    const { symbols } = await inspect({ path: "demo" });
    const { files } = await exportData({ path: "demo", symbols: ["SPY"] }, "out");
    const { ok } = await verify({ path: "demo", symbols: ["SPY"], to: "2025-07-02" });
    console.log(symbols.length, files.length > 0, ok);
  `;
  writeFileSync(join(project, "whole.mjs"), script);
  expect(execFileSync(process.execPath, ["whole.mjs"], { cwd: project, encoding: "utf8" })).toBe("6 true true\n");
});

it("does not load the terminal interface, or a chart before it is asked for", () => {
  const script = `
    const { Session } = require("bardeck");
    const loaded = Object.keys(require.cache).filter((file) => /node_modules.(ink|react|echarts|tslab)./.test(file));
    console.log(typeof Session, loaded.length);
  `;
  writeFileSync(join(project, "loads.cjs"), script);
  expect(execFileSync(process.execPath, ["loads.cjs"], { cwd: project, encoding: "utf8" })).toBe("function 0\n");
});
