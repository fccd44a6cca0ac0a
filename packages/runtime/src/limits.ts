/** Every limit of the sandbox, unit in the name. Those a call can reach answer with `LIMIT_EXCEEDED` or their own code. */

/** Code, source map and ABI together: the text of a large application, and little enough to hand to every member. */
export const BUNDLE_BYTES_MAX: number = 8 * 1024 * 1024;
/** An application's name and version: shown in lists. */
export const BUNDLE_NAME_BYTES_MAX = 100;
/** Methods, fields and events of one application: far above what an author writes by hand. */
export const DECLARATIONS_MAX = 1000;
/** The length of a method's, field's or event's name: the limit of the guest ABI that it follows. */
export const NAME_CHARS_MAX = 100;

/** What one guest may allocate. Reaching it costs a new instance, about 1 ms. */
export const GUEST_MEMORY_BYTES: number = 32 * 1024 * 1024;
/** Pages of 64 KiB that the JavaScript engine may come to: what a guest may allocate, and what the engine needs beside. */
export const ENGINE_PAGES_MAX = 1024;
/** Native stack of the engine: above what its own check of the guest's stack lets through, so that check comes first. */
export const ENGINE_STACK_BYTES: number = 320 * 1024;
/** Fuel of one call: functions entered and turns of loops within the engine; some two seconds of work, as much on every machine. */
export const CALL_FUEL_DEFAULT = 300_000_000;
/** Fuel of loading an application. */
export const LOAD_FUEL: number = 2 * CALL_FUEL_DEFAULT;
/** The guest's own stack: a quarter of the 1 MiB that the engine's module sets aside, so it never runs over. */
export const GUEST_STACK_BYTES: number = 256 * 1024;
/** Kept free in every image, so that an ordinary call does not grow the memory and so force a new instance. */
export const GUEST_HEADROOM_BYTES: number = 2 * 1024 * 1024;
/** Allocation between two collections: above the headroom, since a call rarely outlives its first one. */
export const GUEST_GC_THRESHOLD_BYTES: number = 4 * 1024 * 1024;
/** Loading an application: its top level runs once, at install and at each start of an engine. */
export const LOAD_TIME_LIMIT_MS = 2000;

/** Arguments and answer of a call: as long as a delta's payload may be. */
export const ARGS_CHARS_MAX: number = 1024 * 1024;
export const OUTPUT_BYTES_MAX: number = 1024 * 1024;
/** One string, value or blob that crosses to the host. */
export const HOST_STRING_BYTES_MAX: number = 1024 * 1024;
/** A map key; the key of a cell holds no more. */
export const KEY_BYTES_MAX = 1024;
/** Containers that one call may open beneath its fields. */
export const HANDLES_MAX = 10_000;
/** Events of a call, and what each may carry: they travel with the delta to every member. */
export const EVENTS_MAX = 100;
export const EVENT_DATA_BYTES_MAX: number = 16 * 1024;
/** Calls of other contexts that a call asks for, and the arguments of each: those of the guest ABI. */
export const CROSS_CALLS_MAX = 100;
export const CROSS_CALL_ARGS_BYTES_MAX: number = 16 * 1024;
/** Contexts whose calls lead to each other: what the last of them asks for is refused, or told of and not done. */
export const CROSS_CALL_DEPTH_MAX = 3;
/** How long a call waits for a blob that it reads and members are asked for; calls of its context wait behind it. */
export const APPLICATION_BLOB_WAIT_MS = 20_000;
/** Blobs that one call reads: each may mean to run it again. */
export const APPLICATION_BLOBS_MAX = 100;
/** Bytes of all blobs that a call writes: they are in memory until it ends. As many as a WebAssembly application may. */
export const CALL_BLOB_BYTES_MAX: number = 64 * 1024 * 1024;
/** How often a call is run for the blobs that it writes: each time it must write what is stored already, to be kept. */
export const CALL_BLOB_ROUNDS_MAX = 4;
/** Log lines of a call, and the length of each. */
export const LOGS_MAX = 100;
export const LOG_BYTES_MAX: number = 16 * 1024;
/** Of an error's stack, what is handed on. */
export const STACK_FRAMES_MAX = 20;
export const ERROR_TEXT_BYTES_MAX: number = 16 * 1024;

/** Fuel of an operation of the host: about what one costs, in the fuel of as much work of the guest's. */
export const OPERATION_FUEL = 150;
/** Fuel of an item that the host walks for an operation: an entry, an element, a node, an edge. */
export const ITEM_FUEL = 10;
/** Characters or bytes that cross for a unit of fuel. */
export const CHARS_PER_FUEL = 8;
/** Documents or log entries of one page. */
export const PAGE_ITEMS_MAX = 1000;
/** Values that a list takes in at once: they are handed on as arguments. */
export const INSERTED_ITEMS_MAX = 10_000;
/** Bytes of a value that are shown of a recorded call; of a longer one a hash says the rest. */
export const SHOWN_BYTES_MAX = 64;
/** Host calls of one recorded call: one that made more is not recorded. */
export const HOST_STEPS_MAX = 100_000;
/** Characters of a recording: what it is given, reads and answers; a longer one is not kept. */
export const RECORDING_CHARS_MAX: number = 8 * 1024 * 1024;
/** Handlers of one context that run side by side: their commits share a flush. */
export const HANDLERS_AT_ONCE_MAX = 16;
/** Places in which two states differ that are named: the first ones. */
export const DIFFERENCES_MAX = 20;
/** Characters of a value that are shown there. */
export const SHOWN_CHARS_MAX = 120;
