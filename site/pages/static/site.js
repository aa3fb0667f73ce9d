// What moves in the documentation: graphs take the page's colours and their own height, and examples
// run, by the Python that is in the site's folder.
"use strict";

const ROOT = new URL(document.documentElement.dataset.content_root, document.baseURI);

function element(tag, classes, text = "") {
  const made = document.createElement(tag);
  made.className = classes;
  made.textContent = text;
  return made;
}

// Tell a frame the colour of the text around it, and hear how high it is.
function greet(frame) {
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    if (typeof data === "number") frame.style.height = `${Math.ceil(data)}px`;
  };
  frame.contentWindow.postMessage(getComputedStyle(document.body).color, "*", [channel.port2]);
}

function greetAll() {
  document.querySelectorAll("iframe.fitted").forEach(greet);
}

// What a result is shown in: it may hold scripts of its own, and is kept apart from the page.
const SHOWN = `<!doctype html><meta charset="utf-8"><style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; overflow-x: auto; } body > svg, body > img { max-width: 100%; height: auto; }
</style><script>
addEventListener("message", ({ source, data: color, ports: [port] }) => {
  if (source !== parent || !port) return;
  document.documentElement.style.colorScheme = parseInt(color.slice(4), 10) > 140 ? "dark" : "light";
  document.documentElement.style.color = color;
  const tell = () => port.postMessage(document.documentElement.getBoundingClientRect().height);
  new ResizeObserver(tell).observe(document.documentElement);
  tell();
});
</script><body>`;

function framed(html) {
  const frame = element("iframe", "fitted");
  frame.title = "What the example shows";
  frame.sandbox = "allow-scripts";
  frame.srcdoc = SHOWN + html;
  frame.addEventListener("load", () => greet(frame));
  return frame;
}

const MISSING = /No module named '(numpy|sympy|matplotlib|sklearn|jax|torch)|pip install/;
const LIGHT =
  "\nThe Python of this site is a light one, without large packages; install the project to run this.";

function shown(bundle) {
  if (bundle.error) {
    return element("pre", "error", bundle.error + (MISSING.test(bundle.error) ? LIGHT : ""));
  }
  const html = bundle["text/html"] ?? bundle["image/svg+xml"];
  return html ? framed(html) : element("pre", "", bundle["text/plain"]);
}

// The one Python of a page, started by the first example that runs.
const machine = {
  python: null,

  async start(progress) {
    if (typeof loadPython === "undefined") {
      await new Promise((resolve, reject) => {
        const script = element("script", "");
        script.src = new URL("playground/python/python.js", ROOT);
        script.addEventListener("load", resolve);
        script.addEventListener("error", () => reject(new Error("this copy has no Python in it")));
        document.head.append(script);
      });
    }
    this.python ??= await loadPython(progress);
    return this.python;
  },

  stop() {
    this.python?.stop("stopped; the next run starts anew");
    this.python = null;
    Example.all.forEach((example) => (example.done = false));
  },
};

class Example {
  static all = [];
  static running = false;

  constructor(box, code) {
    this.box = box;
    this.code = code;
    this.done = false; // in this Python
    this.before = [...Example.all];
    Example.all.push(this);
    const tools = element("div", "tools");
    this.button = element("button", "run", "Run");
    this.reset = element("button", "reset", "Restore");
    this.said = element("span", "said");
    this.said.setAttribute("role", "status");
    this.button.addEventListener("click", () => this.press());
    this.reset.addEventListener("click", () => this.close());
    this.reset.hidden = true;
    tools.append(this.button, this.reset, this.said);
    box.append(tools);
  }

  get source() {
    return this.editor?.value ?? this.code;
  }

  // The text as it was printed gives way to one that can be changed.
  open() {
    if (this.editor) return;
    this.editor = element("textarea", "editor");
    this.editor.value = this.code;
    this.editor.spellcheck = false;
    this.editor.setAttribute("aria-label", "The code of this example");
    this.editor.addEventListener("input", () => this.fit());
    this.editor.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.press();
      }
    });
    this.output = element("div", "output");
    this.box.classList.add("open");
    this.box.insertBefore(this.editor, this.box.lastChild);
    this.box.append(this.output);
    this.reset.hidden = false;
    this.fit();
  }

  close() {
    this.editor.remove();
    this.output.remove();
    this.editor = this.output = undefined;
    this.box.classList.remove("open");
    this.reset.hidden = true;
    this.said.textContent = "";
    this.button.focus();
  }

  fit() {
    this.editor.rows = this.editor.value.split("\n").length;
  }

  press() {
    if (this.button.textContent === "Stop") machine.stop();
    else if (!Example.running) this.run();
  }

  async run() {
    Example.running = true;
    this.open();
    this.button.textContent = "Stop";
    this.output.replaceChildren();
    try {
      this.said.textContent = "Python is starting …";
      const python = await machine.start((part) => {
        this.said.textContent = `Python is starting: ${Math.round(100 * part)} %`;
      });
      this.said.textContent = "running …";
      for (const earlier of this.before) await earlier.catchUp(python);
      const bundles = await python.call("examples.run", { code: this.source });
      this.done = true;
      this.output.replaceChildren(...bundles.map(shown));
      this.said.textContent = "";
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.button.textContent = "Run";
    Example.running = false;
  }

  // What later examples build on has to have run, seen or not.
  async catchUp(python) {
    if (this.done) return;
    await python.call("examples.run", { code: this.source });
    this.done = true;
  }
}

for (const box of document.querySelectorAll(".example")) new Example(box, box.dataset.code);
for (const cell of document.querySelectorAll("div.cell")) {
  const input = cell.querySelector(".cell_input");
  if (input) new Example(input, input.querySelector("pre").textContent.trimEnd());
}

// What is wider than the page is scrolled by keyboard too.
for (const block of document.querySelectorAll("pre")) {
  if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
}
// No folder can start a JupyterLite.
for (const link of document.querySelectorAll(".served")) {
  link.hidden = location.protocol === "file:";
}
// Results of a search are quoted from their pages, which a page opened from a folder may not read.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// A graph far from sight does not know its height yet: it is asked when it comes near.
const near = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => greet(target)),
  { rootMargin: "100%" },
);
document.querySelectorAll("iframe.fitted").forEach((frame) => {
  near.observe(frame); // which may have been loaded
  frame.addEventListener("load", () => {
    near.unobserve(frame);
    near.observe(frame);
  });
});
new MutationObserver(greetAll).observe(document.body, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", greetAll);
