import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { concatBytes, hexToBytes, must, textToId, utf8 } from "@dunlin/core/base";
import { afterAll, expect, it } from "vitest";
import { Home } from "./home.ts";
import { applicationInfo, installApplication, serviceOf } from "./install.ts";

const root = mkdtempSync(join(tmpdir(), "dunlin-install-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** `(module (memory (export "memory") 1) (func (export "enter")))`, with so many pages. */
function moduleOf(pages: number): Uint8Array {
  const sections = "010401600000 03020100 0503010001 071202066d656d6f7279020005656e7465720000 0a040102000b";
  const module = assembled(sections);
  module[module.indexOf(5) + 4] = pages;
  return module;
}

/** `(module (import "env" "nothing" (func)) (memory (export "memory") 1))`: no host has that. */
function foreign(): Uint8Array {
  return assembled("010401600000 020f0103656e76076e6f7468696e670000 0503010001 070a01066d656d6f72790200");
}

function assembled(sections: string): Uint8Array {
  return must(hexToBytes(`0061736d01000000${sections.replaceAll(" ", "")}`), "hexadecimal");
}

/** A file in a tar archive. */
function entry(name: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(512);
  const put = (at: number, text: string): void => header.set(utf8(text), at);
  put(0, name);
  put(124, `${content.length.toString(8).padStart(11, "0")} `);
  put(148, " ".repeat(8));
  put(156, "0");
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return concatBytes(header, content, new Uint8Array((512 - (content.length % 512)) % 512));
}

/** A bundle of two services, of which the second has this module. */
function bundle(name: string, game: Uint8Array): string {
  const lobby = moduleOf(1);
  const manifest = {
    ...{ version: "1.0", package: "com.example.ships", appVersion: "1.2.3", minRuntimeVersion: "0.10.0" },
    ...{ metadata: { name: "Ships" } },
    services: [
      { name: "lobby", wasm: { path: "lobby.wasm", size: lobby.length } },
      { name: "game", wasm: { path: "game.wasm", size: game.length } },
    ],
  };
  const path = join(root, name);
  const files = [
    entry("manifest.json", utf8(JSON.stringify(manifest))),
    entry("lobby.wasm", lobby),
    entry("game.wasm", game),
  ];
  writeFileSync(path, gzipSync(concatBytes(...files, new Uint8Array(1024))));
  return path;
}

it("a bundle of several services is that many applications, alike wherever it is installed", async () => {
  const path = bundle("ships.mpk", moduleOf(2));
  const [one, two] = [new Home(join(root, "one")), new Home(join(root, "two"))];
  const installed = await installApplication(one, path);
  if (!installed.ok) throw new Error(installed.error.message);
  expect(await installApplication(two, path)).toEqual(installed);
  const { applicationId, services = [] } = installed.value;
  expect(services.map(({ name }) => name)).toEqual(["game"]);
  const game = services[0]?.applicationId ?? "";
  const names = [applicationId, game].map((id) => applicationInfo(one, textToId(id) ?? new Uint8Array(0))?.name);
  expect(names).toEqual(["Ships", "Ships/game"]);

  expect(serviceOf(one, applicationId, undefined)).toEqual({ ok: true, value: textToId(applicationId) });
  expect(serviceOf(one, applicationId, "game")).toEqual({ ok: true, value: textToId(game) });
  const codes = [serviceOf(one, applicationId, "chess"), serviceOf(one, game, "game"), serviceOf(one, "1", undefined)];
  expect(codes.map((result) => (result.ok ? "" : result.error.code))).toEqual([
    "PARAMS_INVALID",
    "PARAMS_INVALID",
    "APPLICATION_NOT_FOUND",
  ]);
});

it("a bundle with a service that cannot run is not installed", async () => {
  const home = new Home(join(root, "three"));
  const path = bundle("broken.mpk", foreign());
  expect(await installApplication(home, path)).toMatchObject({ ok: false, error: { code: "IMPORT_UNKNOWN" } });
  expect(home.applicationIds()).toEqual([]);
});
