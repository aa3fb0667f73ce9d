// The picture: the nodes and edges of the SVG, as far as the passes have gone.

class Graph {
  constructor(frame, svg, live, pick) {
    this.frame = frame;
    this.live = live;
    frame.append(svg);
    const part = (name) => svg.querySelector(`[data-id="${name}"]`);
    this.nodes = live.nodes.map((_, i) => this.node(part(`v${i}`), i, () => pick(i)));
    this.edges = live.steps.map((_, i) => part(`step${i + 1}`));
    this.toConstants = live.forward.flatMap(({ i, operands }) =>
      operands.map((_, k) => ({ i, k, edge: part(`v${i}from${k}`) })).filter(({ edge }) => edge))
      .map((found) => ({ ...found, text: slope(found.edge) }));
    for (const extra of svg.querySelectorAll("title, desc, style")) extra.remove(); // an image's
    for (const name of ["style", "aria-labelledby", "aria-describedby"]) svg.removeAttribute(name);
    this.detailed = this.nodes.some(Boolean);
    svg.setAttribute("role", this.detailed ? "group" : "img");
    svg.setAttribute("aria-label", "The computation graph");
    if (svg.viewBox) {
      const { width, height } = svg.viewBox.baseVal;
      svg.style.setProperty("--natural", `${width / 11.25}rem`); // of 15 px: points are 4/3 px
      svg.style.setProperty("--ratio", width / height);
      svg.removeAttribute("width");
      svg.removeAttribute("height");
    }
    this.slopes = this.edges.map(slope);
    this.across = live.forward.every(({ i, operands }) => operands.every((p) => this.apart(p, i) > 0));
  }

  // Make a box something to press, and find its number and its gradient.
  node(group, i, pick) {
    if (!group) return null;
    const cells = cellsOf(group);
    for (const { texts, polygon } of cells) center(texts, polygon);
    const box = extent(cells.map(({ polygon }) => polygon));
    group.append(halo(box));
    group.classList.add(this.live.nodes[i].kind);
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.addEventListener("click", pick);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      pick();
    });
    const [, number, grad] = cells;
    return { group, box, row: grad && new Row(number, grad) };
  }

  // How far the box of an operand is from that of a node, to the right.
  apart(operand, node) {
    const [from, to] = [operand, node].map((i) => this.nodes[i]?.box);
    return from && to ? to.left - from.right : Infinity;
  }

  // Write a local derivative on its edge, between boxes where these stand side by side.
  label(text, said, operand, node) {
    if (text) squeeze(text, said, this.across ? this.apart(operand, node) : Infinity);
  }

  // `view` says how far the passes have gone, and what an open question keeps hidden; the picture
  // stays where it is if it is `still`.
  show(view, held, still) {
    const step = this.live.steps[view.current];
    const { operation } = view;
    const subject = view.whole ? this.live.steps[view.question.step].parent : step?.parent;
    this.edges.forEach((edge, i) => {
      if (!edge) return;
      const { parent, node, short } = this.live.steps[i];
      const made = node === operation?.i;
      this.label(this.slopes[i], short, parent, node);
      edge.classList.toggle("walked", i < view.done);
      edge.classList.toggle("current", i === view.current || made);
      edge.classList.toggle("secret", view.hides(i));
    });
    for (const { i, k, edge, text } of this.toConstants) { // along which no step goes
      const { operands } = this.live.nodes[i];
      this.label(text, this.live.nodes[i].slope(k), operands[k], i);
      edge.classList.toggle("secret", view.unknown.has(i) || view.hidesAll);
    }
    this.nodes.forEach((node, i) => {
      if (!node) return;
      const from = operation ? operation.operands.includes(i) : step?.node === i;
      node.group.classList.toggle("from", from);
      node.group.classList.toggle("to", (operation?.i ?? subject) === i);
      node.group.classList.toggle("refused", this.live.pass.refused.has(i));
      node.group.classList.toggle("held", held === i);
      node.row?.write(view.numberText(i), view.gradText(i)); // a constant has none
    });
    const ends = operation ? [...operation.operands, operation.i] : [step?.node, subject];
    const seen = ends.filter((i) => i !== undefined);
    const [first] = this.live.forward;
    if (!seen.length) seen.push(...(view.begun || !first ? [this.nodes.length - 1] : first.operands));
    if (!still) this.reveal(seen.map((i) => this.nodes[i]?.group), this.done !== undefined);
    if (view.done === this.done + 1) this.travel(this.edges[view.current]);
    this.done = view.done;
  }

  // Let a dot run along an edge, against its arrow as gradients do.
  travel(edge) {
    const path = edge?.querySelector("path");
    if (!path || calm()) return;
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    dot.setAttribute("r", 5);
    dot.setAttribute("class", "traveller");
    edge.append(dot);
    const length = path.getTotalLength();
    const start = performance.now();
    const move = (time) => {
      const done = Math.min(1, Math.max(0, (time - start) / 500));
      const point = path.getPointAtLength(length * (1 - done));
      dot.setAttribute("cx", point.x);
      dot.setAttribute("cy", point.y);
      if (done < 1) requestAnimationFrame(move);
      else dot.remove();
    };
    move(start);
  }

  // Scroll the frame, and nothing around it, to both ends of the step, or else to its operand.
  reveal(ends, smoothly) {
    const { frame } = this;
    const found = ends.filter(Boolean).map((end) => end.getBoundingClientRect());
    if (!found.length || !frame.clientWidth) return;
    const { left, top } = frame.getBoundingClientRect();
    const middle = (near, far, size) => {
      const [low, high] = [near, far].map((side) => found.map((box) => box[side]));
      const fits = Math.max(...high) - Math.min(...low) < size;
      const center = (Math.min(...low) + Math.max(...high)) / 2;
      return (fits ? center : (low.at(-1) + high.at(-1)) / 2) - size / 2;
    };
    frame.scrollTo({
      left: frame.scrollLeft + middle("left", "right", frame.clientWidth) - left,
      top: frame.scrollTop + middle("top", "bottom", frame.clientHeight) - top,
      behavior: smoothly && !calm() ? "smooth" : "instant",
    });
  }
}

// The number and the gradient in a box. The line between them gives way to the longer text.
class Row {
  constructor(...cells) {
    this.cells = cells;
    const [{ left, right: middle }, { right }] = cells.map(({ polygon }) => extent([polygon]));
    Object.assign(this, { left, middle, right, at: middle });
  }

  write(...said) {
    const { left, middle, right } = this;
    const [number, grad] = said.map((text) => breadth(text) + 6);
    const fits = number + grad <= right - left;
    const shared = left + ((right - left) * number) / (number + grad);
    const at = fits ? Math.min(Math.max(middle, left + number), right - grad) : shared;
    if (at !== this.at) this.divide(at);
    const rooms = [at - left - 6, right - at - 6];
    this.cells.forEach(({ texts: [text] }, k) => squeeze(text, said[k], rooms[k]));
    this.cells[1].texts[0].setAttribute("class", sign(said[1]));
  }

  divide(at) {
    this.cells.forEach(({ texts: [text], polygon }, k) => {
      for (const point of polygon.points) if (Math.abs(point.x - this.at) < 2) point.x = at;
      text.setAttribute("x", k ? (at + this.right) / 2 : (this.left + at) / 2);
    });
    this.at = at;
  }
}

// The text of an edge that is its local derivative.
function slope(edge) {
  const texts = [...(edge?.querySelectorAll("text") ?? [])];
  return texts.find(({ textContent }) => !/uses/.test(textContent));
}

// Write a text narrower where it would leave its cell, which was measured for another.
function squeeze(text, said, room) {
  text.textContent = said;
  if (breadth(said) <= room) return text.removeAttribute("textLength");
  text.setAttribute("textLength", room);
  text.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

// How wide a text is, of 12 px.
const breadth = (said) => [...said].reduce((sum, c) => sum + (/[-. r]/.test(c) ? 4 : 6.7), 0);

// What the colour of a gradient's text says.
function sign(text) {
  if (/^grad -/.test(text)) return "falls";
  return /^grad (\?|—|NaN|0( |$))/.test(text) ? "level" : "rises";
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// The cells of a box: title, number, gradient; of a constant, its number alone.
function cellsOf(group) {
  const cells = [];
  let polygon = null;
  for (const shape of [...group.children]) {
    if (shape.tagName === "polygon") polygon = shape;
    if (shape.tagName !== "text") continue;
    if (!shape.textContent.trim()) shape.remove();
    else if (cells.at(-1)?.polygon === polygon) cells.at(-1).texts.push(shape);
    else cells.push({ polygon, texts: [shape] });
  }
  return cells;
}

// Set the lines of a cell in its middle: the fonts here are not those it was measured for.
function center(texts, polygon) {
  const { left, right, top, bottom } = extent([polygon]);
  const heights = [...new Set(texts.map((text) => text.getAttribute("y")))];
  heights.forEach((height, i) => {
    const line = texts.filter((text) => text.getAttribute("y") === height);
    const y = (top + bottom) / 2 + 4.2 + 14 * (i - (heights.length - 1) / 2);
    for (const text of line) text.setAttribute("y", y);
    setLine(line, (left + right) / 2);
  });
}

// Set the texts of a line side by side.
function setLine(texts, middle) {
  const widths = texts.map((text) => text.getComputedTextLength());
  const gap = 4;
  let x = middle - widths.reduce((sum, width) => sum + width + gap, -gap) / 2;
  texts.forEach((text, i) => {
    if (texts.length > 1 && !widths[i]) return; // not laid out yet
    const alone = texts.length === 1;
    text.setAttribute("x", alone ? middle : x);
    text.setAttribute("text-anchor", alone ? "middle" : "start");
    x += widths[i] + gap;
  });
}

function halo({ left, right, top, bottom }) {
  const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const [width, height] = [right - left + 6, bottom - top + 6];
  const place = { x: left - 3, y: top - 3, width, height, rx: 3 };
  for (const [name, value] of Object.entries(place)) frame.setAttribute(name, value);
  frame.setAttribute("class", "halo");
  return frame;
}

function extent(polygons) {
  const points = polygons.flatMap((polygon) => [...polygon.points]);
  const [across, down] = [points.map((point) => point.x), points.map((point) => point.y)];
  return {
    left: Math.min(...across),
    right: Math.max(...across),
    top: Math.min(...down),
    bottom: Math.max(...down),
  };
}
