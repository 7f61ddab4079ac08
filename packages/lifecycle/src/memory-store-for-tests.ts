import type { FileStore } from "@mosaic/core";

/** Files in memory. */
export function memoryStore(): FileStore {
  const texts = new Map<string, string>();
  return {
    read: async (path) => texts.get(path),
    write: async (path, text) => void texts.set(path, text),
    remove: async (path) => void texts.delete(path),
    list: async (directory) =>
      [...texts.keys()]
        .filter((path) => path.slice(0, path.lastIndexOf("/")) === directory)
        .map((path) => path.slice(directory.length + 1))
        .sort(),
  };
}
