// Puts the component and unit tests into one script that runs in a browser without core: real Ember, our own sources, and
// small stand-ins (shims/) for what we use of core. What the stand-ins may stand in for is held by the type check.
import babel from "@babel/core";
import { Preprocessor } from "content-tag";
import { build } from "esbuild";
import { load } from "js-yaml";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { existsSync, globSync, readFileSync } from "./files.mjs";

const require = createRequire(import.meta.url);
const here = path.dirname(fileURLToPath(import.meta.url));
const plugin = path.resolve(here, "../..");
const ember = path.join(plugin, "node_modules/ember-source/dist/dev/packages");
const shims = path.join(here, "shims");
const EXTENSIONS = ["", ".js", ".gjs", "/index.js"];

function existing(base) {
  const found = EXTENSIONS.map((extension) => base + extension).find(
    (file) => existsSync(file) && !file.endsWith("/") && /\.\w+$/.test(file)
  );
  if (!found) {
    throw new Error(`nothing at ${base}`);
  }
  return { path: found };
}

async function compile(file) {
  const source = readFileSync(file, "utf8");
  const { code } = new Preprocessor().process(source, { filename: file });
  const compiled = await babel.transformAsync(code, {
    filename: file,
    configFile: false,
    babelrc: false,
    plugins: [
      [
        require.resolve("babel-plugin-ember-template-compilation"),
        {
          compilerPath: path.join(ember, "ember-template-compiler/index.js"),
          targetFormat: "wire",
        },
      ],
      [
        require.resolve("decorator-transforms"),
        {
          runtime: { import: require.resolve("decorator-transforms/runtime") },
        },
      ],
    ],
  });
  return compiled.code;
}

const core = {
  name: "core",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^discourse\/plugins\/discourse-lcm\// }, (args) => {
      const [, side, rest] = args.path.match(
        /discourse-lcm\/(discourse|admin)\/(.*)/
      );
      const root =
        side === "admin"
          ? "admin/assets/javascripts/admin"
          : "assets/javascripts/discourse";
      return existing(path.join(plugin, root, rest));
    });
    onResolve(
      { filter: /^(discourse\/|discourse-i18n$|qunit$|ember-qunit$)/ },
      (args) => existing(path.join(shims, args.path))
    );
    onResolve({ filter: /^@ember\/(test-helpers|routing)$/ }, (args) =>
      args.importer.includes("ember-source") || args.path.includes("routing/")
        ? undefined
        : existing(path.join(shims, args.path))
    );
    onResolve({ filter: /^(@ember|@glimmer)\// }, (args) =>
      args.path === "@glimmer/component"
        ? undefined
        : existing(path.join(ember, args.path))
    );
    onResolve({ filter: /^virtual:/ }, (args) => ({
      path: args.path,
      namespace: "virtual",
    }));
    onResolve({ filter: /^\.{1,2}\// }, (args) =>
      args.resolveDir.includes("node_modules")
        ? undefined
        : existing(path.resolve(args.resolveDir, args.path))
    );
    onLoad({ filter: /virtual:texts/, namespace: "virtual" }, () => {
      const file = path.join(plugin, "config/locales/client.en.yml");
      const { en } = load(readFileSync(file, "utf8"));
      return { contents: JSON.stringify(en.js), loader: "json" };
    });
    onLoad({ filter: /virtual:tests/, namespace: "virtual" }, () => {
      const files = globSync(path.join(plugin, "test/javascripts"), [
        "integration",
        "unit",
      ]);
      return {
        contents: files
          .map((file) => `import ${JSON.stringify(file)};`)
          .join(""),
        resolveDir: plugin,
      };
    });
    onLoad({ filter: /\.(gjs|js)$/ }, async (args) =>
      args.path.includes("node_modules")
        ? undefined
        : { contents: await compile(args.path), loader: "js" }
    );
  },
};

/**
 * @param {string} outfile
 * @returns {Promise<void>}
 */
export async function buildTests(outfile) {
  await build({
    stdin: {
      contents: 'import "virtual:tests";',
      resolveDir: plugin,
      sourcefile: "tests.js",
    },
    bundle: true,
    format: "iife",
    sourcemap: "inline",
    outfile,
    define: { "process.env.NODE_ENV": '"development"' },
    conditions: ["development", "browser"],
    nodePaths: [path.join(plugin, "node_modules")],
    logLevel: "error",
    plugins: [core],
  });
}
