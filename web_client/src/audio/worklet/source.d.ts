/** The module and all it imports, bundled to one script, as text (vite_plugins/worklet_source.ts). */
declare module "*?worklet" {
  const source: string;
  export default source;
}
