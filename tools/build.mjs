/** `npm run build`: installs when needed and builds every package. */
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";

ensureInstalled();
ensureBuilt();
