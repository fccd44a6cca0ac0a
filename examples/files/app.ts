/**
 * Files: their names and histories are state, which every node has; their contents are blobs, which a node fetches from
 * the others when it first reads them, and which go when no file refers to them any more. A small file is written by a
 * call; a large one is uploaded to the node first, and its id given to a call. One node makes the preview of each.
 */
import { type Application, app, type BlobRef, blob, log, payload, records, register } from "@dunlin/sdk";

type Shown = { id: string; name: string; size: number; preview: string };

const PREVIEW_BYTES = 80;

const files: Application = app({
  name: "files",
  version: "1.0.0",
  state: {
    files: records({ name: register<string>(), content: blob(), preview: register<string>() }),
    done: log<{ what: string; name: string }>(),
  },
  events: { Saved: payload<{ id: string }>() },
  queries: {
    list: (state): Shown[] =>
      state.files.all().map(({ id, name, content, preview }) => ({
        id,
        name: name.get() ?? "",
        size: content.get()?.size ?? 0,
        preview: preview.get() ?? "",
      })),
    read(state, { id, start, end }: { id: string; start?: number; end?: number }, context): Uint8Array {
      const ref = state.files.get(id)?.content.get();
      if (ref === undefined) throw refusal("FILE_UNKNOWN", "there is no such file");
      return context.blobs.read(ref, { start, end });
    },
    history: (state): { by: string; what: string; name: string }[] =>
      state.done.page().map(({ member, value }) => ({ by: member, ...value })),
  },
  mutations: {
    /** A small file: its content comes with the call. */
    write(state, { name, content }: { name: string; content: Uint8Array | string }, context): string {
      const id = newId(context.random);
      state.files.insert(id, { name, content: context.blobs.put(content) });
      state.done.append({ what: "wrote", name });
      context.emit("Saved", { id }, { handler: "makePreview" });
      return id;
    },
    /** A file of any size, uploaded to this node before: `PUT /admin-api/blobs` tells its id. */
    add(state, { name, blob: uploaded }: { name: string; blob: string }, context): string {
      const content = context.blobs.find(uploaded);
      if (content === undefined) throw refusal("BLOB_UNKNOWN", "upload it first");
      const id = newId(context.random);
      state.files.insert(id, { name, content });
      state.done.append({ what: "added", name });
      context.emit("Saved", { id }, { handler: "makePreview" });
      return id;
    },
    append(state, { id, content }: { id: string; content: Uint8Array | string }, context): BlobRef {
      const file = state.files.get(id);
      const before = file?.content.get();
      if (file === undefined || before === undefined) throw refusal("FILE_UNKNOWN", "there is no such file");
      const longer = context.blobs.create();
      longer.append(context.blobs.read(before));
      longer.append(content);
      const ref = longer.close();
      file.content.set(ref);
      context.emit("Saved", { id }, { handler: "makePreview" });
      return ref;
    },
    remove(state, { id }: { id: string }): void {
      const name = state.files.get(id)?.name.get();
      if (name === undefined || !state.files.delete(id)) throw refusal("FILE_UNKNOWN", "there is no such file");
      state.done.append({ what: "removed", name });
    },
    makePreview(state, { id }: { id: string }, context): void {
      const file = state.files.get(id);
      const ref = file?.content.get();
      if (file && ref) file.preview.set(context.blobs.text(ref, { end: PREVIEW_BYTES }));
    },
  },
  handlers: { makePreview: "one" },
});

function newId(random: () => number): string {
  return Array.from({ length: 4 }, () => Math.floor(random() * 36 ** 4).toString(36)).join("");
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

export default files;
