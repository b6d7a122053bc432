/** `bardeck kernel install`: what it writes and where it must give up from outside, the rest in this process. Needs dist (npm test builds it). */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jupyterDataFolder } from "../../src/repl/commands/kernel.js";
import { tempFolder } from "../fixtures/temp-folder.js";
import { runCli } from "../repl/run-cli.js";
import { runHere } from "../repl/run-here.js";

const KERNELS = "share/jupyter/kernels";

it("writes a kernel.json that starts this Node and this bardeck, says so, and how to go on", async () => {
  const { path } = tempFolder();
  const { code, stdout, stderr } = await runCli(["kernel", "install", "--prefix", path], { home: path });
  expect([code, stderr]).toEqual([0, ""]);
  const file = join(path, KERNELS, "tslab/kernel.json");
  for (const part of [file, process.execPath, "jupyter lab", "VS Code", `JUPYTER_PATH=${path}/share/jupyter`])
    expect(stdout).toContain(part);
  const { argv, language } = JSON.parse(readFileSync(file, "utf8")) as { argv: string[]; language: string };
  expect(language).toBe("typescript");
  expect([argv[0], argv[2]]).toEqual([process.execPath, "{connection_file}"]);
  expect(existsSync(argv[1])).toBe(true);
});

it("is harmless to run again", async () => {
  const { path } = tempFolder();
  const install = ["kernel", "install", "--prefix", path];
  await runHere(install, { home: path });
  const folder = join(path, KERNELS, "tslab");
  const first = readFileSync(join(folder, "kernel.json"), "utf8");
  const { code, stdout } = await runHere(install, { home: path });
  expect([code, stdout.split("\n")[0]]).toEqual([0, 'Registered already: the kernel "TypeScript (bardeck)"']);
  expect(readdirSync(folder)).toEqual(["kernel.json"]);
  expect(readFileSync(join(folder, "kernel.json"), "utf8")).toBe(first);
});

it("says what it does when it is asked for nothing, or for something else", async () => {
  const { path } = tempFolder();
  for (const [action, name] of [
    [[], "bardeck kernel"],
    [["instal"], "bardeck kernel instal"],
  ] as const) {
    const { code, stderr } = await runHere(["kernel", ...action], { home: path });
    expect([code, stderr]).toEqual([2, `error: ${name}: what shall it do?\n  try: bardeck kernel install\n`]);
  }
});

it.skipIf(!existsSync("/proc/self"))("does not try for ever where no folder can be made", async () => {
  const { path } = tempFolder();
  const { code, stderr } = await runCli(["kernel", "install", "--prefix", "/proc/none"], { home: path });
  expect([code, stderr]).toEqual([4, expect.stringMatching(/^error: cannot write \/proc\/none.*\n {2}try: --prefix/)]);
});

it("keeps the kernel.json of another tslab", async () => {
  const { path, put } = tempFolder();
  const others = '{"argv":["tslab","kernel"]}';
  put(`${KERNELS}/tslab/kernel.json`, others);
  const { stdout } = await runHere(["kernel", "install", "--prefix", path], { home: path });
  expect(stdout).toContain("kept as kernel.json.before-bardeck");
  expect(readFileSync(join(path, KERNELS, "tslab/kernel.json.before-bardeck"), "utf8")).toBe(others);
});

it("says what is wrong when it cannot write, or is asked for something else", async () => {
  const { path, put } = tempFolder();
  const file = put("file", "");
  const { code, stderr } = await runHere(["kernel", "install", "--prefix", file], { home: path });
  expect([code, stderr]).toEqual([4, expect.stringContaining("--prefix names another folder")]);
  for (const args of [["kernel"], ["kernel", "remove"]])
    expect(await runHere(args, { home: path })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("bardeck kernel install"),
    });
});

it("looks for the user's folder where Jupyter does", () => {
  expect(jupyterDataFolder({}, "linux", "/home/x")).toBe("/home/x/.local/share/jupyter");
  expect(jupyterDataFolder({ XDG_DATA_HOME: "/d" }, "linux", "/home/x")).toBe("/d/jupyter");
  expect(jupyterDataFolder({ XDG_DATA_HOME: "d" }, "linux", "/home/x")).toBe("/home/x/.local/share/jupyter");
  expect(jupyterDataFolder({}, "darwin", "/Users/x")).toBe("/Users/x/Library/Jupyter");
  expect(jupyterDataFolder({ JUPYTER_DATA_DIR: "/j" }, "darwin", "/Users/x")).toBe("/j");
});
