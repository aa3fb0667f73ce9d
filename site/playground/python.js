// Python in the browser, from the files beside this one: on a server, or in a folder copied to a
// memory stick, where a page may fetch nothing.
//
//   const python = await loadPython((part) => …); // how much of it has come, from 0 to 1
//   const outputs = await python.run("1 + 1"); // as the cell of a notebook: a list of bundles
//   const answer = await python.call("module.function", { name: "argument" });
//   python.stop();
//
// It runs in a worker, so that no calculation holds up the page. Its parts are scripts that each
// hand over one text, compressed: scripts are all that a page may load from a folder.
"use strict";

class Python {
  constructor(worker) {
    this.worker = worker;
    this.waiting = new Map();
    this.count = 0;
    worker.addEventListener("message", ({ data: { id, answer, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    });
    worker.addEventListener("error", ({ message }) => this.stop(message || "Python does not start"));
  }

  ask(message) {
    return new Promise((resolve, reject) => {
      this.count += 1;
      this.waiting.set(this.count, { resolve, reject });
      this.worker.postMessage({ id: this.count, ...message });
    });
  }

  // Arguments and answer are what JSON can hold; text that came from elsewhere is never a name.
  async call(name, values = {}) {
    return JSON.parse(await this.ask({ name, values: JSON.stringify(values) }));
  }

  run(code) {
    return this.call("cells.run", { code });
  }

  stop(reason = "stopped") {
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(new Error(reason));
    this.waiting.clear();
  }
}

const loadPython = (() => {
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const parts = {};
  let loading = null;

  function script(name) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = `${folder}${name}.js`;
      element.addEventListener("load", () => resolve(element.remove()));
      element.addEventListener("error", () => reject(new Error(`${name}.js is missing`)));
      document.head.append(element);
    });
  }

  async function load(progress) {
    await script("sizes");
    const sizes = Object.entries(parts.sizes);
    const whole = sizes.reduce((sum, [, size]) => sum + size, 0);
    let done = 0;
    await Promise.all(
      sizes.map(async ([name, size]) => {
        await script(name);
        done += size;
        progress(done / whole);
      }),
    );
  }

  async function start(progress = () => {}) {
    loading ??= load(progress);
    await loading;
    const { sizes, worker: source, ...files } = parts;
    const bytes = Uint8Array.from(atob(source), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const address = URL.createObjectURL(await new Response(stream).blob());
    const python = new Python(new Worker(address));
    try {
      await python.ask({ files });
    } finally {
      URL.revokeObjectURL(address);
    }
    return python;
  }

  start.part = (name, content) => {
    parts[name] = content;
  };
  return start;
})();
