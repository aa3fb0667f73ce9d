// A curve in its axes, with a few round numbers along them.

const [LEFT, TOP, WIDE, HIGH_UP] = [58, 20, 330, 176]; // where curves are drawn, of 400 by 230

class Chart {
  constructor(frame) {
    this.svg = drawn("svg", { viewBox: "0 0 400 230", role: "img", class: "chart" });
    frame.append(this.svg);
  }

  // Begin anew, with axes from the least to the greatest number that is to be seen.
  begin([xs, across], [ys, up], said) {
    const scale = ([low, high], from, size) => (v) => from + ((v - low) / (high - low)) * size;
    this.x = scale(xs, LEFT, WIDE);
    this.y = scale(ys, TOP + HIGH_UP, -HIGH_UP);
    const place = { x: LEFT, y: TOP, width: WIDE, height: HIGH_UP };
    const viewBox = Object.values(place).join(" ");
    this.inside = drawn("svg", { ...place, viewBox }); // cuts curves off
    this.svg.setAttribute("aria-label", said);
    this.svg.replaceChildren(this.inside);
    for (const v of ticks(...xs)) {
      this.line([v, v], ys, v ? "grid" : "grid zero");
      this.write(v, this.x(v), TOP + HIGH_UP + 15, "middle");
    }
    for (const v of ticks(...ys)) {
      this.line(xs, [v, v], v ? "grid" : "grid zero");
      this.write(v, LEFT - 6, this.y(v) + 4, "end");
    }
    this.write(across, LEFT + WIDE, 228, "end");
    this.write(up, LEFT - 6, 11, "end");
  }

  write(said, x, y, anchor) {
    const text = typeof said === "number" ? short(said).replace("-", "−") : said;
    this.svg.append(drawn("text", { x, y, "text-anchor": anchor }, text));
  }

  // A line through points, with gaps where there is no number.
  line(xs, ys, kind) {
    const far = (y) => Math.max(-999, Math.min(999, y));
    const corners = xs.map((x, k) => {
      if (!Number.isFinite(ys[k])) return "";
      const pen = Number.isFinite(ys[k - 1]) ? "L" : "M";
      return `${pen}${this.x(x).toFixed(1)} ${far(this.y(ys[k])).toFixed(1)}`;
    });
    this.inside.append(drawn("path", { d: corners.join(""), class: kind }));
  }

  point(x, y) {
    if (![x, y].every(Number.isFinite)) return;
    this.inside.append(drawn("circle", { cx: this.x(x), cy: this.y(y), r: 4 }));
  }
}

// Three to six round numbers from low to high.
function ticks(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 3));
  const unit = [5, 2, 1].find((m) => m * power <= (high - low) / 3) * power;
  const found = [];
  for (let k = Math.ceil(low / unit); k * unit <= high && found.length < 9; k += 1) {
    found.push(Number((k * unit).toPrecision(9)));
  }
  return found;
}

// From the least to the greatest of numbers, with some room, and as far as widths are numbers.
function span(ys) {
  const [low, high] = [Math.max(Math.min(...ys), -7e307), Math.min(Math.max(...ys), 7e307)];
  const room = 0.08 * (high - low) || Math.abs(high) / 10 || 1;
  return [low - room, high + room];
}

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
