import { counterSubject, growCounterSubject } from "./counters.ts";
import { frozenEntriesSubject, userEntriesSubject } from "./entries.ts";
import { listSubject } from "./lists.ts";
import { logSubject } from "./logs.ts";
import { nestedSubject } from "./nested.ts";
import { recordFieldSubjects, recordsSubject } from "./records.ts";
import { firstRegisterSubject, mapSubject, multiRegisterSubject, registerSubject } from "./registers.ts";
import { removeWinsSetSubject, setSubject } from "./sets.ts";
import type { Subject } from "./subject.ts";
import { textSubject } from "./texts.ts";
import { graphSubject, removeWinsGraphSubject, treeSubject } from "./trees.ts";

/** Every type of container. One line here puts a type through all the checks of histories. */
export const SUBJECTS: readonly Subject[] = [
  registerSubject,
  mapSubject,
  counterSubject,
  setSubject,
  textSubject,
  nestedSubject,
  firstRegisterSubject,
  multiRegisterSubject,
  removeWinsSetSubject,
  growCounterSubject,
  userEntriesSubject,
  frozenEntriesSubject,
  recordsSubject,
  ...recordFieldSubjects,
  treeSubject,
  listSubject,
  logSubject,
  graphSubject,
  removeWinsGraphSubject,
];
