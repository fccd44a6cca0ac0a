/** The version of the node, as its status and its backups tell it. */
export const VERSION = "0.1.0";
