import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export { existsSync, readFileSync };

/** @returns {string[]} the test files under some folders of a root, in a stable order */
export function globSync(root, folders) {
  return folders
    .map((folder) => path.join(root, folder))
    .filter(existsSync)
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true })
        .map((name) => path.join(folder, String(name)))
        .filter((file) => /-test\.g?js$/.test(file))
    )
    .sort();
}
