// The numbers of the leaves, to be typed, slid, dragged in the picture, or stepped by arrow keys.

const ROWS = 24; // leaves that are listed at once
const UP = { ArrowUp: 1, ArrowDown: -1, ArrowRight: 1, ArrowLeft: -1 };

class Leaves {
  constructor(live, history, arithmetic, graph) {
    Object.assign(this, { live, history, arithmetic });
    this.reaches = new Map(live.free.map((i) => [i, reach(history.number(i))]));
    this.rows = new Map();
    this.list = find(".leaves ol");
    this.listen();
    if (graph) for (const i of live.free) if (graph.nodes[i]) this.handle(graph.nodes[i].group, i);
    find(".leaves .more").addEventListener("click", () => this.more());
    find(".leaves .kept").innerHTML = this.kept();
    const longest = Math.max(0, ...live.free.map((i) => live.nodes[i].said.length));
    this.list.style.setProperty("--called", `${Math.min(9, 1.7 + 0.48 * longest)}rem`);
    live.listeners.push(() => this.show());
    this.more();
  }

  // Those that cannot be changed, and why.
  kept() {
    const names = this.live.leaves.map((i) => this.live.nodes[i]).filter(({ frozen }) => frozen);
    if (!names.length) return "";
    const shown = names.slice(0, 6).map(({ name }) => name).join(", ");
    const rest = names.length > 6 ? ` and ${names.length - 6} more` : "";
    return `${shown}${rest} cannot be changed here: a rule above could not be written for the page.`;
  }

  more() {
    const { free } = this.live;
    const next = free.slice(this.rows.size, this.rows.size + ROWS);
    for (const i of next) this.rows.set(i, this.row(i));
    const rest = free.length - this.rows.size;
    find(".leaves .more").hidden = !rest;
    find(".leaves .more").textContent = `More (${rest})`;
    this.show();
  }

  row(i) {
    const { name, said } = this.live.nodes[i];
    const off = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
    const field = make("input", { type: "text", class: "entered", "aria-label": said, ...off });
    const slider = make("input", { type: "range", "aria-label": `${said}, slid`, step: "any" });
    const symbol = make("span", { class: "called", title: said });
    symbol.innerHTML = `${name} =`;
    const slope = make("span", { class: "slope" });
    this.list.append(make("li", { "data-leaf": i }, symbol, field, slider, slope));
    return { field, slider, slope };
  }

  listen() {
    const heard = (name, act) => {
      this.list.addEventListener(name, (event) => {
        const leaf = Number(event.target.closest("li")?.dataset.leaf);
        if (event.target.tagName === "INPUT") act(leaf, event.target, event);
      });
    };
    const slides = (input) => input.type === "range";
    heard("input", (i, input) => (slides(input) ? this.slide(i, input) : this.type(i, input)));
    heard("change", (i, input) => {
      if (!slides(input)) this.type(i, input, true);
      this.settle(i);
    });
    heard("focusin", (i, input) => {
      const exact = bare(this.history.number(i));
      if (slides(input) || input.value === exact) return;
      input.value = exact;
      input.select(); // as whoever comes by the tab key expects
    });
    heard("focusout", () => this.show());
    heard("keydown", (i, input, event) => {
      if (slides(input) || /^Arrow(Up|Down)$/.test(event.key)) this.step(i, event);
    });
  }

  slide(i, { value }) {
    const grain = this.reaches.get(i) / 1000;
    this.set(i, Math.round(value / grain) * grain, `slide ${i}`);
  }

  // Take what is typed for the number as soon as it is one; say so at the end if it is none.
  type(i, field, ended = false) {
    try {
      this.history.move(new Map([[i, this.read(field.value)]]), `type ${i}`);
      field.removeAttribute("aria-invalid");
    } catch (error) {
      if (!(error instanceof Mistyped)) throw error;
      field.setAttribute("aria-invalid", true);
      if (!ended) return;
      const kept = `${this.live.nodes[i].said} stays ${short(this.history.number(i))}`;
      this.history.tell(`“${brief(field.value)}” is no number: ${error.message}; ${kept}.`);
    }
  }

  read(text) {
    const plain = () => ({ value: Number(text.replace("−", "-")), steps: [] });
    const { value, steps } = this.arithmetic?.evaluate(text) ?? plain();
    if (steps.length) throw new Mistyped("names have no place here");
    if (text.trim() && Number.isFinite(value)) return value;
    throw new Mistyped("write one such as 0.5 or 2e-3");
  }

  // A step is a hundredth of what the slider reaches, with the shift key a tenth.
  step(i, event) {
    const up = UP[event.key];
    if (!up || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const unit = this.reaches.get(i) / (event.shiftKey ? 10 : 100);
    if (!event.repeat) this.history.settle();
    this.set(i, this.history.number(i) + up * unit, `step ${i}`);
    this.fit(i);
  }

  // Without the dust of rounding: 0.3, not 0.30000000000000004.
  set(i, x, gesture) {
    this.history.move(new Map([[i, Number(x.toPrecision(12))]]), gesture);
  }

  settle(i) {
    this.history.settle();
    this.fit(i);
  }

  // A slider at its end, or of which next to nothing is used, gets another reach.
  fit(i) {
    const [x, far] = [Math.abs(this.history.number(i)), this.reaches.get(i)];
    if (x > 0.98 * far || (x && x < far / 200)) this.reaches.set(i, reach(x));
    this.show();
  }

  // A box of the picture is dragged to the left and right, or focused and stepped up and down.
  handle(group, i) {
    let dragged = false;
    group.classList.add("free");
    group.setAttribute("aria-keyshortcuts", "ArrowUp ArrowDown");
    group.addEventListener("keydown", (event) => {
      if (/^Arrow(Up|Down)$/.test(event.key)) this.step(i, event);
    });
    group.addEventListener("click", (event) => dragged && event.stopPropagation(), true);
    const hold = (event) => dragged && event.cancelable && event.preventDefault();
    group.addEventListener("touchmove", hold, { passive: false }); // touch-action is not heard here
    group.addEventListener("pointerdown", (down) => {
      if (down.button) return;
      down.stopPropagation(); // the frame would be dragged with it
      dragged = false;
      const [x, unit] = [this.history.number(i), this.reaches.get(i) / 100];
      const ended = new AbortController();
      const on = (name, act) => group.addEventListener(name, act, ended);
      on("pointermove", ({ clientX, clientY }) => {
        const across = clientX - down.clientX;
        if (!dragged && Math.abs(across) < Math.max(4, Math.abs(clientY - down.clientY))) return;
        dragged = true;
        group.setPointerCapture(down.pointerId);
        this.set(i, x + Math.round(across / 2) * unit, `drag ${i}`);
      });
      const end = () => {
        ended.abort();
        this.settle(i);
      };
      on("pointerup", end);
      on("pointercancel", end);
      on("pointerleave", () => dragged || end());
    });
  }

  show() {
    const { pass } = this.live;
    const { gradient } = pass;
    for (const [i, { field, slider, slope }] of this.rows) {
      const x = this.history.number(i);
      if (Math.abs(x) > this.reaches.get(i)) this.reaches.set(i, reach(x));
      const far = this.reaches.get(i);
      const focused = field === document.activeElement;
      const typing = focused && this.history.gesture === `type ${i}`; // and is left alone
      if (slider.max !== String(far)) [slider.min, slider.max] = [-far, far];
      slider.value = x;
      slider.setAttribute("aria-valuetext", short(x));
      if (!typing && !field.matches("[aria-invalid]:focus")) {
        field.value = focused ? bare(x) : fitting(x);
        field.removeAttribute("aria-invalid");
      }
      slope.innerHTML = pass.lost.has(pass.output) ? LOST : typeset(gradient[i]);
      slope.title = onTheLine(this.live.output.said, this.live.nodes[i].said);
    }
  }
}

// The shortest text that is a number, whole ones without their point.
const bare = (x) => exactly(x).replace(/\.0$/, "");

// In as many digits as a field has room for.
function fitting(x) {
  const texts = [6, 5, 4, 3].map((digits) => bare(Number(x.toPrecision(digits))));
  return texts.find(({ length }) => length <= 10) ?? x.toExponential(3);
}

// How far a slider goes to both sides of 0: a round number, at least twice as far as it is.
function reach(x) {
  const twice = x ? Math.min(Math.max(2 * Math.abs(x), 1e-300), 4e307) : 1;
  const power = 10 ** Math.floor(Math.log10(twice));
  return Number(([1, 2, 5].find((m) => m * power >= twice) ?? 10) * power).toPrecision(1) * 1;
}
