import { build, type Plugin } from "vite";

const SUFFIX = "?worklet";

/**
 * Imports of `x.ts?worklet` give the bundled script of that module as text: an AudioWorklet is loaded by address and
 * cannot share the page's modules, and the widget has to stay one file.
 */
export function workletSource(): Plugin {
  return {
    name: "worklet-source",
    enforce: "pre",
    async resolveId(source, importer) {
      if (!source.endsWith(SUFFIX)) return null;
      const resolved = await this.resolve(source.slice(0, -SUFFIX.length), importer);
      return resolved && `\0${resolved.id}${SUFFIX}`;
    },
    async load(id) {
      if (!id.startsWith("\0") || !id.endsWith(SUFFIX)) return null;
      const entry = id.slice(1, -SUFFIX.length);
      const { code, files } = await bundle(entry);
      for (const file of files) this.addWatchFile(file);
      return `export default ${JSON.stringify(code)};`;
    },
  };
}

/** Bundles one module and its imports into a plain minified script. */
export async function bundle(entry: string): Promise<{ code: string; files: string[] }> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: true, lib: { entry, formats: ["iife"], name: "worklet" }, target: "es2022" },
  });
  const output = (Array.isArray(result) ? result : [result]).flatMap((part) => ("output" in part ? part.output : []));
  const chunk = output.find((part) => part.type === "chunk");
  if (!chunk) throw new Error(`nothing was built from ${entry}`);
  return { code: chunk.code, files: chunk.moduleIds };
}

/** Puts the same script into the build as a file, for pages whose policy forbids loading it from a blob. */
export function workletAsset(entry: string, fileName: string): Plugin {
  return {
    name: "worklet-asset",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName, source: (await bundle(entry)).code });
    },
  };
}
