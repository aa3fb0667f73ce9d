// The page: positions of the walk, buttons and keys.

const KEYS = {
  ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play",
  "+": "closer", "=": "closer", "-": "farther", 0: "fit", f: "screen", l: "large",
};
const OF_THE_PICTURE = ["closer", "farther", "fit", "screen", "large"];

const FEW = 60; // steps that are written down at every change
const LONG = 300; // steps that are not before somebody looks

class Stepper {
  constructor(data) {
    this.data = data;
    this.live = new Live(data);
    this.end = this.live.forward.length + 1 + this.live.steps.length;
    this.held = null;
    this.mode = "walk";
    this.timer = null;
    this.app = document.querySelector(".app");
    this.equations = new Equations(this.live, data.sums);
    this.graph = this.drawn();
    this.zoom = new Zoom(find(".map"));
    this.quiz = new Quiz(data, this.live, () => this.show());
    find(".title").innerHTML = data.title;
    this.survey();
    this.list();
    this.listen();
    this.live.listeners.push(() => this.follow());
    addEventListener("beforeprint", () => this.print());
    this.position = 0;
    this.bench();
    this.go(this.position);
    if (data.asks) this.switch("try", false);
  }

  // What the numbers can be changed with.
  bench() {
    const { live, quiz, graph } = this;
    this.history = new History(live);
    const leaves = new Leaves(live, this.history, quiz.arithmetic, graph);
    const box = find(".map svg")?.viewBox?.baseVal;
    find(".bench").classList.toggle("beside", Boolean(box) && box.width < 1.5 * box.height);
    find(".tangent").open = innerWidth > 700;
    new Refusals(live);
    const none = !live.free.length;
    for (const name of ["tangent", "descent", "edits"]) find(`.${name}`).hidden = none;
    if (none) return;
    new Tangent(live, this.history, leaves);
    new Descent(live, this.history);
    this.history.read();
  }

  // Paper has the numbers of the moment, and every step.
  print() {
    if (!this.live.moved.size || this.rows.length > LONG) return;
    find(".list").open = true;
    this.write(this.rows);
  }

  // Show other numbers; where nothing was computed yet, all of them.
  follow() {
    document.documentElement.classList.toggle("moved", this.live.moved.size > 0);
    if (this.mode === "try") return this.quiz.moved();
    if (!this.position) this.position = this.end;
    this.show(true);
  }

  // The picture with its nodes, or whatever stands in its place.
  drawn() {
    const frame = find(".map");
    const image = document.querySelector(".static img.picture");
    if (!image) {
      for (const stand of document.querySelectorAll(".static .stand-in")) {
        frame.append(stand.cloneNode(true));
      }
      return null;
    }
    const text = decodeURIComponent(image.src.slice(image.src.indexOf(",") + 1));
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    return new Graph(frame, document.importNode(svg, true), this.live, (node) => this.hold(node));
  }

  // Say so where the picture is not one of this step.
  survey() {
    if (this.graph?.detailed) return;
    find(".map").classList.add("overview");
    find(".map").tabIndex = 0; // to be scrolled by keys
    find(".map").append(make("p", {}, "An overview of the finished pass."));
  }

  list() {
    this.rows = this.live.steps.map((_, i) => {
      return make("li", {}, make("button", { type: "button", class: "link", "data-step": i }));
    });
    find(".list").addEventListener("toggle", () => this.showList());
    find(".list summary").append(`All ${this.rows.length} steps of the backward pass`);
    find(".list ol").append(...this.rows);
    if (!this.graph?.detailed) find(".list").open = true;
  }

  listen() {
    const actions = {
      first: () => this.jump(0),
      back: () => this.jump(this.position - 1),
      play: () => (this.timer ? this.pause() : this.play()),
      forward: () => this.jump(this.position + 1),
      last: () => this.jump(this.end),
      follow: () => this.hold(null),
      walk: () => this.switch("walk"),
      try: () => this.switch("try"),
      closer: () => this.zoom.by(1.25),
      farther: () => this.zoom.by(0.8),
      fit: () => this.zoom.fit(),
      screen: fillScreen,
      large: enlarge,
    };
    for (const [name, action] of Object.entries(actions)) {
      find(`button.${name}`).addEventListener("click", action);
    }
    find(".screen").hidden = !document.fullscreenEnabled;
    find(".modes").hidden = !this.quiz.asking.questions.length;
    find(".slider").max = this.end;
    find(".slider").addEventListener("input", (event) => this.jump(Number(event.target.value)));
    find(".speed").addEventListener("change", () => this.timer && this.play());
    document.addEventListener("keydown", (event) => this.press(event, actions));
    this.app.addEventListener("click", ({ target: { dataset } }) => {
      if (dataset.step) this.jump(this.live.forward.length + 2 + Number(dataset.step));
    });
  }

  // Keys that a control has a use for are left to it.
  press(event, actions) {
    const { target } = event;
    const name = KEYS[event.key];
    const works = this.mode === "walk" || OF_THE_PICTURE.includes(name);
    if (!name || !works || event.altKey || event.ctrlKey || event.metaKey) return;
    if (/^(input|select|textarea)$/i.test(target.tagName)) return;
    if (name === "play" && target.closest?.("button, summary, [role=button]")) return;
    if (name === "screen" && !document.fullscreenEnabled) return;
    event.preventDefault();
    actions[name]();
  }

  jump(position) {
    this.pause();
    if (this.mode === "walk") this.go(position);
  }

  go(position) {
    this.position = Math.max(0, Math.min(this.end, position));
    this.show();
  }

  play() {
    clearInterval(this.timer);
    if (this.position === this.end) this.go(0);
    const tick = () => {
      this.go(this.position + 1);
      if (this.position === this.end) this.pause();
    };
    this.timer = setInterval(tick, Number(find(".speed").value));
    this.show();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.show();
  }

  hold(node) {
    this.held = node;
    this.show();
  }

  switch(mode, focus = true) {
    this.pause();
    this.mode = mode;
    this.app.dataset.mode = mode;
    for (const name of ["walk", "try"]) {
      find(`button.${name}`).setAttribute("aria-pressed", mode === name);
    }
    if (mode === "try") this.quiz.open(this.quiz.index, focus);
    else this.show();
  }

  show(still = false) {
    const trying = this.mode === "try";
    const { question, revealed } = this.quiz ?? {};
    const position = trying ? this.end : this.position; // where the summary stands
    const view = new View(this.live, position, trying ? question : undefined, revealed);
    const { lost, value } = this.live.output;
    find(".facts").innerHTML = filled(this.data.facts, [], lost ? LOST : value);
    this.graph?.show(view, this.held, still);
    this.showControls();
    if (trying) find(".spoken").textContent = ""; // it holds answers
    else this.showEquation(view);
    this.showNode(view);
  }

  get place() {
    const { forward, steps } = this.live;
    const done = this.position - forward.length - 1;
    if (done < 0) return `forward ${this.position} of ${forward.length}`;
    return `step ${done} of ${steps.length}`;
  }

  showControls() {
    const { position, end } = this;
    find(".slider").value = position;
    find(".slider").setAttribute("aria-valuetext", this.place);
    find(".at").textContent = this.place;
    const idle = { first: 0, back: 0, forward: end, last: end };
    for (const [name, last] of Object.entries(idle)) {
      find(`.${name}`).setAttribute("aria-disabled", position === last);
    }
    find(".play").setAttribute("aria-label", this.timer ? "Pause" : "Play");
    find(".play").classList.toggle("playing", Boolean(this.timer));
  }

  showEquation(view) {
    const shown = this.equations.shown(view);
    ["heading", "body", "totals"].forEach((part, i) => {
      find(`.equation .${part}`).innerHTML = shown[i];
    });
    const text = (this.live.steps[view.done - 1] ?? view.operation)?.text ?? "";
    const said = `${this.place}: ${text}`;
    if (find(".spoken").textContent !== said) find(".spoken").textContent = said;
    this.showList();
    this.row?.removeAttribute("aria-current");
    this.row = this.rows[view.done - 1];
    this.row?.setAttribute("aria-current", "step");
  }

  // The steps as text: those in sight at once, all when it is quiet; of many, while it is open.
  showList() {
    const { open } = find(".list");
    if (this.rows.length > LONG && !open) return;
    clearTimeout(this.writing);
    if (this.rows.length <= FEW || !this.rows[0].textContent) return this.write(this.rows);
    if (open) this.write(this.inSight());
    this.writing = setTimeout(() => this.write(this.rows), 300);
  }

  write(rows) {
    for (const { firstChild: button } of rows) {
      button.textContent = this.live.steps[button.dataset.step].text;
    }
  }

  inSight() {
    const { top, bottom } = find(".list ol").getBoundingClientRect();
    return this.rows.filter((row) => {
      const box = row.getBoundingClientRect();
      return box.bottom > Math.max(0, top) && box.top < Math.min(innerHeight, bottom);
    });
  }

  // The derivation of the node that is held, or else of the one the position is about.
  showNode(view) {
    const step = this.live.steps[view.question?.step ?? view.current];
    const node = this.held ?? view.operation?.i ?? step?.parent ?? this.live.output.i;
    const { name, kind } = this.live.nodes[node];
    find(".derivation .heading").innerHTML = `Derivation of ${name}`;
    find(".kind").textContent = this.held === null ? kind : "";
    find(".derivation .body").innerHTML = this.equations.derivation(node, view, this.held !== null);
    find(".follow").hidden = this.held === null;
  }
}

// The static form is better than a page without colours, or half of one.
function begin() {
  const { classList } = document.documentElement;
  document.head.append(make("style", {}, STYLES));
  document.body.append(document.createRange().createContextualFragment(PAGE));
  classList.add("interactive");
  try {
    new Stepper(DATA);
  } catch (error) {
    classList.remove("interactive");
    document.querySelector(".app").remove();
    throw error;
  }
}

if (CSS.supports("color", "light-dark(red, blue)")) begin();
