/** A web server for bundled pages: the files of one folder, and at `/NAME` a page with the exports of `NAME.js`. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
};

export interface PageServer extends AsyncDisposable {
  readonly origin: string;
}

export async function servePages(folder: string): Promise<PageServer> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    readFile(join(folder, path.endsWith("/") ? `${path}index.html` : path)).then(
      (bytes) =>
        response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/html; charset=utf-8" }).end(bytes),
      () => response.writeHead(200, { "content-type": "text/html" }).end(pageOf(path)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Loaded when its module has run. */
function pageOf(path: string): string {
  const script = `import * as page from "${path}.js"; globalThis.page = page;`;
  return `<!doctype html><title>test</title><link rel="icon" href="data:,"><script type="module">${script}</script>`;
}
