// How large the picture is: zoomed, fitted into its frame, dragged about, on the whole screen.

class Zoom {
  constructor(frame) {
    this.frame = frame;
    this.scale = 1;
    frame.addEventListener("pointerdown", (event) => this.grab(event));
    frame.addEventListener("click", (event) => this.dragged && event.stopPropagation(), true);
  }

  by(factor) {
    this.scale = Math.min(5, Math.max(0.3, this.scale * factor));
    this.frame.classList.remove("fitted");
    this.frame.style.setProperty("--zoom", this.scale);
  }

  fit() {
    this.scale = 1;
    this.frame.style.setProperty("--zoom", 1);
    this.frame.classList.toggle("fitted");
  }

  // A finger scrolls by itself.
  grab({ pointerType, button, clientX, clientY }) {
    this.dragged = false;
    if (pointerType !== "mouse" || button) return;
    const { frame } = this;
    const [left, top] = [frame.scrollLeft, frame.scrollTop];
    const ended = new AbortController();
    const move = (event) => {
      const [across, down] = [event.clientX - clientX, event.clientY - clientY];
      this.dragged ||= Math.hypot(across, down) > 4;
      if (this.dragged) frame.scrollTo({ left: left - across, top: top - down, behavior: "instant" });
    };
    addEventListener("pointermove", move, ended);
    addEventListener("pointerup", () => ended.abort(), ended);
  }
}

function fillScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

function enlarge() {
  const large = document.documentElement.classList.toggle("large");
  find(".large").setAttribute("aria-pressed", large);
}
