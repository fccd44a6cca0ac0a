/** The part of `WebAssembly` that the runtime uses: the types of Node leave it out, and those of the DOM bring a page. */
declare namespace WebAssembly {
  type ImportFunction = (...args: never[]) => unknown;
  type Imports = Record<string, Record<string, ImportFunction>>;

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { readonly module: string; readonly name: string }[];
    static exports(module: Module): { readonly name: string }[];
  }
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Global {
    private constructor();
    value: unknown;
  }
  class RuntimeError extends Error {}

  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
}
