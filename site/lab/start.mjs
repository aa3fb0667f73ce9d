// Python for the notebooks, with a Graphviz for their pictures: where `autograd` looks for one in a
// browser.
import { loadPyodide as load } from "./pyodide.mjs";
import { instance } from "./viz.js";

export async function loadPyodide(options) {
  const viz = await instance();
  globalThis.graphviz = (dot, format) => viz.renderString(dot, { format });
  return load(options);
}
