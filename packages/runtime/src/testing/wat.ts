/** Assembles the text format of WebAssembly, for tests. */
import wabt from "wabt";

const { parseWat } = await wabt();

export function wat(text: string): Uint8Array {
  const module = parseWat("test.wat", text, { bulk_memory: true, multi_value: true, reference_types: true });
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}
