/** A naive `HostState` in memory, for tests: one replica, plain values, no merging and no transactions. */
import { bytesToHex, must } from "@dunlin/core/base";
import type { ContainerType, HostHandle, HostState, HostValue } from "../host-state.ts";

type Container =
  | { type: "register"; value: HostValue | undefined }
  | { type: "map"; values: Map<string, HostValue>; children: Map<string, HostHandle> }
  | { type: "counter"; value: number }
  | { type: "set"; elements: Map<string, HostValue> }
  | { type: "text"; text: string };

type Of<T extends ContainerType> = Extract<Container, { type: T }>;

class PositionError extends RangeError {
  readonly code = "TEXT_POSITION";
}

export function createMemoryState(): HostState {
  const containers: Container[] = [];
  const fields = new Map<string, HostHandle>();
  const at = <T extends ContainerType>(handle: HostHandle, _type: T): Of<T> => containers[handle] as Of<T>;
  const open = (places: Map<string, HostHandle>, name: string, type: ContainerType): HostHandle => {
    const known = places.get(name);
    if (known !== undefined) return known;
    places.set(name, containers.push(empty(type)) - 1);
    return must(places.get(name), "just set");
  };
  const map = (handle: HostHandle): Of<"map"> => at(handle, "map");
  const keys = ({ values, children }: Of<"map">): string[] =>
    [...new Set([...values.keys(), ...children.keys()])].sort();
  return {
    field: (type, name) => open(fields, `${type} ${name}`, type),
    child: (handle, key, type) => open(map(handle).children, key, type),
    peek: (handle, key) => map(handle).children.get(key),
    registerGet: (handle) => at(handle, "register").value,
    registerSet: (handle, value) => {
      at(handle, "register").value = value;
    },
    mapGet: (handle, key) => map(handle).values.get(key),
    mapSet: (handle, key, value) => void map(handle).values.set(key, value),
    mapDelete: (handle, key) => {
      map(handle).values.delete(key);
      map(handle).children.delete(key);
    },
    mapHas: (handle, key) => map(handle).values.has(key) || map(handle).children.has(key),
    mapKeys: (handle) => keys(map(handle)),
    mapSize: (handle) => keys(map(handle)).length,
    counterAdd: (handle, by) => {
      at(handle, "counter").value += by;
    },
    counterValue: (handle) => at(handle, "counter").value,
    setAdd: (handle, value) => void at(handle, "set").elements.set(canonical(value), value),
    setRemove: (handle, value) => void at(handle, "set").elements.delete(canonical(value)),
    setHas: (handle, value) => at(handle, "set").elements.has(canonical(value)),
    setValues: (handle) =>
      [...at(handle, "set").elements].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value),
    setSize: (handle) => at(handle, "set").elements.size,
    textInsert: (handle, position, inserted) => {
      const text = at(handle, "text");
      checkRange(text.text, position, 0);
      text.text = text.text.slice(0, position) + inserted + text.text.slice(position);
    },
    textDelete: (handle, position, count) => {
      const text = at(handle, "text");
      checkRange(text.text, position, count);
      text.text = text.text.slice(0, position) + text.text.slice(position + count);
    },
    textLength: (handle) => at(handle, "text").text.length,
    textSlice: (handle, from, to) => at(handle, "text").text.slice(from, to),
    textToString: (handle) => at(handle, "text").text,
  };
}

function empty(type: ContainerType): Container {
  switch (type) {
    case "register":
      return { type, value: undefined };
    case "map":
      return { type, values: new Map(), children: new Map() };
    case "counter":
      return { type, value: 0 };
    case "set":
      return { type, elements: new Map() };
    case "text":
      return { type, text: "" };
  }
}

function checkRange(text: string, position: number, count: number): void {
  if (position < 0 || count < 0 || position + count > text.length) throw new PositionError("outside the text");
}

function canonical(value: HostValue): string {
  if (value instanceof Uint8Array) return `bytes ${bytesToHex(value)}`;
  return typeof value === "bigint" ? `bigint ${value}` : JSON.stringify(value);
}
