// Python itself: Pyodide and Graphviz, which stand before this in one file.
"use strict";

// What Pyodide would fetch comes with the first message; to anything else, no network is open.
const ADDRESS = "https://python.invalid/";

async function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function started({ wasm, library, packages }) {
  const kinds = { "pyodide.asm.wasm": ["application/wasm", wasm], "python_stdlib.zip": ["", library] };
  self.fetch = async (address) => {
    const [kind, content] = kinds[String(address).replace(ADDRESS, "")];
    return new Response(await unpacked(content), { headers: { "Content-Type": kind } });
  };
  const [pyodide, viz] = await Promise.all([
    loadPyodide({
      indexURL: ADDRESS,
      lockFileContents: LOCK,
    }),
    Viz.instance(),
  ]);
  self.graphviz = (dot, format) => viz.renderString(dot, { format });
  pyodide.unpackArchive(await unpacked(packages), "zip", { extractDir: "/packages" });
  pyodide.runPython("import sys; sys.path.insert(0, '/packages')");
  return pyodide.pyimport("browser.door").answer;
}

let answer = null;
self.addEventListener("message", async ({ data: { id, files, name, values } }) => {
  try {
    if (files) answer = await started(files);
    postMessage({ id, answer: files ? true : answer(name, values) });
  } catch (error) {
    postMessage({ id, error: String(error.message ?? error) });
  }
});
