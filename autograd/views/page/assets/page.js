// The page: one stepper for each piece of HTML that holds its data.

const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" };

class Stepper {
  constructor(host) {
    const data = JSON.parse(host.querySelector('script[type="application/json"]').textContent);
    this.root = host.attachShadow({ mode: "open" });
    this.root.append(host.querySelector("template").content.cloneNode(true));
    this.data = data;
    this.position = 0;
    this.held = null;
    this.mode = "walk";
    this.timer = null;
    this.app = this.find("app");
    this.equations = new Equations(data);
    this.graph = this.drawn(host);
    this.quiz = new Quiz(this.find("quiz"), data, this.equations, () => this.show());
    this.find("title").replaceChildren(prose(data.title));
    this.find("facts").replaceChildren(prose(host.querySelector(".facts").textContent));
    this.survey();
    this.list();
    this.listen(host.hasAttribute("data-page") ? document : this.root);
    this.go(0);
    if (data.mode === "try" && data.questions.length) this.switch("try", false);
  }

  find(name) {
    return this.root.querySelector(`.${name}`);
  }

  // The picture with its nodes, or whatever stands in its place.
  drawn(host) {
    const frame = this.find("map");
    const image = host.querySelector("img.picture");
    if (!image) {
      for (const stand of host.querySelectorAll(".stand-in")) frame.append(stand.cloneNode(true));
      return null;
    }
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (c) => c.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    return new Graph(frame, document.importNode(svg, true), this.data, (node) => this.hold(node));
  }

  // Say so where the picture is not one of this step.
  survey() {
    if (this.graph?.detailed) return;
    this.find("map").classList.add("overview");
    this.find("map").append(make("p", {}, "An overview of the finished pass."));
  }

  list() {
    const rows = this.data.steps.map((step, i) => {
      const button = make("button", { type: "button", class: "link" }, math(step.text));
      button.addEventListener("click", () => this.jump(i + 1));
      return make("li", {}, button);
    });
    this.find("list").querySelector("summary").append(`All ${rows.length} steps`);
    this.find("list").querySelector("ol").append(...rows);
    this.rows = rows;
    if (!this.graph?.detailed) this.find("list").open = true;
  }

  listen(keys) {
    const actions = {
      first: () => this.jump(0),
      back: () => this.jump(this.position - 1),
      play: () => (this.timer ? this.pause() : this.play()),
      forward: () => this.jump(this.position + 1),
      last: () => this.jump(this.data.steps.length),
      follow: () => this.hold(null),
      walk: () => this.switch("walk"),
      try: () => this.switch("try"),
    };
    for (const [name, action] of Object.entries(actions)) {
      this.find(name).addEventListener("click", action);
    }
    this.find("modes").hidden = !this.data.questions.length;
    this.find("slider").max = this.data.steps.length;
    this.find("slider").addEventListener("input", (event) => this.jump(Number(event.target.value)));
    this.find("speed").addEventListener("change", () => this.timer && this.play());
    keys.addEventListener("keydown", (event) => this.press(event, actions));
  }

  // Keys that a control has a use for are left to it.
  press(event, actions) {
    const target = event.composedPath()[0];
    const name = KEYS[event.key];
    if (!name || this.mode !== "walk" || event.altKey || event.ctrlKey || event.metaKey) return;
    if (/^(input|select|textarea)$/i.test(target.tagName)) return;
    if (name === "play" && target.closest?.("button, summary, [role=button]")) return;
    event.preventDefault();
    actions[name]();
  }

  jump(position) {
    this.pause();
    if (this.mode === "walk") this.go(position);
  }

  go(position) {
    this.position = Math.max(0, Math.min(this.data.steps.length, position));
    this.show();
  }

  play() {
    clearInterval(this.timer);
    if (this.position === this.data.steps.length) this.go(0);
    const tick = () => {
      this.go(this.position + 1);
      if (this.position === this.data.steps.length || !this.app.isConnected) this.pause();
    };
    this.timer = setInterval(tick, Number(this.find("speed").value));
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
    for (const name of ["walk", "try"]) this.find(name).setAttribute("aria-pressed", mode === name);
    if (mode === "try") this.quiz.open(this.quiz.index, focus);
    else this.show();
  }

  show() {
    const trying = this.mode === "try";
    const question = trying ? this.quiz.question : undefined;
    const view = new View(this.data, this.position, question, trying && this.quiz.revealed);
    this.graph?.show(view, this.held);
    this.showControls();
    this.showEquation();
    this.showNode(view);
  }

  showControls() {
    const { position, data } = this;
    const count = data.steps.length;
    this.find("slider").value = position;
    this.find("slider").style.setProperty("--done", `${(100 * position) / count}%`);
    this.find("slider").setAttribute("aria-valuetext", `step ${position} of ${count}`);
    this.find("at").textContent = `step ${position} of ${count}`;
    const idle = { first: 0, back: 0, forward: count, last: count };
    for (const [name, end] of Object.entries(idle)) {
      this.find(name).setAttribute("aria-disabled", position === end);
    }
    this.find("play").setAttribute("aria-label", this.timer ? "Pause" : "Play");
    this.find("play").classList.toggle("playing", Boolean(this.timer));
  }

  showEquation() {
    const { position, equations } = this;
    const card = this.find("equation");
    card.querySelector(".heading").replaceChildren(...equations.heading(position));
    card.querySelector(".body").replaceChildren(equations.step(position));
    card.querySelector(".totals").replaceChildren(...equations.total(position));
    const said = position
      ? `Step ${position}: ${spoken(this.data.steps[position - 1].text)}`
      : "Before the first step";
    if (this.mode === "walk" && this.find("spoken").textContent !== said) {
      this.find("spoken").textContent = said;
    }
    this.rows.forEach((row, i) => {
      if (i === position - 1) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    });
  }

  // The derivation of the node that is held, or else of the one the step is about.
  showNode(view) {
    const step = this.data.steps[view.question?.step ?? view.position - 1];
    const followed = view.question?.part === "upstream" ? step.node : step?.parent;
    const node = this.held ?? followed ?? this.data.nodes.length - 1;
    const card = this.find("derivation");
    const jump = (position) => this.jump(position);
    const { name, kind } = this.data.nodes[node];
    card.querySelector(".heading").replaceChildren("Derivation of ", math(name));
    this.find("kind").textContent = this.held === null ? kind : "";
    card.querySelector(".body").replaceChildren(this.equations.derivation(node, view, jump));
    this.find("follow").hidden = this.held === null;
  }
}

// A notebook may run the script elsewhere: then it looks for what is not yet at work.
const HOSTS = ".chainrule-steps";
const own = document.currentScript?.closest(HOSTS);
for (const host of own ? [own] : document.querySelectorAll(HOSTS)) {
  if (!host.shadowRoot && host.querySelector("template")) new Stepper(host);
}
