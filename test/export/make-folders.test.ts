import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolders } from "../../src/engine/export/make-folders.js";
import { tempFolder } from "../fixtures/temp-folder.js";

it("makes what is missing and answers the topmost it has made", async () => {
  const { path } = tempFolder();
  expect(await makeFolders(join(path, "a/b/c"))).toBe(join(path, "a"));
  expect(statSync(join(path, "a/b/c")).isDirectory()).toBe(true);
  expect(await makeFolders(join(path, "a/b/d"))).toBe(join(path, "a/b/d"));
  expect(await makeFolders(join(path, "a/b/d"))).toBeUndefined();
  expect(await makeFolders("/")).toBeUndefined();
  mkdirSync(join(path, "real"));
  symlinkSync("real", join(path, "link"));
  expect(await makeFolders(join(path, "link"))).toBeUndefined();
  expect(await makeFolders(join(path, "link/x"))).toBe(join(path, "link/x"));
});

it("asked for the same folder several times at once, makes it", async () => {
  const { path } = tempFolder();
  const made = await Promise.all(Array.from({ length: 8 }, () => makeFolders(join(path, "a/b/c/d"))));
  expect(made.filter((top) => top !== undefined)).toContain(join(path, "a"));
  expect(existsSync(join(path, "a/b/c/d"))).toBe(true);
});

it("a file in the way is an error, and so is a link to nowhere", async () => {
  const { path } = tempFolder();
  writeFileSync(join(path, "file"), "mine");
  await expect(makeFolders(join(path, "file"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolders(join(path, "file/a/b"))).rejects.toMatchObject({ code: "ENOTDIR" });
  symlinkSync("nowhere", join(path, "dangling"));
  await expect(makeFolders(join(path, "dangling"))).rejects.toMatchObject({ code: "EEXIST" });
});

it.skipIf(!existsSync("/proc/self"))(
  "a folder that takes nothing, however deep, is an error and not a wait",
  async () => {
    await expect(makeFolders("/proc/bardeck/a/b")).rejects.toMatchObject({ code: "ENOENT" });
  },
);
