// The picture: the nodes and edges of the SVG, as far as the pass has gone.

class Graph {
  constructor(frame, svg, data, pick) {
    this.frame = frame;
    this.data = data;
    frame.append(svg);
    this.nodes = data.nodes.map((node, i) => this.prepareNode(svg.querySelector(`#v${i}`), i, pick));
    this.edges = data.steps.map((_, i) => svg.querySelector(`#step${i + 1}`));
    for (const title of svg.querySelectorAll("title")) title.remove(); // they say v0, v1
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", "The computation graph");
    if (svg.viewBox) {
      svg.style.setProperty("--natural", `${(svg.viewBox.baseVal.width * 4) / 3}px`);
      svg.removeAttribute("width");
      svg.removeAttribute("height");
    }
  }

  prepareNode(group, i, pick) {
    if (!group) return null;
    const texts = [...group.querySelectorAll("text")].filter((text) => text.textContent.trim());
    const grad = texts[texts.length - 1];
    if (/^\s*grad /.test(grad.textContent)) center(grad);
    for (const [name, value] of [["tabindex", "0"], ["role", "button"]]) {
      group.setAttribute(name, value);
    }
    group.addEventListener("click", () => pick(i));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      pick(i);
    });
    return { group, grad: /^\s*grad /.test(grad.textContent) ? grad : null };
  }

  // `view` says how far the pass has gone, and what an open question keeps hidden.
  show(view, held) {
    const current = view.asked ?? view.position - 1;
    const step = this.data.steps[current];
    this.edges.forEach((edge, i) => {
      if (!edge) return;
      edge.classList.toggle("walked", i < view.position);
      edge.classList.toggle("current", i === current);
      edge.classList.toggle("secret", view.hides(i));
    });
    this.nodes.forEach((node, i) => {
      if (!node) return;
      const { group, grad } = node;
      group.classList.toggle("from", step?.node === i);
      group.classList.toggle("to", step?.parent === i);
      group.classList.toggle("held", held === i);
      const text = view.gradText(i);
      if (grad) {
        grad.textContent = text;
        grad.setAttribute("fill", /grad \?/.test(text) ? "#6b7280" : /-/.test(text) ? "#b91c1c" : "#166534");
      }
      const { name, operation, data } = this.data.nodes[i];
      const said = [...new Set([name, operation, data[0]])].filter(Boolean).join(" = ");
      group.setAttribute("aria-label", `${said}, ${text}`);
    });
    this.reveal(this.edges[current] || this.nodes[this.data.nodes.length - 1]?.group);
  }

  // Scroll the frame, and nothing around it, to what the step is about.
  reveal(shape) {
    if (!shape || this.frame.scrollWidth <= this.frame.clientWidth) return;
    const box = shape.getBoundingClientRect();
    const frame = this.frame.getBoundingClientRect();
    const left = this.frame.scrollLeft + box.left + box.width / 2 - frame.left - frame.width / 2;
    this.frame.scrollTo({ left, behavior: calm() ? "auto" : "smooth" });
  }
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Let a text keep to the middle of its cell, whatever it says.
function center(text) {
  let cell = text.previousElementSibling;
  while (cell && cell.tagName !== "polygon") cell = cell.previousElementSibling;
  if (!cell) return;
  const across = [...cell.points].map((point) => point.x);
  text.setAttribute("x", (Math.min(...across) + Math.max(...across)) / 2);
  text.setAttribute("text-anchor", "middle");
}
