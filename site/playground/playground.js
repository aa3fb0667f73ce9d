// The playground: an expression in, the page of its steps out. What reads, calculates and draws is
// the project itself, in a worker; what is typed, or comes with an address, is never run.
"use strict";

const TYPING = 150; // milliseconds after the last key
const PATIENCE = 2000; // milliseconds after which an answer can be given up

const GREETINGS = 25; // after which a page is taken for one without scripts

const find = (selector) => document.querySelector(selector);

function make(tag, attributes, ...content) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...content);
  return element;
}

const named = (pairs) => Object.fromEntries(new URLSearchParams(pairs));

// Shows a page in a frame of its own, at its height and in the colours around; hears its numbers.
class Frames {
  constructor(pages, hear) {
    this.pages = pages;
    this.hear = hear;
    this.current = pages.querySelector("iframe");
    this.coming = null;
    this.ended = false; // whether the page has come to its last position
    this.greet(this.current);
  }

  // What is said to a page before its script runs is lost, and without scripts none answers.
  greet(frame, times = GREETINGS) {
    if (!frame.isConnected || frame.style.height) return;
    if (!times) {
      this.change(frame);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => this.heard(frame, data);
    frame.contentWindow.postMessage(getComputedStyle(this.pages).color, "*", [port2]);
    setTimeout(() => this.greet(frame, times - 1), 200);
  }

  heard(frame, data) {
    if (data?.numbers && frame === this.current && !this.coming) this.hear(data.numbers);
    if (data?.ended !== undefined) this.ended = data.ended;
    if (!(Number(data) > 0)) return;
    frame.style.height = `${Math.ceil(data)}px`;
    this.change(frame);
  }

  // The page that is there stays until the other one is laid out, which begins at its end where
  // this one has come to its own.
  show(page, anew) {
    this.ended &&= !anew;
    const html = this.ended ? page.replace("<html", '<html data-begin="end"') : page;
    this.coming?.remove();
    const frame = this.current.cloneNode();
    this.coming = frame;
    frame.src = "frame.html";
    frame.className = "coming";
    frame.style.height = "";
    const hand = () => {
      frame.contentWindow.postMessage({ html }, "*");
      this.greet(frame);
    };
    frame.addEventListener("load", hand, { once: true });
    this.pages.append(frame);
  }

  change(frame) {
    if (frame !== this.coming) return;
    this.current.remove();
    this.current = frame;
    this.coming = null;
    frame.className = "";
  }
}

class Playground {
  constructor() {
    this.frames = new Frames(find(".pages"), (numbers) => this.hear(numbers));
    this.field = find("#expression");
    this.python = null;
    this.wanted = null; // the expression to ask for next
    this.anew = false; // whether it comes with an address, and is walked through from the beginning
    this.asking = false;
    this.shown = this.field.value; // the expression of the page
    this.numbers = named(find(".box").dataset.numbers); // of its names, as they are typed
    this.memory = { ...this.numbers }; // of all names so far
    this.column = 0; // of a fault
    this.listen();
    this.follow();
    this.start();
  }

  listen() {
    let timer = 0;
    const soon = (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(() => this.want(this.field.value), milliseconds);
    };
    this.field.addEventListener("input", () => soon(TYPING));
    find("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.column) this.point();
      else soon(0);
    });
    find(".fields").addEventListener("input", ({ target }) => {
      this.memory[target.name] = target.value;
      soon(TYPING);
    });
    find(".save").addEventListener("click", () => this.save());
    find(".stop").addEventListener("click", () => this.python.stop());
    find(".copy").addEventListener("click", () => this.copy());
    find(".copy").hidden = !navigator.clipboard;
    addEventListener("hashchange", () => this.follow());
  }

  async start() {
    const coming = (part) => {
      const percent = Math.round(100 * part);
      this.say(percent < 100 ? `Python is loading: ${percent} %` : "Python is starting …");
    };
    coming(0);
    try {
      this.python = await loadPython(coming);
    } catch (error) {
      this.say(`Python does not run in this browser (${error.message}); the example does.`);
      return;
    }
    this.say("");
    find(".save").disabled = false;
    if (this.wanted === null) this.page(this.shown, this.numbers); // its parts are loaded by use
    this.answer();
  }

  // Take the expression and the numbers that an address holds, whoever made it.
  follow() {
    const [expression, ...numbers] = new URLSearchParams(location.hash.slice(1));
    if (!expression) return;
    Object.assign(this.memory, Object.fromEntries(numbers));
    this.field.value = expression[1];
    this.anew = true;
    this.want(this.field.value);
  }

  want(expression) {
    this.wanted = expression;
    this.answer();
  }

  // Ask for what was typed last; for what was typed before it, nobody waits.
  async answer() {
    if (!this.python || this.asking || this.wanted === null) return;
    const expression = this.wanted;
    this.wanted = null;
    this.asking = true;
    const slow = setTimeout(() => this.wait(), PATIENCE);
    try {
      const { numbers } = this; // others are those of changes that were made meanwhile
      const found = await this.page(expression, this.memory);
      if (numbers !== this.numbers) this.wanted ??= expression;
      if (this.wanted === null) this.hold(expression, found);
    } catch (error) {
      this.recover(error);
    }
    clearTimeout(slow);
    find(".stop").hidden = true;
    this.asking = false;
    this.answer();
  }

  page(expression, numbers) {
    return this.python.call("playground.page", { expression, numbers });
  }

  wait() {
    this.say("This takes long.");
    find(".stop").hidden = false;
  }

  // Start again where Python was stopped, or broke down.
  recover({ message }) {
    this.python.stop();
    this.python = null;
    this.start().then(() => this.python && this.say(`Python was started again (${message}).`));
  }

  hold(expression, found) {
    this.refuse(found);
    if (!found.html) return;
    this.shown = expression;
    this.take(found.numbers);
    this.write();
    this.frames.show(found.html, this.anew);
    this.anew = false;
  }

  // Say what is wrong, and where; the last good page stays.
  refuse({ error = "", text = "", column = 0, numbers }) {
    this.say(error && column ? `Column ${column}: ${error}` : error);
    this.column = column;
    this.field.setAttribute("aria-invalid", Boolean(error));
    const [before, letter, after] = this.around(text);
    find(".excerpt").hidden = !column;
    find(".excerpt").replaceChildren(before, make("mark", {}, letter || " "), after);
    this.offer(error && numbers ? numbers : {});
  }

  // Offer the numbers at which an expression has no value.
  offer(numbers) {
    const fields = find(".fields");
    if (fields.contains(document.activeElement) && Object.keys(numbers).length) return;
    fields.hidden = !Object.keys(numbers).length;
    fields.replaceChildren(
      ...Object.entries(numbers).map(([name, value]) =>
        make("label", {}, `${name} = `, make("input", { name, value, inputMode: "decimal" })),
      ),
    );
  }

  // What stands before the column, at it, and after; columns are counted in letters.
  around(text) {
    const letters = [...text];
    const parts = [[0, this.column - 1], [this.column - 1, this.column], [this.column]];
    return parts.map((part) => letters.slice(...part).join(""));
  }

  point() {
    const [before, letter] = this.around(this.field.value);
    this.field.focus();
    this.field.setSelectionRange(before.length, before.length + letter.length);
  }

  // Keep the numbers of the names, for what is typed next.
  take(numbers) {
    this.numbers = numbers;
    Object.assign(this.memory, numbers);
  }

  // Write the expression and its numbers into the address.
  write() {
    clearTimeout(this.hearing);
    const kept = new URLSearchParams([["expression", this.shown], ...Object.entries(this.numbers)]);
    history.replaceState(null, "", `#${kept}`);
  }

  // Take the numbers of the page, in the order of its names, if they were changed there; browsers
  // count how often an address changes.
  hear(numbers) {
    const names = Object.keys(this.numbers);
    if (names.every((name, i) => Number(this.numbers[name]) === numbers[i])) return;
    this.take(Object.fromEntries(names.map((name, i) => [name, String(numbers[i])])));
    clearTimeout(this.hearing);
    this.hearing = setTimeout(() => this.write(), 250);
  }

  async save() {
    const { html } = await this.page(this.shown, this.numbers);
    const address = URL.createObjectURL(new Blob([html], { type: "text/html" }));
    make("a", { href: address, download: "steps.html" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  async copy() {
    this.write();
    await navigator.clipboard.writeText(location.href);
    this.say("Copied: the address holds the expression and its numbers.");
  }

  say(text) {
    find(".said").textContent = text;
  }
}

new Playground();
