// What a person has changed: one step back, one forward, and the numbers in the address.

class History {
  constructor(live) {
    this.live = live;
    this.past = [];
    this.future = [];
    this.pending = new Map(); // what the next frame will show
    this.trail = []; // the losses that gradient descent has passed
    // by names, which Python has told apart
    this.keys = new Map(live.free.map((i) => [live.nodes[i].said, i]));
    this.addressed = parent === window && /^(file|https?):$/.test(location.protocol);
    for (const name of ["undo", "redo", "reset", "share"]) {
      find(`button.${name}`).addEventListener("click", () => this[name]());
    }
    find("button.share").hidden = !this.addressed;
    document.addEventListener("keydown", (event) => this.press(event));
    addEventListener("hashchange", () => this.read());
    live.listeners.push(() => this.show());
    this.show();
  }

  press(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
    if (!(ctrlKey || metaKey) || altKey || target.closest?.(".quiz input")) return;
    const name = { z: shiftKey ? "redo" : "undo", y: "redo" }[key.toLowerCase()];
    if (!name) return;
    event.preventDefault();
    this[name]();
  }

  // The number of a leaf, be it shown yet or not.
  number(leaf) {
    return this.pending.get(leaf) ?? this.live.pass.numbers[leaf];
  }

  // Change leaves with the next frame. Changes of one `gesture` are one step back.
  move(numbers, gesture = null, trail = []) {
    if ([...numbers].every(([i, x]) => Object.is(x, this.number(i)))) return;
    if (!gesture || gesture !== this.gesture) {
      this.flush();
      this.past.push(this.state);
      this.future = [];
    }
    this.gesture = gesture;
    this.trail = trail;
    if (numbers.size === 1) [this.latest] = numbers.keys();
    this.pending = new Map([...this.pending, ...numbers]);
    this.frame ??= requestAnimationFrame(() => this.flush());
    this.tell("");
  }

  // What is changed from now on is another step.
  settle() {
    this.gesture = null;
  }

  flush() {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    const { pending } = this;
    this.pending = new Map();
    if (pending.size) this.live.move(pending);
  }

  get state() {
    return { moved: this.live.moved, trail: this.trail };
  }

  restore({ moved, trail }) {
    this.gesture = null;
    this.trail = trail;
    this.tell("");
    this.live.move(this.complete(moved));
  }

  // The numbers of all leaves that are or will be moved.
  complete(moved) {
    const { live } = this;
    return new Map([...[...live.moved.keys()].map((i) => [i, live.nodes[i].given]), ...moved]);
  }

  undo() {
    this.travel(this.past, this.future);
  }

  redo() {
    this.travel(this.future, this.past);
  }

  travel(from, to) {
    this.flush();
    if (!from.length) return;
    to.push(this.state);
    this.restore(from.pop());
  }

  reset() {
    this.flush();
    this.move(this.complete([]));
  }

  show() {
    const to = { undo: this.past.length, redo: this.future.length, reset: this.live.moved.size };
    for (const [name, some] of Object.entries(to)) {
      find(`button.${name}`).setAttribute("aria-disabled", !some);
    }
    const detail = this.live.leaves.map((i) => this.live.pass.numbers[i]);
    dispatchEvent(new CustomEvent("numbers", { detail })); // for a page around
    clearTimeout(this.timer);
    if (!this.addressed) return;
    this.timer = setTimeout(() => this.write(), 250); // browsers take no more than some a second
  }

  tell(text) {
    find(".told").textContent = text;
  }

  write() {
    const { moved } = this.live;
    const changed = [...this.keys].filter(([, i]) => moved.has(i));
    const said = changed.map(([key, i]) => [key, moved.get(i)]);
    const hash = said.length ? `#${new URLSearchParams(said)}` : "";
    window.history.replaceState(null, "", location.href.split("#")[0] + hash);
  }

  // Take on the numbers of the address, which anybody may have written.
  read() {
    if (!this.addressed) return;
    const numbers = new Map();
    const ignored = [];
    for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
      const x = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
      if (this.keys.has(key) && Number.isFinite(x)) numbers.set(this.keys.get(key), x);
      else ignored.push(brief(text ? `${key}=${text}` : key));
    }
    this.flush();
    this.move(this.complete(numbers));
    this.flush();
    if (!ignored.length) return;
    const rest = ignored.length > 1 ? ` and ${ignored.length - 1} more` : "";
    this.tell(`Ignored in the address: ${ignored[0]}${rest}, no number of a leaf.`);
  }

  async share() {
    this.flush();
    this.write();
    try {
      await navigator.clipboard.writeText(location.href);
      this.tell("Copied: the address of this page with these numbers.");
    } catch {
      this.tell("The address of this page has these numbers: copy it from there.");
    }
  }
}
