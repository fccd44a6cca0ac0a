/** The type of a map: a cell for each key, the last writer's, in columns. */
import * as mapEntry from "../cells/map-entry.ts";
import { LastWriterContainer } from "../containers/last-writer-container.ts";
import type { Views } from "../handles/handles.ts";
import { MapView, MapWriter } from "../handles/map.ts";
import { type MapJoins, read, write } from "../joins/map-joins.ts";
import { type ContainerDefinition, entryKey } from "./definition.ts";

export interface MapType {
  container: LastWriterContainer;
  view: MapView<Views>;
  writer: MapWriter;
  joins: MapJoins;
}

export const mapType: ContainerDefinition<"map"> = {
  open: (host, id) => new LastWriterContainer(host, mapEntry, "map", id),
  view: (host, container) => new MapView(host, container),
  writer: (host, container) => new MapWriter(host, container),
  write,
  read,
  prepare: (container, { keys, contents }, origin) => {
    container.loadKeys(keys);
    return () => {
      for (let i = 0; i < keys.length; i++) container.joinContent(keys[i] as string, contents[i], origin);
      return 0;
    };
  },
  entryKeys: ({ keys }) => keys.map((key) => entryKey(mapEntry, key)),
};
